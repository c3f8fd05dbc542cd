"""The tasks of a subject by a rule, as they stand on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gisgrid.forms.tasks.counted import valid_records, visits
from gisgrid.forms.tasks.model import (
    WAITING,
    FieldTask,
    HeldSpan,
    Monthly,
    Rhythm,
    TaskRecord,
    TaskRule,
    TaskSubject,
)
from gisgrid.forms.tasks.months import month_tasks
from gisgrid.forms.tasks.rhythms import rhythm_tasks
from gisgrid.forms.tasks.spans import held_spans
from gisgrid.forms.tasks.triggers import trigger_tasks


def compute_tasks(
    rule: TaskRule,
    subject: TaskSubject,
    records: Sequence[TaskRecord],
    today: date,
    *,
    since: date | None = None,
) -> list[FieldTask]:
    """The tasks that a rule has made for a subject up to today, the one due first at the head.

    With ``since``, those that are over and were due before that day are left out. A verification that is
    kept in no record is handed in as one, with the mark that counts. The caller chooses the subjects of the
    rule's kind and gives the days on which its choice held; nothing here looks at facts.
    """
    spans = held_spans(rule, subject.spans, today)
    tasks = _tasks(rule, subject, spans, valid_records(records, today), today=today, since=since)
    kept = [task for task in tasks if since is None or task.due >= since or task.state in WAITING]
    return sorted(kept, key=lambda task: (task.due, task.key))


def _tasks(
    rule: TaskRule,
    subject: TaskSubject,
    spans: Sequence[HeldSpan],
    records: Sequence[TaskRecord],
    *,
    today: date,
    since: date | None,
) -> list[FieldTask]:
    schedule = rule.schedule
    if isinstance(schedule, Monthly):
        return month_tasks(rule, subject, spans, visits(rule, records), today=today, since=since)
    if isinstance(schedule, Rhythm):
        return rhythm_tasks(rule, schedule, subject, spans, visits(rule, records), today=today)
    return trigger_tasks(rule, schedule, subject, spans, records, today=today)
