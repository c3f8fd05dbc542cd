"""One record with what was answered, rows of people put back, what it corrects, and what may be done."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.forms.tree_json import form_to_json
from gisgrid.records.core.record_models import GONE, Record, RecordPhoto
from gisgrid.records.core.rules import CORRECTED_BY_AUTHOR
from gisgrid.records.lists.answers import RecordAnswers
from gisgrid.records.lists.case_links import LinkedCase, cases_linked
from gisgrid.records.lists.case_origins import can_arise_from
from gisgrid.records.lists.chain import ChainLink, chain_of
from gisgrid.records.lists.lines import KeptRow, RecordLine, lines_of
from gisgrid.records.lists.openings import is_shown, is_told, opened_row
from gisgrid.records.lists.pictures import digests_in
from gisgrid.records.lists.places_then import PlaceThen, place_then
from gisgrid.records.lists.visit_courses import VisitState, visit_courses

_LATER = frozenset({Role.STAFF, Role.HEAD, Role.LOCAL})


class RecordPhotoRow(TypedDict):
    """A photo of a record by the digest that the answer names."""

    digest: str
    question: str | None
    width: int
    height: int


class RecordOpened(TypedDict):
    """A record with its form and its answers.

    ``is_shown`` is false to heads who gave no reason, where people are told of: then there are no answers.
    Without answers it was taken out, too.
    """

    line: RecordLine
    version: int
    filled_at: str
    received_at: str
    place: Annotated[PlaceThen | None, Field(description="where the subject lay then")]
    purpose: str | None
    is_shown: bool
    tree: dict[str, object]
    answers: Annotated[dict[str, Any] | None, Field(description="as they were sent")]
    marks: dict[str, Any]
    visit: Annotated[
        VisitState | None, Field(description="how far a visit in five steps has come; of the last correction")
    ]
    chain: list[ChainLink]
    photos: list[RecordPhotoRow]
    may_correct: bool
    may_redact: bool
    may_report: Annotated[bool, Field(description="a case that arises from it")]
    cases: Annotated[
        list[LinkedCase], Field(description="that it names or that arose from it, as far as they are opened")
    ]


def record_of(view: View, record_id: str, *, reason: str | None = None, now: datetime) -> RecordOpened:
    """A record with its answers. Leaves one audit entry, with the reason.

    Raises
    ------
    NotAllowed
        The role opens no records.
    NotFound
        No such record within the actor's scope, or its subject has said no since; heads open that after a
        reason.
    """
    row = opened_row(view, record_id, reason=reason)
    shown = is_shown(view, row, reason)
    _log(view, "records:open" if shown else "records:view", row.record, reason, now)
    parts = RecordAnswers(view, row) if is_told(view, row, reason) else None
    answers = parts.read() if parts else None
    return RecordOpened(
        line=lines_of(view, [row], is_shown=shown)[0],
        version=row.opened.version.number,
        filled_at=row.record.filled_at.isoformat(),
        received_at=row.record.received_at.isoformat(),
        place=place_then(view, row.record),
        purpose=row.opened.tree.settings.purpose,
        is_shown=shown,
        tree=form_to_json(parts.tree if parts else row.opened.tree),
        answers=answers,
        marks=json.loads(row.record.marks) if parts and row.record.marks != GONE else {},
        visit=_visit(view, row) if parts else None,
        chain=chain_of(view, row.record, is_shown=shown),
        photos=_photos(view, row.record, digests_in(answers)) if answers else [],
        cases=cases_linked(view, [row.record], {row.record.id: answers or {}}).get(row.record.id, []),
        may_correct=parts is not None and _may_correct(view, row.record, now),
        may_redact=row.record.redacted_at is None and may(view.actor, Action.RECORDS_REDACT),
        may_report=shown and may(view.actor, Action.CASES_REPORT) and can_arise_from(row.record, now=now),
    )


def _log(view: View, action: str, row: Record, reason: str | None, now: datetime) -> None:
    text = (reason or "").strip() or None
    session, actor = view.session, view.actor
    if action == "records:open":
        record(session, actor, "records:open", "record", now=now, object_id=row.id, reason=text)
    else:
        record(session, actor, "records:view", "record", now=now, object_id=row.id)


def _visit(view: View, row: KeptRow) -> VisitState | None:
    """Of a record that no other corrects: what waits is answered by the last one."""
    courses = visit_courses(view, [row])
    is_last = view.session.scalar(select(Record.id).where(Record.corrects_id == row.record.id)) is None
    return courses[0].state(view.when.day) if courses and is_last else None


def _photos(view: View, row: Record, digests: frozenset[str]) -> list[RecordPhotoRow]:
    is_named = RecordPhoto.digest.in_(digests)
    statement = select(RecordPhoto).where(RecordPhoto.record_id == row.id, is_named).order_by(RecordPhoto.id)
    return [
        RecordPhotoRow(digest=photo.digest, question=photo.question, width=photo.width, height=photo.height)
        for photo in view.session.scalars(statement)
    ]


def _may_correct(view: View, row: Record, now: datetime) -> bool:
    """Whether the actor may correct it now, as :func:`correct_record` asks it again."""
    if not may(view.actor, Action.RECORDS_CORRECT):
        return False
    if view.session.scalar(select(Record.id).where(Record.corrects_id == row.id)) is not None:
        return False
    is_own = row.author_account_id is not None and row.author_account_id == view.actor.account_id
    return view.actor.role in _LATER or (is_own and now - row.received_at <= CORRECTED_BY_AUTHOR)
