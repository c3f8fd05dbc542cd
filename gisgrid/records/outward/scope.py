"""For which grids and month a department's table is filled, within what the actor serves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, true

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.days import start_of
from gisgrid.errors import Fault, InvalidInput, NotFound, say
from gisgrid.people.edits.scope import reason_faults
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on

ANYWHERE: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Roles that fill tables of the whole community; others those of their own grids."""
_MONTH: Final = re.compile(r"(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])")
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardRequest:
    """What is wanted: a grid's code or nothing for all one serves, a month ``2026-12`` or the present one."""

    grid: str | None = None
    month: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardScope:
    """Grids by their number, their cells (nothing: the whole community), and the month as ``[first, end)``.

    ``area`` is the one grid, or the community.
    """

    area: TreeArea
    grids: tuple[TreeArea, ...]
    cells: frozenset[str] | None
    first: date
    end: date
    reason: str | None

    def homes(self, view: View) -> ColumnElement[bool]:
        """The households in it that stood there that day, as SQL."""
        here = and_(
            is_of(view, PlacedKind.HOUSEHOLD, Household),
            lived_on(Household.lived_from, Household.lived_to, view.when.day),
        )
        return and_(here, self.holds(Household.cell_id))

    def holds(self, cell: Any) -> ColumnElement[bool]:
        """Whether a column of cells lies in it, as SQL."""
        within: ColumnElement[bool] = true() if self.cells is None else cell.in_(self.cells)
        return within

    def moments(self, view: View) -> tuple[datetime, datetime]:
        """The month as instants, the second one not included."""
        return start_of(self.first, view.tz), start_of(self.end, view.tz)


def open_scope(view: View, wanted: OutwardRequest, *, asks_reason: bool = False) -> OutwardScope:
    """What somebody may fill a table for; ``asks_reason`` of everybody, where it lists persons.

    Raises
    ------
    NotAllowed
        The role fills no tables.
    NotFound
        No such grid within what the actor serves.
    InvalidInput
        No month, one that hasn't begun, or no reason where one is needed; all faults at once.
    """
    require(view.actor, Action.OUTWARD_FILL)
    require(view.actor, Action.EXPORTS_MAKE)
    first, faults = _first_day(view, wanted.month)
    if faults := [*faults, *_reason_faults(view, wanted.reason, asks=asks_reason)]:
        raise InvalidInput(faults)
    area = _area(view, wanted.grid)
    return OutwardScope(
        area=area,
        grids=_grids(view, area),
        cells=_cells(view, area),
        first=first,
        end=_next_month(first),
        reason=(wanted.reason or "").strip() or None,
    )


def _reason_faults(view: View, reason: str | None, *, asks: bool) -> list[Fault]:
    faults = reason_faults(view, reason)
    if asks and not faults and not (reason or "").strip():
        return [Fault(message="a reason is needed", field="reason")]
    return faults


def _first_day(view: View, month: str | None) -> tuple[date, list[Fault]]:
    today = view.when.day
    if not month:
        return today.replace(day=1), []
    match = _MONTH.fullmatch(month)
    if match is None:
        return today, [Fault(message=say("a month is written as 2026-12"), field="month")]
    first = date(int(match["year"]), int(match["month"]), 1)
    faults = [Fault(message=say("this month has not begun yet"), field="month")] if first > today else []
    return first, faults


def _next_month(first: date) -> date:
    is_last = first.month == _DECEMBER
    return date(first.year + is_last, 1 if is_last else first.month + 1, 1)


def serves(view: View, area: TreeArea) -> bool:
    """Whether an actor's own grids hold an area wholly; heads serve all of the community."""
    if view.actor.role in ANYWHERE:
        return True
    cells = view.present.cells_of([area.id])
    return bool(cells) and cells <= view.own_cells


def _area(view: View, grid: str | None) -> TreeArea:
    tree = view.present.tree
    if not grid:
        return tree.areas[view.community.id]
    area = tree.by_code(grid)
    if area.level != Level.GRID or not serves(view, area):
        raise NotFound("no such grid")
    return area


def _grids(view: View, area: TreeArea) -> tuple[TreeArea, ...]:
    if area.level == Level.GRID:
        return (area,)
    grids = (grid for grid in view.present.tree.at_level(Level.GRID) if serves(view, grid))
    return tuple(sorted(grids, key=lambda grid: (len(grid.code), grid.code)))


def _cells(view: View, area: TreeArea) -> frozenset[str] | None:
    if area.level == Level.GRID:
        return frozenset(view.present.cells_of([area.id]))
    return None if view.actor.role in ANYWHERE else view.own_cells
