"""What is late in which grid, and why: counts by area, never by who serves there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import last_duty_changes, require
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import NotAllowed
from gisgrid.forms.tasks.model import WAITING, SpanEnd, TaskState
from gisgrid.records.work.computation import WorkPicture, compute_work
from gisgrid.records.work.notes import NotedTask, as_noted, is_impossible, notes_of
from gisgrid.records.work.owners import WorkOwners, work_owners
from gisgrid.records.work.queries import TWICE
from gisgrid.records.work.scopes import whole_scope
from gisgrid.records.work.work_tasks import WorkTask

NO_GRID: Final = ""
"""In place of a code: what lies in no grid."""


class OverdueRow(TypedDict):
    """The late tasks of a grid, and why: nobody on duty has one, it is impossible, nobody was met twice.

    `waiting` are the other late ones; the four add up to `overdue`. `missed` and `moved` count since the
    first of the month before: what was never done, and what ended since people moved away. `refused` are
    subjects that said no, so that nobody is sent there.
    """

    code: str
    name: str
    has_member: bool
    overdue: int
    nobody: int
    impossible: int
    not_met: int
    waiting: int
    missed: int
    moved: int
    refused: int


def overdue_by_grid(view: View) -> list[OverdueRow]:
    """The late tasks of the whole community by grid, also of grids with none; outside of all grids last.

    Raises
    ------
    NotAllowed
        The role has no tasks, or isn't shown small counts of persons as they are.
    """
    require(view.actor, Action.TASKS_VIEW)
    if not view.actor.sees_exact_counts:
        raise NotAllowed("this account may not do that")
    changes = last_duty_changes(view.session, now=view.when.at)
    return view.remembered("overdue work", changes, make=lambda: _overdue(view))


def _overdue(view: View) -> list[OverdueRow]:
    picture = compute_work(view, whole_scope(view), view.when.day)
    late = [row for row in picture.tasks if row.task.state == TaskState.OVERDUE]
    notes = notes_of(view, late)
    workers = {*picture.visitors.values(), *(noted.worker for noted in notes.values())}
    owners = work_owners(view, workers)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in picture.tasks:
        reason = _reason(view, row, notes.get(row.task.key), owners, picture)
        if reason is not None:
            counts[_code(view, row.task.cell)][reason] += 1
    for cell in picture.refused.values():
        counts[_code(view, cell)]["refused"] += 1
    return list(_rows(view, counts, owners))


def _reason(
    view: View, row: WorkTask, noted: NotedTask | None, owners: WorkOwners, picture: WorkPicture
) -> str | None:
    """Under what a task counts; nothing for one that is not late."""
    if row.task.state not in WAITING:
        is_moved = row.task.why in {SpanEnd.MOVED, SpanEnd.DIED}
        return "missed" if row.task.state == TaskState.MISSED else "moved" if is_moved else None
    if as_noted(row, noted, view.when.day).task.state != TaskState.OVERDUE:
        return None
    if is_impossible(row, noted, view.when.day):
        return "impossible"
    wanted = (noted.worker if noted else None, picture.visitors.get(row.subject.id))
    if owners.owner_of(row.subject, *wanted) is None:
        return "nobody"
    return "not_met" if row.misses >= TWICE else "waiting"


def _code(view: View, cell: str | None) -> str:
    grid = view.present.grid_of(cell)
    return grid.code if grid else NO_GRID


def _rows(view: View, counts: Mapping[str, Counter[str]], owners: WorkOwners) -> Iterator[OverdueRow]:
    for grid in view.present.tree.at_level(Level.GRID):
        yield _row(grid.code, grid.name, counts.get(grid.code, Counter()), grid.id in owners.primary)
    if NO_GRID in counts:
        yield _row(NO_GRID, "", counts[NO_GRID], False)


def _row(code: str, name: str, count: Counter[str], has_member: bool) -> OverdueRow:  # noqa: FBT001
    late = count["nobody"] + count["impossible"] + count["not_met"] + count["waiting"]
    return {
        "code": code,
        "name": name,
        "has_member": has_member,
        "overdue": late,
        "nobody": count["nobody"],
        "impossible": count["impossible"],
        "not_met": count["not_met"],
        "waiting": count["waiting"],
        "missed": count["missed"],
        "moved": count["moved"],
        "refused": count["refused"],
    }
