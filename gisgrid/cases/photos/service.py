"""Photos put to a case, listed and opened, by who sees the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.parties import who_is
from gisgrid.cases.core.precision import sees_place, sees_texts
from gisgrid.cases.core.scope import case_within, opened_cases
from gisgrid.cases.core.store import case_snapshot, write_note
from gisgrid.cases.core.workflow import ENDED_STATES, Who
from gisgrid.cases.photos.models import CasePhoto, PhotoKind
from gisgrid.cases.photos.pictures import Picture
from gisgrid.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, say
from gisgrid.storage.base import new_id

MOST_IN_REPORT: Final = 3
"""How many photos come with a report."""
MOST_OF_CASE: Final = 12
"""How many photos a case has in all."""
NOTE: Final = "photo"
"""How the log calls it that somebody put a photo to a case."""
_HANDLING: Final = frozenset(
    {Who.HANDLER, Who.CO_HANDLER, Who.MEMBER, Who.STAFF, Who.HEAD, Who.NEARBY, Who.NEARBY_HANDLER}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFile:
    """A photo to be sent: JPEG bytes and the name of a file that tells nothing of a person."""

    name: str
    jpeg: bytes


class PhotoRow(TypedDict):
    """A photo of a case; it is opened at `/cases/ID/photos/ID`, with `?size=small` the one for lists."""

    id: str
    kind: Annotated[str, Field(description="report, before or after the handling")]
    at: str
    width: int
    height: int


def photo_faults(pictures: Sequence[Picture]) -> list[Fault]:
    """What is wrong with the number of photos of a report."""
    if len(pictures) <= MOST_IN_REPORT:
        return []
    return [Fault(message=say("a report has at most {most} photos", most=MOST_IN_REPORT), field="photos")]


def put_photos(
    session: Session,
    case_id: str,
    pictures: Sequence[Picture],
    *,
    kind: PhotoKind,
    account_id: str | None,
    now: datetime,
) -> list[CasePhoto]:
    """Keep pictures with a case, each once; whoever calls has asked the right. Gives those that are new."""
    statement = select(CasePhoto.digest).where(CasePhoto.case_id == case_id, CasePhoto.kind == kind)
    there = set(session.scalars(statement))
    fresh = {picture.digest: picture for picture in pictures if picture.digest not in there}
    photos = [
        CasePhoto(
            id=new_id(),
            case_id=case_id,
            account_id=account_id,
            kind=kind,
            at=now,
            digest=picture.digest,
            width=picture.width,
            height=picture.height,
            picture=picture.jpeg,
            thumbnail=picture.small,
        )
        for picture in fresh.values()
    ]
    session.add_all(photos)
    session.flush()
    return photos


def add_photo(view: View, case_id: str, kind: PhotoKind, picture: Picture, *, now: datetime) -> None:
    """Put a photo of before or after the handling to an open case; the same one again changes nothing.

    Raises
    ------
    NotAllowed
        The role has no part in handling cases, or the actor has nothing to do with this one.
    NotFound
        No such case within what the actor may see.
    InvalidInput
        It is no photo of the handling.
    Conflict
        The case has ended, or has as many photos as it may.
    """
    case = _handled(view, case_id)
    if kind not in (PhotoKind.BEFORE, PhotoKind.AFTER):
        raise InvalidInput("a photo of the handling shows before or after", field="kind")
    if case.state in ENDED_STATES:
        raise Conflict("the case has ended: no photo is put to it any more")
    count = select(func.count()).where(CasePhoto.case_id == case.id)
    if (view.session.scalar(count) or 0) >= MOST_OF_CASE:
        raise Conflict(say("a case has at most {most} photos", most=MOST_OF_CASE))
    actor = view.actor
    kept = put_photos(view.session, case.id, [picture], kind=kind, account_id=actor.account_id, now=now)
    if not kept:
        return
    write_note(view.session, actor, case, NOTE, now=now)
    record(view.session, actor, "cases:photo", "case", now=now, object_id=case.id)
    touch(view.session, [case.community_id])
    view.session.flush()


def may_add(view: View, case: Case) -> bool:
    """Whether the actor may put photos of the handling to a case now."""
    who = who_is(view, case, case_snapshot(view.session, case))
    return case.state not in ENDED_STATES and not who.isdisjoint(_HANDLING)


def photos_of(view: View, case_id: str) -> list[PhotoRow]:
    """The photos of a case that are there still, the earliest first; the actor must be able to see it."""
    rows = view.session.scalars(
        select(CasePhoto)
        .where(CasePhoto.case_id == case_id, CasePhoto.picture.is_not(None))
        .order_by(CasePhoto.at, CasePhoto.id)
    )
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "at": row.at.astimezone(view.tz).isoformat(),
            "width": row.width,
            "height": row.height,
        }
        for row in rows
    ]


def open_photo(view: View, case_id: str, photo_id: str, *, small: bool, now: datetime) -> PhotoFile:
    """A photo of a case, whole or small. Opening a whole one leaves an audit entry.

    Raises
    ------
    NotAllowed
        The role sees no cases.
    NotFound
        No such case within what the actor may see, or no such photo; which of them is not told.
    """
    require(view.actor, Action.CASES_VIEW)
    column = CasePhoto.thumbnail if small else CasePhoto.picture
    row = view.session.execute(
        select(CasePhoto, Case)
        .join(Case, Case.id == CasePhoto.case_id)
        .where(CasePhoto.id == photo_id, Case.id == case_id, opened_cases(view))
        .options(undefer(column))
    ).one_or_none()
    sees = row is not None and sees_place(view, row.Case) and sees_texts(view, row.Case)
    content = getattr(row.CasePhoto, column.key) if row and sees else None
    if row is None or not content:
        raise NotFound("no such case")
    if not small:
        record(view.session, view.actor, "cases:photo_view", "case", now=now, object_id=case_id)
    return PhotoFile(name=f"{row.Case.number}-{row.CasePhoto.kind}.jpg", jpeg=content)


def _handled(view: View, case_id: str) -> Case:
    require(view.actor, Action.CASES_HELP)
    case = case_within(view, case_id, lock=True)
    if who_is(view, case, case_snapshot(view.session, case)).isdisjoint(_HANDLING):
        raise NotAllowed("this account may not do that")
    return case
