"""When a plan takes effect: at once, or at the beginning of a later day; and what waits for its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from gisgrid.access.models import Duty
from gisgrid.areas.communities import current_version
from gisgrid.areas.models import Area, Revision
from gisgrid.areas.view import Caches, View
from gisgrid.days import LAST_DAY, day_of, start_of
from gisgrid.errors import Conflict, InvalidInput, say
from gisgrid.geometry.edits import Delta

_NEXT: Final = timedelta(microseconds=1)


def waiting_revisions(session: Session, community_id: str, *, now: datetime) -> list[Revision]:
    """Revisions of a community that have not come into force yet, the next one first."""
    statement = select(Revision).where(Revision.community_id == community_id, Revision.effective_at > now)
    return list(session.scalars(statement.order_by(Revision.effective_at, Revision.number)))


def effect_of(view: View, day: date | None, *, now: datetime) -> datetime:
    """The instant at which a plan takes effect: now, or 00:00 of a day to come in the deployment's zone.

    Instants of a community's revisions differ: one that follows another on the same day comes a microsecond
    later, so that what a scheduled revision wrote can be told from all else and taken back.

    Raises
    ------
    InvalidInput
        The day is past, or after 2199.
    Conflict
        A revision waits for a later time.
    """
    today = day_of(now, view.tz)
    if day is not None and day < today:
        raise InvalidInput("a plan can't take effect in the past", field="effective")
    if day is not None and day > LAST_DAY:
        raise InvalidInput("a day lies between 1900 and 2199", field="effective")
    at = now if day is None or day == today else start_of(day, view.tz)
    waiting = waiting_revisions(view.session, view.community.id, now=now)
    if waiting and day_of(at, view.tz) < day_of(waiting[-1].effective_at, view.tz):
        raise Conflict(_waits(view, waiting[-1]))
    if waiting and at <= waiting[-1].effective_at:
        at = waiting[-1].effective_at + _NEXT
    while at > now and _changes_duties(view, at):
        at += _NEXT
    return at


def _waits(view: View, revision: Revision) -> str:
    return say(
        "revision {number} is scheduled for {day}: withdraw it first, or publish this plan for that day "
        "or a later one",
        number=revision.number,
        day=day_of(revision.effective_at, view.tz).isoformat(),
    )


def _changes_duties(view: View, at: datetime) -> bool:
    """Whether somebody's duty begins or ends at that very instant for reasons of its own."""
    own = Duty.area_id.in_(select(Area.id).where(Area.community_id == view.community.id))
    statement = exists().where(own, or_(Duty.valid_from == at, Duty.valid_to == at))
    return bool(view.session.scalar(select(statement)))


def view_ahead(view: View, at: datetime, *, caches: Caches) -> View:
    """The same look at the division that will be in force at an instant to come; figures are those of now."""
    version = current_version(view.session, view.community.id, at=at)
    division = caches.divisions.get(view.session, view.community.id, at=at, version=version)
    return replace(view, division=division, version=version)


def refuse_scheduled_cut(delta: Delta) -> None:
    """Refuse to schedule a plan that makes new cells: what is reported until then must find its cell.

    Raises
    ------
    Conflict
        It cuts or reshapes cells, changes the outline, or moves points.
    """
    if delta.removed or delta.added or delta.points or delta.outline is not None:
        raise Conflict("a plan that cuts cells takes effect at once: publish it without a day")
