"""Correcting a record by another that takes its place, and taking one out for good."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.erasures import Erased, blank, note_erased
from gisgrid.access.models import Role
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.rules import CORRECTED_BY_AUTHOR, MOST_REASON
from gisgrid.records.core.subjects import subject_id_of
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.outcomes import WrittenRecord
from gisgrid.records.entries.service import Correction, write_record

_LATER: Final = frozenset({Role.STAFF, Role.HEAD, Role.LOCAL})


def correct_record(
    view: View, record_id: str, sent: RecordInput, reason: str, *, now: datetime
) -> WrittenRecord:
    """Let another record take the place of one: by its author within seven days, by staff and heads later.

    Raises
    ------
    NotAllowed
        The role corrects nothing, or it is too late for the author.
    NotFound
        No such record of a subject within the actor's scope.
    InvalidInput
        The reason is missing, or the record can't be so: every fault.
    Conflict
        It was corrected or taken out meanwhile, or the new one is of another form or subject.
    """
    require(view.actor, Action.RECORDS_CORRECT)
    text = _reason(reason)
    wait_for_others(view.session, view.community.id)
    former = _record(view, record_id)
    _check_right(view, former, now=now)
    follower = view.session.scalar(select(Record.id).where(Record.corrects_id == former.id))
    if follower is not None and follower != sent.id:
        raise Conflict("this record has been corrected already: correct the newest one")
    if former.answers == GONE:
        raise Conflict("this record was taken out: there is nothing to correct")
    if (sent.subject, sent.subject_id) != (former.subject, subject_id_of(former)):
        raise Conflict("a correction is of the same form and subject")
    return write_record(view, sent, now=now, correction=Correction(former=former, reason=text))


def redact_record(view: View, record_id: str, reason: str, *, erasures: Path, now: datetime) -> int:
    """Take a record out for good, with all it corrects, all that correct it, and its rows; how many.

    The list outside the backup remembers it, so that a restore does it again.

    Raises
    ------
    NotAllowed
        The role takes nothing out.
    NotFound
        No such record in the community.
    InvalidInput
        The reason is missing.
    """
    require(view.actor, Action.RECORDS_REDACT)
    text = _reason(reason)
    wait_for_others(view.session, view.community.id)
    former = _record(view, record_id)
    ids = _chain(view, former.id)
    erased = [Erased(table=Record.__tablename__, id=row_id, at=now) for row_id in sorted(ids)]
    for row in erased:
        blank(view.session, row)
    view.session.expire_all()
    for row_id in ids:
        kept = view.session.get_one(Record, row_id)
        kept.redacted_at, kept.redacted_by = now, view.actor.account_id
    record(
        view.session,
        view.actor,
        "records:redact",
        "record",
        now=now,
        object_id=record_id,
        count=len(ids),
        fields=("answers",),
        reason=text,
    )
    touch(view.session, [view.community.id])
    view.session.flush()
    note_erased(erasures, erased)
    return len(ids)


def _reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= MOST_REASON:
        raise InvalidInput("a reason has 1 to 200 characters", field="reason")
    return reason.strip()


def _record(view: View, record_id: str) -> Record:
    statement = select(Record).where(Record.id == record_id, Record.community_id == view.community.id)
    row = view.session.scalar(statement)
    if row is None or row.parent_id is not None:
        raise NotFound("no such record")
    return row


def _check_right(view: View, former: Record, *, now: datetime) -> None:
    """Others than the author learn nothing of it but staff and heads; the subject's scope is asked next."""
    if view.actor.role in _LATER:
        return
    if former.author_account_id != view.actor.account_id:
        raise NotFound("no such record")
    if now - former.received_at > CORRECTED_BY_AUTHOR:
        raise NotAllowed("after seven days staff and heads correct a record")


def _chain(view: View, record_id: str) -> set[str]:
    """A record with all before and after it in its chain of corrections, and the rows of each."""
    ids, grown = {record_id}, True
    while grown:
        before = select(Record.corrects_id).where(Record.id.in_(ids), Record.corrects_id.is_not(None))
        beside = select(Record.id).where(or_(Record.corrects_id.in_(ids), Record.parent_id.in_(ids)))
        reached = {str(row_id) for row_id in view.session.scalars(before)}
        reached |= set(view.session.scalars(beside))
        grown = not reached <= ids
        ids |= reached
    return ids
