"""Whether a record may be one of the round that was sent with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import RoundState
from gisgrid.records.core.subjects import KEYS
from gisgrid.records.core.versions import OpenedForm
from gisgrid.records.core.work_models import Round, RoundSubject
from gisgrid.records.entries.inputs import RecordDay, RecordInput


def round_for(view: View, sent: RecordInput, opened: OpenedForm, counted: RecordDay) -> str | None:
    """The id of the round a record belongs to; nothing where that was closed before the day of the record.

    A phone that was out of reach may not know that a round is closed, so its record is kept without it.

    Raises
    ------
    InvalidInput
        There is no such round that was opened, its form is another, or the subject isn't one of it.
    """
    if sent.round_id is None:
        return None
    row = view.session.get(Round, sent.round_id)
    if row is None or row.community_id != view.community.id or row.state == RoundState.DRAFT:
        raise _refusal(say("no such round"))
    form_id = select(FormVersion.form_id).where(FormVersion.id == row.form_version_id).scalar_subquery()
    code = view.session.scalar(select(FieldForm.code).where(FieldForm.id == form_id))
    if code != opened.form.code or not _is_of(view, row, sent):
        raise _refusal(say("this round doesn't ask this form of this subject"))
    is_over = row.closed_at is not None and day_of(row.closed_at, view.tz) < counted.day
    return None if is_over else row.id


def _is_of(view: View, row: Round, sent: RecordInput) -> bool:
    if sent.subject not in KEYS:
        return False
    key: Any = getattr(RoundSubject, KEYS[sent.subject])
    statement = select(RoundSubject.id).where(RoundSubject.round_id == row.id, key == sent.subject_id)
    return view.session.scalar(statement.limit(1)) is not None


def _refusal(message: Sentence) -> InvalidInput:
    return InvalidInput([Fault(message=message, field="round")])
