"""Tasks that a record asks for by a mark: a visit after a fall, an answer after a wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gisgrid.forms.tasks.counted import does_answer
from gisgrid.forms.tasks.model import (
    FieldTask,
    HeldSpan,
    TaskRecord,
    TaskRule,
    TaskState,
    TaskSubject,
    Trigger,
)
from gisgrid.forms.tasks.spans import cell_on, has_ended, last_day, span_on

_FIRST_PRIORITY: Final = 1


@dataclass(slots=True, kw_only=True)
class _Wait:
    """A cause that waits for its answer: until when one counts, and which causes came while it waited."""

    cause: TaskRecord
    span: HeldSpan
    due: date
    closes: date
    answer: int | None
    again: list[str]

    def is_over(self, at: int, day: date) -> bool:
        """Whether it no longer waits when the record at a place in the order comes."""
        return day > self.closes if self.answer is None else at >= self.answer


def trigger_tasks(
    rule: TaskRule,
    trigger: Trigger,
    subject: TaskSubject,
    spans: Sequence[HeldSpan],
    records: Sequence[TaskRecord],
    *,
    today: date,
) -> list[FieldTask]:
    """A task for each record with the mark, made while the rule held, that came while none was waiting.

    It is answered by a later record than its cause, of the same day too; that record may ask anew.
    """
    waits: list[_Wait] = []
    for at, record in enumerate(records):
        span = span_on(spans, record.day) if _does_ask(trigger, record) else None
        if span and waits and not waits[-1].is_over(at, record.day):
            waits[-1].again.append(record.id)
        elif span:
            waits.append(_wait(rule, trigger, records, at, span))
    return [_task(rule, trigger, subject, wait, records, today) for wait in waits]


def _does_ask(trigger: Trigger, record: TaskRecord) -> bool:
    return trigger.mark in record.marks and trigger.form in (None, record.form)


def _wait(rule: TaskRule, trigger: Trigger, records: Sequence[TaskRecord], at: int, span: HeldSpan) -> _Wait:
    """What a cause waits for: the first later record that counts, while it counts and the rule holds."""
    cause = records[at]
    due = cause.day + timedelta(days=trigger.days)
    closes = min(due + timedelta(days=trigger.keep), last_day(span))
    later = range(at + 1, len(records))
    answers = (place for place in later if records[place].day <= closes and does_answer(rule, records[place]))
    return _Wait(cause=cause, span=span, due=due, closes=closes, answer=next(answers, None), again=[])


def _task(
    rule: TaskRule,
    trigger: Trigger,
    subject: TaskSubject,
    wait: _Wait,
    records: Sequence[TaskRecord],
    today: date,
) -> FieldTask:
    opens = max(wait.due - timedelta(days=trigger.lead), wait.cause.day)
    answer = None if wait.answer is None else records[wait.answer]
    state = _state(wait, trigger, answer, opens, today)
    return FieldTask(
        key=f"{rule.code}|{subject.id}|{wait.cause.id}",
        rule=rule.code,
        subject=subject.id,
        form=rule.form,
        opens=opens,
        due=wait.due,
        state=state,
        priority=_FIRST_PRIORITY if rule.hastens and wait.again else rule.priority,
        cell=answer.cell if answer else cell_on(subject.cells, min(wait.closes, today)),
        record=answer.id if answer else None,
        why=wait.span.why if state == TaskState.CANCELLED else None,
        again=tuple(wait.again),
    )


def _state(wait: _Wait, trigger: Trigger, answer: TaskRecord | None, opens: date, today: date) -> TaskState:
    """How a task stands: it is missed only where the rule held as long as an answer would have counted."""
    if answer:
        return TaskState.DONE if answer.day <= wait.due else TaskState.LATE
    if today > wait.due + timedelta(days=trigger.keep) == wait.closes:
        return TaskState.MISSED
    if has_ended(wait.span, today):
        return TaskState.CANCELLED
    if today > wait.due:
        return TaskState.OVERDUE
    return TaskState.OPEN if today >= opens else TaskState.PLANNED
