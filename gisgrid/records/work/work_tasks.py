"""A task in the field with what it is about, and whose tasks are computed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from gisgrid.forms.tasks.model import FieldTask, TaskRule
from gisgrid.records.work.fact_lines import WorkSubject


@dataclass(frozen=True, kw_only=True)
class WorkScope:
    """Whose tasks are computed: conditions on households, buildings and facilities, as SQL."""

    homes: ColumnElement[bool]
    buildings: ColumnElement[bool]
    facilities: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class WorkTask:
    """A task with its rule, its subject, and how often in a row nobody was met there since the last visit.

    ``round_title`` is that of the round it belongs to; of a task by a rule it is nothing.
    """

    task: FieldTask
    rule: TaskRule
    subject: WorkSubject
    misses: int = 0
    round_title: str | None = None
