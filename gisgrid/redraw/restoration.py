"""Restoring a revision: a new plan that lays its grids over the cells of today."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.borders import holders
from gisgrid.areas.division import Division
from gisgrid.areas.models import Level, Revision
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import Caches, View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, NotFound, say
from gisgrid.geometry.edits import Ground
from gisgrid.geometry.edits.codes import next_grid_code, next_micro_code
from gisgrid.redraw.edits.cell_edits import RestoreEdit
from gisgrid.redraw.edits.overlay import relay
from gisgrid.redraw.ground.plan_ground import base_of
from gisgrid.redraw.plans.models import Plan
from gisgrid.redraw.plans.store import new_plan
from gisgrid.redraw.service import add_edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """A grid of then that is closed today: its code of then, its name, and the code it is opened under."""

    code: str
    name: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredRevision:
    """A restoring plan, and the grids that come back under a new code, since closed ones aren't reused."""

    plan: Plan
    reopened: tuple[Reopened, ...]


@dataclass(slots=True)
class _Codes:
    """Codes of areas of then as the plan calls them: today's where they are open, else new ones."""

    ground: Ground
    today: Division
    taken: set[str]
    grids: dict[str, str] = field(default_factory=dict)
    micro_grids: dict[str, str] = field(default_factory=dict)

    def of_grid(self, grid: TreeArea) -> str:
        """The code of a grid."""
        known = self.today.tree.areas.get(grid.id)
        open_codes = [*self.ground.grids, *self.grids.values()]
        code = known.code if known else next_grid_code(grid.code, grids=open_codes, used=self.taken)
        self.grids[grid.id] = code
        self.taken.add(code)
        return code

    def of_micro_grid(self, micro: TreeArea, grid: str) -> str:
        """The code of a micro grid in a grid."""
        known = self.today.tree.areas.get(micro.id)
        own = [code for code in self.micro_grids.values() if code.startswith(grid)]
        code = known.code if known else next_micro_code(grid, micros=own, used=self.taken)
        self.micro_grids[micro.id] = code
        self.taken.add(code)
        return code


def restore(
    view: View, number: int, *, caches: Caches, now: datetime, name: str | None = None
) -> RestoredRevision:
    """Open a plan whose one edit gives every cell to the grid that held most of it in a revision.

    Raises
    ------
    NotFound
        The community had no such revision.
    Conflict
        It hasn't come into force yet, or the grids are as it had them.
    """
    require(view.actor, Action.REDRAW_EDIT)
    revision = view.session.scalar(
        select(Revision).where(Revision.community_id == view.community.id, Revision.number == number)
    )
    if revision is None:
        raise NotFound("no such revision")
    if revision.effective_at > now:
        raise Conflict("this revision has not come into force yet")
    then = caches.divisions.get(view.session, view.community.id, at=revision.effective_at)
    base = base_of(view)
    op, reopened = _operation(view.division, then, base.ground, number=number)
    if relay(base, base.ground, RestoreEdit.stored(op).areas).is_empty:
        raise Conflict(say("the grids are as revision {number} had them", number=number))
    plan = new_plan(view, name or _free_name(view, revision), now=now)
    add_edit(view, plan.id, op, caches=caches, now=now)
    return RestoredRevision(plan=plan, reopened=reopened)


def _free_name(view: View, revision: Revision) -> str:
    """What the plan is called: after the revision and its day, counted on where a plan has that name."""
    day = day_of(revision.effective_at, view.tz).isoformat()
    name = f"恢复第{revision.number}版({day})"
    names = set(view.session.scalars(select(Plan.name).where(Plan.community_id == view.community.id)))
    later = (f"{name} {count}" for count in range(2, len(names) + 3))
    return next(candidate for candidate in (name, *later) if candidate not in names)


def _operation(
    today: Division, then: Division, ground: Ground, *, number: int
) -> tuple[dict[str, Any], tuple[Reopened, ...]]:
    """The edit that names the cells of every grid and micro grid of then, and the grids under new codes."""
    held: dict[str, list[str]] = {}
    for cell, micro in holders(then, today).items():
        held.setdefault(micro, []).append(cell)
    codes = _Codes(ground, today, taken=set(ground.used | ground.grids.keys() | ground.grid_of.keys()))
    areas: list[dict[str, Any]] = []
    reopened: list[Reopened] = []
    for grid in then.tree.at_level(Level.GRID):
        micros = [area for area in then.tree.below(grid.id) if area.id in held]
        if not micros:
            continue
        area: dict[str, Any] = {"code": codes.of_grid(grid)}
        if grid.id not in today.tree.areas:
            cells = [cell for micro in micros for cell in held[micro.id]]
            area |= {"name": grid.name, "of": _grid_of_most(today, cells)}
            reopened.append(Reopened(code=grid.code, name=grid.name, now=area["code"]))
        area["micro_grids"] = [_micro_grid(codes, micro, area["code"], held[micro.id]) for micro in micros]
        areas.append(area)
    return {"op": "restore", "revision": number, "areas": areas}, tuple(reopened)


def _micro_grid(codes: _Codes, micro: TreeArea, grid: str, cells: list[str]) -> dict[str, Any]:
    named = {} if micro.id in codes.today.tree.areas else {"name": micro.name}
    return {"code": codes.of_micro_grid(micro, grid), **named, "cells": cells}


def _grid_of_most(today: Division, cells: list[str]) -> str:
    counts = Counter(grid.code for cell in cells if (grid := today.grid_of(cell)))
    return min(counts, key=lambda code: (-counts[code], code))
