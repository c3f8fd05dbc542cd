"""Which records count: those that stand, and of these the ones that answer a rule's tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from gisgrid.forms.tasks.model import TaskRecord, TaskRule


def valid_records(records: Sequence[TaskRecord], today: date) -> list[TaskRecord]:
    """The records up to today that no other one corrects, in the order in which they were made."""
    corrected = {record.corrects for record in records}
    standing = [record for record in records if record.id not in corrected and record.day <= today]
    return sorted(standing, key=lambda record: (record.day, record.id))


def does_answer(rule: TaskRule, record: TaskRecord) -> bool:
    """Whether a record answers tasks of a rule."""
    if rule.counts is not None and rule.counts not in record.marks:
        return False
    return rule.any_form or record.form == rule.form


def visits(rule: TaskRule, records: Iterable[TaskRecord]) -> list[TaskRecord]:
    """The records that answer, in order; of several on one day the first: they are one visit."""
    by_day: dict[date, TaskRecord] = {}
    for record in records:
        if does_answer(rule, record):
            by_day.setdefault(record.day, record)
    return list(by_day.values())
