"""Visits that were owed to people in a month: to how many, how many were met, who waits, who is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import false, select

from gisgrid.areas.view import View
from gisgrid.forms.tasks.model import WAITING, FieldTask, TaskState
from gisgrid.places.models import Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.outward.scope import OutwardScope
from gisgrid.records.work.computation import compute_duties
from gisgrid.records.work.work_tasks import WorkScope

VISIT_FORM: Final = "elder_visit"
"""The form by which somebody was visited."""
VISIT_COUNTS: Final = frozenset(
    {"count.visits.due", "count.visits.made", "count.visits.owed", "count.visits.overdue"}
)
_LATE: Final = frozenset({TaskState.OVERDUE, TaskState.MISSED})
_Cells = Mapping[str, str | None]
"""The cell of a person, by the person's id."""


def count_visits(view: View, scope: OutwardScope) -> Mapping[str, Mapping[str | None, int]]:
    """Persons of a month by the code of a count and the cell, as of its last day, or today within it.

    A visit was due to whoever was met in the month or owed a visit by its end, as the rules of tasks ask for
    visits; who said no to them is owed none. Owed: nobody met them in the month yet. Overdue: the day
    by which somebody had to come is over.
    """
    made = _met(view, scope)
    owed, late = _waiting(view, scope)
    persons: Mapping[str, _Cells] = {
        "count.visits.made": made,
        "count.visits.owed": {person: cell for person, cell in owed.items() if person not in made},
        "count.visits.due": {**owed, **made},
        "count.visits.overdue": late,
    }
    return {code: Counter(cells.values()) for code, cells in persons.items()}


def _met(view: View, scope: OutwardScope) -> _Cells:
    statement = select(Record.resident_id, Record.cell_id).where(
        Record.community_id == view.community.id,
        Record.form_code == VISIT_FORM,
        Record.resident_id.is_not(None),
        Record.met.is_(True),
        Record.day >= scope.first,
        Record.day < scope.end,
        scope.holds(Record.cell_id),
        is_valid(),
    )
    return {str(row[0]): row[1] for row in view.session.execute(statement.order_by(Record.day, Record.id))}


def _waiting(view: View, scope: OutwardScope) -> tuple[_Cells, _Cells]:
    """Who is owed a visit by the end of the month, and for whom its day is over."""
    here = (Household.community_id == view.community.id) & scope.holds(Household.cell_id)
    asked = WorkScope(homes=here, buildings=false(), facilities=false())
    day = min(view.when.day, scope.end - timedelta(days=1))
    owed: dict[str, str | None] = {}
    late: dict[str, str | None] = {}
    for row in compute_duties(view, asked, day, VISIT_FORM).tasks:
        task = row.task
        if _is_of_month(task, scope):
            owed[task.subject] = task.cell
        if _is_of_month(task, scope) and task.state in _LATE:
            late[task.subject] = task.cell
    return owed, late


def _is_of_month(task: FieldTask, scope: OutwardScope) -> bool:
    is_waiting = task.state in WAITING and task.due < scope.end
    return is_waiting or (task.state == TaskState.MISSED and scope.first <= task.due < scope.end)
