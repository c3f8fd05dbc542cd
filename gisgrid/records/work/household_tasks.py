"""What waits at the door of one household."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.areas.view import View
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.work.queries import WorkRow, tasks_within, work_rows
from gisgrid.records.work.scopes import scope_of_one


def tasks_of_household(view: View, household_id: str) -> list[WorkRow]:
    """The tasks of a household and its people, open or late, whoever has them; none without the right.

    Whoever calls leaves the entry in the trail.
    """
    if not may(view.actor, Action.TASKS_VIEW):
        return []
    scope = scope_of_one(view, SubjectKind.HOUSEHOLD, household_id)
    return work_rows(view, tasks_within(view, scope, view.when.day))
