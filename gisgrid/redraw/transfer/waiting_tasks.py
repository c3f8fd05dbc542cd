"""What waits to be done at households that pass: whoever takes them takes it along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import false

from gisgrid.areas.view import View
from gisgrid.forms.tasks.model import TaskState
from gisgrid.places.models import Household
from gisgrid.records.core.versions import published_version
from gisgrid.records.work.queries import tasks_within
from gisgrid.records.work.scopes import own_scope
from gisgrid.redraw.transfer.answers import PassedTask
from gisgrid.storage.listed_ids import is_listed_id


def waiting_tasks(view: View, households: Collection[str]) -> dict[str, list[PassedTask]]:
    """By household its tasks and those of its people, open or late, where one serves it. Asks no right."""
    own = own_scope(view)
    homes = own.homes & is_listed_id(Household.id, set(households))
    scope = replace(own, homes=homes, buildings=false(), facilities=false())
    tasks: dict[str, list[PassedTask]] = defaultdict(list)
    titles: dict[str, dict[str, str]] = {}
    for row in tasks_within(view, scope, view.when.day):
        if row.task.form not in titles:
            titles[row.task.form] = dict(published_version(view, row.task.form).tree.title)
        due, is_late = row.task.due.isoformat(), row.task.state == TaskState.OVERDUE
        if row.work.subject.household is not None:
            passed: PassedTask = {"title": titles[row.task.form], "due": due, "is_late": is_late}
            tasks[row.work.subject.household].append(passed)
    return {home: sorted(rows, key=lambda task: task["due"]) for home, rows in tasks.items()}
