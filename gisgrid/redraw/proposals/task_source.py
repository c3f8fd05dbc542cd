"""From a plan and a wish to a task: which cells are shared out, who has them, who lives there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from sqlalchemy import or_, select

from gisgrid.areas.levels import levels_of, refuse_unused
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.crs import IntArray
from gisgrid.errors import InvalidInput, say, some_of
from gisgrid.geometry.balance import SharedLand, grids_for_norm
from gisgrid.geometry.balance.problem import BoolArray
from gisgrid.places.models import Compound
from gisgrid.places.queries import compounds_of
from gisgrid.redraw.impact.counts import counts_by_number
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.proposals.barriers import barriers, compound_of_cells, spread
from gisgrid.redraw.proposals.models import JobKind
from gisgrid.redraw.proposals.task import Task
from gisgrid.redraw.proposals.wishes import CHANGE_WEIGHTS, Barriers, ProposalWish, Start

CELLS_PER_MICRO_GRID: Final = 5
"""A micro grid has about so many cells at least where nobody says how many there shall be."""


def read_task(view: View, opened: OpenPlan, wish: ProposalWish, *, micro_grids: int) -> Task:
    """What is to be worked out.

    Parameters
    ----------
    micro_grids
        How many micro grids a grid is split into where the wish doesn't say; fewer in a small grid.

    Raises
    ------
    InvalidInput
        The community uses no micro grids, an unknown or locked grid, no such compound, or what is left
        outside would fall apart.
    """
    if wish.kind == JobKind.MICRO_GRIDS:
        refuse_unused(levels_of(view), Level.MICRO_GRID)
    if wish.grids is not None and wish.norm is not None:
        raise InvalidInput("say how many grids or the norm, not both", field="norm")
    cells = _scoped(view, opened, wish)
    owner = _owners(opened, wish, cells)
    codes = tuple(sorted(set(owner)))
    place = {code: index for index, code in enumerate(codes)}
    ground = opened.drawing.ground
    numbers = np.array(cells, dtype=np.int64)
    shapes = ground.land.shapes_of(cells)
    counts = counts_by_number(view, opened.base, opened.drawing)["households"]
    land = SharedLand.of_cells(shapes, counts.reindex(cells, fill_value=0).to_numpy(dtype=np.int64))
    is_micro = wish.kind == JobKind.MICRO_GRIDS
    return Task(
        kind=wish.kind,
        land=land,
        cells=tuple(opened.base.id_of(cell) for cell in cells),
        codes=codes,
        kept=tuple(is_micro or set(ground.grids[code]) <= set(cells) for code in codes),
        current=np.array([place[code] for code in owner], dtype=np.int64),
        barrier=barriers(view, opened, land.graph, numbers, wish.barriers_from),
        free=_free(opened, numbers),
        outer=land.is_outer(),
        grids=_count(wish, land, codes, micro_grids=micro_grids),
        norm=wish.norm,
        tolerance=wish.tolerance,
        start=Start.NOTHING if is_micro or wish.compound else wish.start,
        barriers=Barriers.IGNORE if is_micro else wish.barriers,
        change_weight=CHANGE_WEIGHTS[wish.few_changes],
        seed=wish.seed,
        curve=wish.curve and wish.kind == JobKind.BALANCE,
    )


def _count(wish: ProposalWish, land: SharedLand, codes: tuple[str, ...], *, micro_grids: int) -> int:
    households = int(land.households.sum())
    if wish.kind == JobKind.MICRO_GRIDS:
        return wish.parts or max(2, min(micro_grids, land.size // CELLS_PER_MICRO_GRID))
    if wish.norm is not None:
        return grids_for_norm(households, wish.norm)
    return wish.grids or len(codes)


def _owners(opened: OpenPlan, wish: ProposalWish, cells: Iterable[int]) -> list[str]:
    ground = opened.drawing.ground
    if wish.kind == JobKind.MICRO_GRIDS:
        return [ground.owner[cell] for cell in cells]
    return [ground.grid_at(cell) for cell in cells]


def _scoped(view: View, opened: OpenPlan, wish: ProposalWish) -> tuple[int, ...]:
    """Numbers of the cells that are shared out, ascending."""
    ground, locked = opened.drawing.ground, opened.drawing.locked
    if wish.kind == JobKind.MICRO_GRIDS:
        if wish.grid is None or wish.grid not in ground.grids:
            raise InvalidInput("name the grid by its code", field="grid")
        wanted: tuple[str, ...] = (wish.grid,)
    elif wish.compound is not None:
        return _in_compound(view, opened, wish.compound)
    else:
        wanted = wish.scope or tuple(code for code in ground.grids if code not in locked)
    for code in wanted:
        if code not in ground.grids:
            raise InvalidInput(say("no grid with the code {code}", code=code), field="scope")
    hit = sorted(locked & set(wanted))
    if hit or not wanted:
        raise InvalidInput(say("locked: {grids}", grids=some_of(hit or locked)), field="scope")
    return tuple(sorted(cell for code in wanted for cell in ground.grids[code]))


def _in_compound(view: View, opened: OpenPlan, name: str) -> tuple[int, ...]:
    """Cells of a compound; what its grids have outside must hang together without it."""
    compound = view.session.scalar(
        select(Compound.id).where(compounds_of(view), or_(Compound.id == name, Compound.name == name))
    )
    ground = opened.drawing.ground
    numbers = np.array(ground.land.numbers, dtype=np.int64)
    of_cell, names = compound_of_cells(view, opened, numbers)
    if compound is None or compound not in names:
        raise InvalidInput("no compound of that name has buildings here", field="compound")
    graph = SharedLand.of_cells(ground.land.shapes, np.zeros(len(numbers), dtype=np.int64)).graph
    inside = set(numbers[spread(of_cell, graph) == names.index(compound)].tolist())
    for code, members in ground.grids.items():
        rest = [cell for cell in members if cell not in inside]
        if 0 < len(rest) < len(members):
            _refuse_left_over(opened, code, rest, before=members)
    return tuple(sorted(inside))


def _refuse_left_over(opened: OpenPlan, code: str, rest: list[int], *, before: tuple[int, ...]) -> None:
    land = opened.drawing.ground.land
    if code in opened.drawing.locked:
        raise InvalidInput(say("locked: {grids}", grids=code), field="compound")
    if len(land.parts(rest)) > len(land.parts(before)):
        message = say(
            "outside the compound grid {grid} would fall apart: choose its grids instead", grid=code
        )
        raise InvalidInput(message, field="compound")


def _free(opened: OpenPlan, numbers: IntArray) -> BoolArray:
    """Cells without a building and without a household."""
    points = opened.drawing.ground.points
    taken = points.cell if points.is_guest is None else points.cell[~points.is_guest]
    return np.asarray(~np.isin(numbers, taken), dtype=np.bool_)
