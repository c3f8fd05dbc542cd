"""Notes to tasks: put off once, impossible, or given to a colleague."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.forms.tasks.model import WAITING, FieldTask, Monthly, Rhythm, TaskRule, TaskState
from gisgrid.forms.tasks.months import end_of_month
from gisgrid.forms.tasks.rhythms import next_due
from gisgrid.records.core.rules import MOST_REASON, SubjectKind, TaskNoteKind
from gisgrid.records.core.subjects import KEYS, subject_columns
from gisgrid.records.core.work_models import TaskNote
from gisgrid.records.work.computation import compute_work
from gisgrid.records.work.kept_records import reach_of
from gisgrid.records.work.owners import work_owners
from gisgrid.records.work.scopes import scope_of_one
from gisgrid.records.work.work_tasks import WorkTask
from gisgrid.storage.listed_ids import is_listed_id

MOST_DAYS: Final = 14
"""So many days a task is put off at most."""
_KEY_PARTS: Final = 2
"""The rule or the round, and the subject; of a rule another part follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteInput:
    """A note as it is sent: ``until`` of one that puts off, ``worker`` of one that gives away."""

    kind: TaskNoteKind
    until: date | None = None
    worker: str | None = None
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class NotedTask:
    """What was noted to a task: until when it waits, on which day it was impossible, who has it."""

    until: date | None = None
    impossible: date | None = None
    worker: str | None = None


def notes_of(view: View, tasks: Iterable[WorkTask]) -> dict[str, NotedTask]:
    """The notes to some tasks by their keys."""
    by_kind: dict[SubjectKind, set[str]] = defaultdict(set)
    for task in tasks:
        by_kind[task.subject.kind].add(task.subject.id)
    notes: dict[str, NotedTask] = defaultdict(NotedTask)
    for kind, ids in by_kind.items():
        key: Any = getattr(TaskNote, KEYS[kind])
        statement = select(TaskNote).where(is_listed_id(key, ids)).order_by(TaskNote.at, TaskNote.id)
        for note in view.session.scalars(statement):
            _note(notes[_key(note, getattr(note, KEYS[kind]))], note, view)
    return dict(notes)


def _key(note: TaskNote, subject_id: str) -> str:
    """The key of the task a note is to; that of a round ends with its subject."""
    return "|".join(part for part in (note.rule_code, subject_id, note.of) if part)


def _note(noted: NotedTask, row: TaskNote, view: View) -> None:
    if row.kind == TaskNoteKind.POSTPONED:
        noted.until = row.until
    elif row.kind == TaskNoteKind.IMPOSSIBLE:
        noted.impossible = day_of(row.at, view.tz)
    else:
        noted.worker = row.to_worker_id


def as_noted(row: WorkTask, noted: NotedTask | None, today: date) -> WorkTask:
    """A task as it stands by its notes: put off, it opens and is due on the day to which it was put off."""
    task = row.task
    if noted is None or noted.until is None or task.state not in WAITING:
        return row
    due = max(task.due, noted.until)
    state = (
        TaskState.OVERDUE if today > due else TaskState.OPEN if today >= noted.until else TaskState.PLANNED
    )
    return replace(row, task=replace(task, opens=max(task.opens, noted.until), due=due, state=state))


def is_impossible(row: WorkTask, noted: NotedTask | None, today: date) -> bool:
    """Whether a task was noted to be impossible and isn't asked for now; it still counts as missed.

    A task of an interval is asked for again when the interval has passed since the note.
    """
    if noted is None or noted.impossible is None:
        return False
    schedule = row.rule.schedule
    return not isinstance(schedule, Rhythm) or today < next_due(schedule, noted.impossible)


def note_task(view: View, key: str, sent: NoteInput, *, now: datetime) -> str:
    """Note something to a task of the account; the id of the note.

    Raises
    ------
    NotAllowed
        The role has no tasks.
    NotFound
        No such task waits within what the account serves.
    InvalidInput
        The day, the worker or the reason can't be so: all faults at once.
    Conflict
        It was put off once before.
    """
    require(view.actor, Action.TASKS_VIEW)
    wait_for_others(view.session, view.community.id)
    row = waiting_task(view, key)
    noted = notes_of(view, [row]).get(key)
    if faults := _faults(view, row, sent):
        raise InvalidInput(faults)
    if sent.kind == TaskNoteKind.POSTPONED and noted is not None and noted.until is not None:
        raise Conflict("this task was put off before: it is put off once")
    note = TaskNote(
        **subject_columns(row.subject.kind, row.subject.id),
        rule_code=row.rule.code,
        of="".join(key.split("|", 2)[2:]),
        kind=sent.kind,
        until=sent.until if sent.kind == TaskNoteKind.POSTPONED else None,
        to_worker_id=sent.worker if sent.kind == TaskNoteKind.GIVEN_TO else None,
        reason=(sent.reason or "").strip() or None,
        at=now,
        by_account_id=view.actor.account_id,
    )
    view.session.add(note)
    view.session.flush()
    kind, subject_id = row.subject.kind.value, row.subject.id
    record(view.session, view.actor, "tasks:note", kind, now=now, object_id=subject_id, fields=(sent.kind,))
    touch(view.session, [view.community.id])
    view.session.flush()
    return note.id


def waiting_task(view: View, key: str) -> WorkTask:
    """A task that waits, by its key, within what the account serves.

    Raises
    ------
    NotFound
        There is none.
    """
    parts = key.split("|", 2)
    if len(parts) >= _KEY_PARTS:
        for kind in KEYS:
            scope = scope_of_one(view, kind, parts[1])
            for row in compute_work(view, scope, view.when.day).tasks:
                if row.task.key == key and row.task.state in WAITING:
                    return row
    raise NotFound("no such task")


def _faults(view: View, row: WorkTask, sent: NoteInput) -> list[Fault]:
    faults = []
    if len((sent.reason or "").strip()) > MOST_REASON:
        faults.append(
            Fault(message=say("a reason has at most {most} letters", most=MOST_REASON), field="reason")
        )
    if sent.kind == TaskNoteKind.IMPOSSIBLE and not (sent.reason or "").strip():
        faults.append(Fault(message=say("a reason is needed"), field="reason"))
    if sent.kind == TaskNoteKind.POSTPONED:
        last = last_day_to_wait(row.rule, row.task, view.when.day)
        if sent.until is None or not view.when.day < sent.until <= last:
            message = say("this task is put off to {last} at the latest", last=last.isoformat())
            faults.append(Fault(message=message, field="until"))
    if sent.kind == TaskNoteKind.GIVEN_TO:
        owners = work_owners(view, [sent.worker])
        if sent.worker is None or owners.owner_of(row.subject, sent.worker) != sent.worker:
            faults.append(Fault(message=say("nobody on duty there has this id"), field="worker"))
    return faults


def last_day_to_wait(rule: TaskRule, task: FieldTask, today: date) -> date:
    """The last day to which a task is put off: two weeks, and no longer than a visit still answers it."""
    last = today + timedelta(days=MOST_DAYS)
    if isinstance(rule.schedule, Monthly):
        return min(last, task.due, end_of_month(today))
    if isinstance(rule.schedule, Rhythm):
        return last
    return min(last, task.due + timedelta(days=reach_of(rule)))
