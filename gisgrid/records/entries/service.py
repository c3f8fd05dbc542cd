"""Writing a record: one path for the desk and for phones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotFound
from gisgrid.forms.tree import FormTree, questions_of
from gisgrid.people.edits.field_states import FieldState
from gisgrid.records.core.fillers import require_filling
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import MARK_MET, SubjectKind
from gisgrid.records.core.subjects import subject_columns
from gisgrid.records.core.versions import OpenedForm, is_taken_still, opened_form
from gisgrid.records.entries.fields import keep_fields, take_answers
from gisgrid.records.entries.inputs import RecordDay, RecordInput, day_counted, digest_of
from gisgrid.records.entries.outcomes import WrittenRecord, outcome_again, outcome_of
from gisgrid.records.entries.photos import keep_photos, photos_for
from gisgrid.records.entries.round_scope import round_for
from gisgrid.records.entries.subject_scope import cell_of, subject_within
from gisgrid.storage.base import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The record that another takes the place of, and why."""

    former: Record
    reason: str


def write_record(
    view: View, sent: RecordInput, *, now: datetime, correction: Correction | None = None
) -> WrittenRecord:
    """Keep a filled form; sent again, it is kept once. It is never refused for its time.

    Where the purpose was refused or withdrawn, only the day and the attempt are kept, no text. Answers that
    stand for fields of the register reach it in the same transaction, by the way of hand edits.

    Raises
    ------
    NotAllowed
        The role writes no records, or doesn't fill this form.
    NotFound
        No such subject within the actor's scope, or no such form.
    InvalidInput
        Answers can't be so, for the form or for the register, or nobody has asked for consent yet: every
        fault.
    Conflict
        The id was used for something else, or the version of the form is too old.
    """
    require(view.actor, Action.RECORDS_WRITE)
    digest = digest_of(sent, correction.reason if correction else None)
    if (known := _known(view, sent, digest)) is not None:
        return known
    opened = _opened(view, sent, correction, now=now)
    subject = subject_within(view, sent.subject, sent.subject_id)
    if (known := _known(view, sent, digest)) is not None:
        return known
    counted = day_counted(sent, now=now, tz=view.tz)
    taken = take_answers(view, opened.tree, subject, sent, today=counted.day, now=now)
    there = photos_for(view, taken.checked.photos, corrects=correction.former if correction else None)
    row = _row(view, sent, opened, counted, now=now)
    row.round_id = round_for(view, sent, opened, counted)
    row.cell_id = cell_of(view, subject, at=counted.at)
    row.answers, row.marks, row.sent = _json(taken.divided.own), _json(taken.checked.marks), digest
    row.met = taken.checked.marks.get(MARK_MET)
    row.position = _position(opened.tree, taken.divided.own)
    if correction:
        row.corrects_id, row.reason = correction.former.id, correction.reason
    view.session.add(row)
    view.session.flush()
    keep_photos(view.session, row, taken.checked.photos, there)
    people = keep_fields(
        view, row, subject, taken, sent, former=correction.former if correction else None, now=now
    )
    for person, answers in people.items():
        view.session.add(_child(row, person, answers))
    _log(view, "records:correct" if correction else "records:write", row, now=now)
    return outcome_of(view.session, row, is_new=True, is_attempt=taken.state == FieldState.REFUSED)


def _log(view: View, action: str, row: Record, *, now: datetime) -> None:
    record(view.session, view.actor, action, "record", now=now, object_id=row.id)
    touch(view.session, [view.community.id])
    view.session.flush()


def _known(view: View, sent: RecordInput, digest: str) -> WrittenRecord | None:
    """What was kept under this id before, where it was just this."""
    row = view.session.get(Record, sent.id)
    if row is None:
        return None
    if row.author_account_id != view.actor.account_id or row.sent not in {digest, ""}:
        raise Conflict("this id was used for another record before")
    return outcome_again(view.session, row)


def _opened(view: View, sent: RecordInput, correction: Correction | None, *, now: datetime) -> OpenedForm:
    """The version that was filled, still taken and about such a subject."""
    try:
        UUID(sent.id)
    except ValueError:
        raise InvalidInput("an id is a UUID", field="id") from None
    statement = (
        select(FormVersion, FieldForm)
        .join(FieldForm, FieldForm.id == FormVersion.form_id)
        .where(FormVersion.id == sent.version_id)
    )
    version_row = view.session.execute(statement).one_or_none()
    owners = {None, view.community.id}
    if version_row is None or version_row.FieldForm.owner_area_id not in owners:
        raise NotFound("no such form")
    opened = opened_form(view, version_row.FieldForm, version_row.FormVersion)
    require_filling(view.actor, opened.tree.settings)
    is_own = correction is not None and correction.former.form_version_id == opened.version.id
    if not is_own and not is_taken_still(opened.version, now=now):
        raise Conflict("this version of the form is not taken any more: fill the one of today")
    if sent.subject != opened.tree.settings.subject:
        raise InvalidInput("this form is about another kind of subject", field="subject")
    return opened


def _row(view: View, sent: RecordInput, opened: OpenedForm, counted: RecordDay, *, now: datetime) -> Record:
    return Record(
        id=sent.id,
        **subject_columns(sent.subject, sent.subject_id),
        form_version_id=opened.version.id,
        form_code=opened.form.code,
        community_id=view.community.id,
        day=counted.day,
        is_day_doubtful=counted.is_doubtful,
        filled_at=counted.at,
        received_at=now,
        author_account_id=view.actor.account_id,
        author_worker_id=view.actor.worker_id,
        task_key=sent.task_key,
    )


def _child(parent: Record, person: str, answers: Mapping[str, Any]) -> Record:
    """A row about a person, as a record of that person."""
    return Record(
        id=new_id(),
        **subject_columns(SubjectKind.PERSON, person),
        parent_id=parent.id,
        answers=_json(answers),
        marks=_json({}),
        sent=parent.sent,
        **{name: getattr(parent, name) for name in _SHARED},
    )


_SHARED: Final = (
    *("form_version_id", "form_code", "community_id", "cell_id", "day", "is_day_doubtful", "filled_at"),
    *("received_at", "author_account_id", "author_worker_id"),
)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _position(tree: FormTree, answers: Mapping[str, Any]) -> str | None:
    points = (question.name for question in questions_of(tree.items) if question.type == "geopoint")
    return next((_json(answers[name]) for name in points if answers.get(name)), None)
