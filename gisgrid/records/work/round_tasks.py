"""The tasks of running rounds: one for each subject that is neither done nor excused."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date
from typing import Final

from gisgrid.areas.view import View
from gisgrid.forms.tasks.model import FieldTask, TaskRule, TaskState, Trigger
from gisgrid.records.core.rules import RoundState
from gisgrid.records.work.fact_lines import WorkSubject
from gisgrid.records.work.round_lines import LineReader, OpenedRound, RoundLine, rounds_of
from gisgrid.records.work.work_tasks import WorkScope, WorkTask

PREFIX: Final = "round:"
"""What the code of a round stands behind where another task has that of its rule."""
_PRIORITY: Final = 2


def round_rule_code(round_id: str) -> str:
    """The code under which the tasks of a round are known."""
    return f"{PREFIX}{round_id}"


def round_work(view: View, scope: WorkScope, today: date, *, forms: Container[str]) -> Iterator[WorkTask]:
    """The tasks of the rounds that run, for the subjects of a scope, as they stand on a day.

    A round whose form is closed (none of ``forms``) asks for nothing.
    """
    for opened in rounds_of(view, states=(RoundState.RUNNING,)):
        if opened.form in forms:
            rule = _rule(opened)
            for line in LineReader(view=view, round=opened, scope=scope).lines():
                if line.done is None and line.excuse is None:
                    yield _task(opened, rule, line, today)


def _rule(opened: OpenedRound) -> TaskRule:
    """A round in place of the rule of a task: it asks once, and a note puts it off to its last day."""
    return TaskRule(
        code=round_rule_code(opened.row.id),
        form=opened.form,
        subject=opened.kind.value,
        schedule=Trigger(mark="", days=0),
        priority=_PRIORITY,
        valid_from=opened.row.first_day,
    )


def _task(opened: OpenedRound, rule: TaskRule, line: RoundLine, today: date) -> WorkTask:
    task = FieldTask(
        key=f"{rule.code}|{line.subject}",
        rule=rule.code,
        subject=line.subject,
        form=opened.form,
        opens=opened.row.first_day,
        due=opened.row.last_day,
        state=_state(opened, today),
        priority=_PRIORITY,
        cell=line.cell,
    )
    subject = WorkSubject(
        kind=opened.kind,
        id=line.subject,
        cell=line.cell,
        building=line.building,
        household=line.household,
    )
    return WorkTask(task, rule, subject, line.misses, round_title=opened.row.title)


def _state(opened: OpenedRound, today: date) -> TaskState:
    if today < opened.row.first_day:
        return TaskState.PLANNED
    return TaskState.OVERDUE if today > opened.row.last_day else TaskState.OPEN
