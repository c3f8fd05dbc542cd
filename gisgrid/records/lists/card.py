"""One record with what was answered, rows of people put back, what it corrects, and what may be done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NotRequired

from pydantic import Field
from sqlalchemy import ColumnElement, or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.forms.answers.state import ROW_ID
from gisgrid.forms.tree import FormTree
from gisgrid.forms.tree_json import form_to_json
from gisgrid.people.core.models import Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.openings import is_shown_to
from gisgrid.places.models import Household
from gisgrid.records.bindings.questions import bindings_of, people_repeats, without_questions
from gisgrid.records.core.record_models import GONE, Record, RecordPhoto
from gisgrid.records.core.rules import CORRECTED_BY_AUTHOR, OF_PERSONS
from gisgrid.records.lists.lines import KeptRow, RecordLine, kept_rows, lines_of
from gisgrid.records.lists.scope import is_agreed_to, record_rows, visible_records

_LATER = frozenset({Role.STAFF, Role.HEAD, Role.LOCAL})
_AFTER_A_NO = frozenset({Role.HEAD, Role.LOCAL})


class ChainLink(TypedDict):
    """A record of a chain of corrections, the oldest first; `reason`: why it corrects the one before."""

    id: str
    day: str
    reason: str | None


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
    purpose: str | None
    is_shown: bool
    tree: dict[str, object]
    answers: Annotated[dict[str, Any] | None, Field(description="as they were sent")]
    marks: dict[str, Any]
    chain: list[ChainLink]
    photos: list[RecordPhotoRow]
    may_correct: bool
    may_redact: bool
    cases: NotRequired[list[str]]


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
    is_shown = not is_about_people(row) or is_shown_to(view, reason)
    action = "records:open" if is_shown else "records:view"
    _log(view, action, row.record, reason, now)
    parts = _Answered(view, row) if is_shown and row.record.answers != GONE else None
    return RecordOpened(
        line=lines_of(view, [row], is_shown=is_shown)[0],
        version=row.opened.version.number,
        purpose=row.opened.tree.settings.purpose,
        is_shown=is_shown,
        tree=form_to_json(parts.tree if parts else row.opened.tree),
        answers=parts.answers() if parts else None,
        marks=json.loads(row.record.marks) if parts and row.record.marks != GONE else {},
        chain=_chain(view, row.record, is_shown=is_shown),
        photos=_photos(view, row.record) if parts else [],
        may_correct=parts is not None and _may_correct(view, row.record, now),
        may_redact=row.record.redacted_at is None and may(view.actor, Action.RECORDS_REDACT),
    )


def opened_row(view: View, record_id: str, *, reason: str | None) -> KeptRow:
    """A record within the actor's scope.

    Raises
    ------
    NotAllowed
        The role opens no records.
    NotFound
        There is none.
    """
    require(view.actor, Action.RECORDS_VIEW)
    if view.actor.role == Role.RESIDENT:
        raise NotAllowed("this account may not do that")
    statement = record_rows().where(Record.id == record_id, visible_records(view))
    if not (view.actor.role in _AFTER_A_NO and (reason or "").strip()):
        statement = statement.where(is_agreed_to())
    rows = kept_rows(view, statement)
    if not rows:
        raise NotFound("no such record")
    return rows[0]


def is_about_people(row: KeptRow) -> bool:
    """Whether a record holds what is told of people."""
    return row.record.subject in OF_PERSONS or row.opened.tree.settings.purpose is not None


def _log(view: View, action: str, row: Record, reason: str | None, now: datetime) -> None:
    text = (reason or "").strip() or None
    session, actor = view.session, view.actor
    if action == "records:open":
        record(session, actor, "records:open", "record", now=now, object_id=row.id, reason=text)
    else:
        record(session, actor, "records:view", "record", now=now, object_id=row.id)


class _Answered:
    """The answers of a record as far as their subjects agree today, put together again."""

    def __init__(self, view: View, row: KeptRow) -> None:
        self._view, self._row = view, row
        self._person = view.session.get(Resident, row.record.resident_id) if row.record.resident_id else None
        home_id = row.record.household_id or (self._person.household_id if self._person else None)
        self._home = view.session.scalar(select(Household).where(Household.id == home_id))
        self._closed = self._refused(self._person, None)

    @property
    def tree(self) -> FormTree:
        """The form without the questions whose own purpose was refused since."""
        return without_questions(self._row.opened.tree, self._closed)

    def answers(self) -> dict[str, Any]:
        """The record's own answers and the rows of people, each with its person's id."""
        own = json.loads(self._row.record.answers)
        kept = {name: answer for name, answer in own.items() if name not in self._closed}
        return kept | self._rows()

    def _rows(self) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in people_repeats(self._row.opened.tree)}
        statement = (
            select(Record, Resident)
            .join(Resident, Resident.id == Record.resident_id)
            .where(Record.parent_id == self._row.record.id, Resident.erased_at.is_(None))
            .order_by(Record.id)
        )
        for child, person in self._view.session.execute(statement):
            if child.answers == GONE or not self._agrees(person):
                continue
            for repeat, answers in json.loads(child.answers).items():
                rows.setdefault(repeat, []).append(self._person_row(person, repeat, answers))
        return {name: within for name, within in rows.items() if within}

    def _person_row(self, person: Resident, repeat: str, answers: Mapping[str, Any]) -> dict[str, Any]:
        closed = self._refused(person, repeat)
        return {ROW_ID: person.id} | {name: answer for name, answer in answers.items() if name not in closed}

    def _agrees(self, person: Resident) -> bool:
        purpose = self._row.opened.tree.settings.purpose
        if purpose is None or self._home is None:
            return True
        return states_of(self._view.session, self._home, person)[Purpose(purpose)] != FieldState.REFUSED

    def _refused(self, person: Resident | None, repeat: str | None) -> frozenset[str]:
        if self._home is None:
            return frozenset()
        states = states_of(self._view.session, self._home, person)
        return frozenset(
            binding.question.name
            for binding in bindings_of(self._row.opened.tree)
            if binding.repeat == repeat and states[binding.field.purpose] == FieldState.REFUSED
        )


def _chain(view: View, row: Record, *, is_shown: bool) -> list[ChainLink]:
    """The records before and after it in its chain of corrections, the oldest first."""
    known = {row.id: row}
    grown = True
    while grown:
        before = {link.corrects_id for link in known.values() if link.corrects_id}
        reached: ColumnElement[bool] = or_(Record.id.in_(before), Record.corrects_id.in_(list(known)))
        links = view.session.scalars(select(Record).where(reached, Record.id.not_in(list(known)))).all()
        known |= {link.id: link for link in links}
        grown = bool(links)
    if len(known) == 1:
        return []
    ordered = sorted(known.values(), key=lambda link: (link.received_at, link.id))
    return [
        ChainLink(id=link.id, day=link.day.isoformat(), reason=link.reason if is_shown else None)
        for link in ordered
    ]


def _photos(view: View, row: Record) -> list[RecordPhotoRow]:
    statement = select(RecordPhoto).where(RecordPhoto.record_id == row.id).order_by(RecordPhoto.id)
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
