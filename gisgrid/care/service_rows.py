"""Who serves the needs of people, now and before, as far as the actor may know it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, select
from typing_extensions import TypedDict

from gisgrid.access.accounts import organisation_name
from gisgrid.access.models import Account, Worker
from gisgrid.areas.view import View
from gisgrid.care.servers import ServerChoices, server_choices
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import NEEDS
from gisgrid.people.edits.openings import open_person
from gisgrid.people.edits.scope import EditSubject
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Facility
from gisgrid.storage.base import lived_on


class NeedServiceRow(TypedDict):
    """Who serves or served a need of a kind, by days: `until` is the first one on which it holds no more.

    `holder` is the id of the worker, the organisation's account or the facility; a volunteer has none.
    """

    kind: str
    server: str
    name: str | None
    holder: str | None
    since: str
    until: str | None


class PersonServices(TypedDict):
    """Who serves a person's needs: what runs, what is over, and who could be chosen.

    `is_shown` is false to heads who gave no reason: nothing is told then.
    """

    person: str
    is_shown: bool
    running: list[NeedServiceRow]
    former: list[NeedServiceRow]
    choices: ServerChoices | None


def is_running(day: date) -> ColumnElement[bool]:
    """Services that run on a day, as SQL."""
    return lived_on(NeedService.since, NeedService.until, day)


def person_services(
    view: View, person_id: str, *, reason: str | None = None, now: datetime
) -> PersonServices:
    """Who serves the needs of a person that may be known, and who could. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    Conflict
        The person was erased or has refused to be registered.
    """
    subject, is_shown = open_person(view, person_id, "services:view", reason, now)
    rows = _known_rows(view, subject) if is_shown else []
    day = view.when.day
    return PersonServices(
        person=person_id,
        is_shown=is_shown,
        running=[row for row in rows if row["until"] is None or row["until"] > day.isoformat()],
        former=[row for row in rows if row["until"] is not None and row["until"] <= day.isoformat()],
        choices=server_choices(view, now=now) if is_shown else None,
    )


def running_rows(view: View, residents: Iterable[str]) -> dict[tuple[str, str], NeedServiceRow]:
    """Who serves needs on the day of the view, by person and kind. Asks no right and no consent."""
    rows: dict[tuple[str, str], NeedServiceRow] = {}
    for few in batches(sorted(set(residents))):
        wanted = and_(NeedService.resident_id.in_(few), is_running(view.when.day))
        for row in view.session.execute(_services().where(wanted)):
            rows[row.NeedService.resident_id, row.NeedService.kind] = _row(row)
    return rows


def _known_rows(view: View, subject: EditSubject) -> Sequence[NeedServiceRow]:
    states = states_of(view.session, subject.household, subject.person)
    known = [kind for kind, field in NEEDS.items() if states[field.purpose] == FieldState.OPEN]
    own = and_(NeedService.resident_id == subject.id, NeedService.kind.in_(known))
    order = (NeedService.since.desc(), NeedService.noted_at.desc(), NeedService.id)
    return [_row(row) for row in view.session.execute(_services().where(own).order_by(*order))]


def _services() -> Select[Any]:
    name = case(
        (NeedService.worker_id.is_not(None), Worker.name),
        (NeedService.organisation_id.is_not(None), organisation_name()),
        else_=Facility.name,
    )
    return (
        select(NeedService, name.label("named"))
        .outerjoin(Worker, Worker.id == NeedService.worker_id)
        .outerjoin(Account, Account.id == NeedService.organisation_id)
        .outerjoin(Facility, Facility.id == NeedService.facility_id)
    )


def _row(row: Any) -> NeedServiceRow:
    service: NeedService = row.NeedService
    return NeedServiceRow(
        kind=service.kind,
        server=service.server,
        name=service.name if row.named is None else row.named,
        holder=service.worker_id or service.organisation_id or service.facility_id,
        since=service.since.isoformat(),
        until=service.until.isoformat() if service.until else None,
    )
