"""Two plans beside each other: the figures of every grid in both, and the cells that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import shapely
from typing_extensions import TypedDict

from gisgrid.analysis.withheld import withhold
from gisgrid.areas.view import Caches, View
from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import Ground
from gisgrid.places.queries import Feature
from gisgrid.redraw.impact.counts import counts_by_number
from gisgrid.redraw.impact.impact import COUNTS, compactness, grid_names
from gisgrid.redraw.plans.store import OpenPlan, open_plan
from gisgrid.redraw.rules.checks import findings_of
from gisgrid.redraw.views.changes import outlines_of


class ComparedPlan(TypedDict):
    """A plan that is compared, with its findings by weight."""

    id: str
    name: str
    state: str
    edits: int
    findings: dict[str, int]


class ComparedCounts(TypedDict):
    """The figures of a grid in a plan; those that are withheld are null and named in `suppressed`."""

    households: int
    residents: int | None
    elders: int | None
    open_cases: int
    suppressed: list[str]
    reason: str | None
    compactness: float


class ComparedGrid(TypedDict):
    """A grid in both plans."""

    code: str
    name: str
    a: ComparedCounts | None
    b: ComparedCounts | None


class ComparedCell(TypedDict):
    """A cell that has another grid, or that only one of the plans has."""

    id: str
    a: str | None
    b: str | None


class ComparisonRows(TypedDict):
    """Counts and compactness of each grid in both plans, cells with another grid, findings by weight."""

    plans: list[ComparedPlan]
    grids: list[ComparedGrid]
    cells: list[ComparedCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanComparison:
    """Two plans beside each other.

    ``areas``: of each plan the grids that look otherwise in the other; ``plots``: the land that differs, with
    its grid in both.
    """

    rows: ComparisonRows
    areas: tuple[list[Feature], list[Feature]]
    plots: list[Feature]


def compare(view: View, first_id: str, second_id: str, *, caches: Caches) -> PlanComparison:
    """Two plans of a community beside each other.

    Raises
    ------
    NotFound
        One of them isn't there.
    InvalidInput
        It is the same plan twice, or one of them is published and stands on another revision.
    """
    if first_id == second_id:
        raise InvalidInput("choose two different plans", field="b")
    both = [open_plan(view, plan_id, caches=caches) for plan_id in (first_id, second_id)]
    if both[0].base is not both[1].base and both[0].base.version != both[1].base.version:
        raise InvalidInput("these plans are drawn on different revisions", field="b")
    rows: ComparisonRows = {
        "plans": [_plan(view, opened) for opened in both],
        "grids": _grids(view, both[0], both[1]),
        "cells": _cells(both[0], both[1]),
    }
    areas = (_borders(both[0], both[1]), _borders(both[1], both[0]))
    return PlanComparison(rows=rows, areas=areas, plots=_plots(both[0], both[1]))


def _plan(view: View, opened: OpenPlan) -> ComparedPlan:
    rows = findings_of(view, opened)
    touched = [row for row in rows if row["touched"]]
    return {
        "id": opened.plan.id,
        "name": opened.plan.name,
        "state": opened.plan.state,
        "edits": len(opened.edits),
        "findings": {
            level: sum(row["level"] == level for row in touched) for level in ("block", "warn", "hint")
        },
    }


def _grids(view: View, first: OpenPlan, other: OpenPlan) -> list[ComparedGrid]:
    names = grid_names(view, first.drawing) | grid_names(view, other.drawing)
    codes = {*first.drawing.ground.grids, *other.drawing.ground.grids}
    figures = [_figures(view, opened) for opened in (first, other)]
    return [
        {"code": code, "name": names.get(code, code), "a": figures[0].get(code), "b": figures[1].get(code)}
        for code in sorted(codes, key=lambda code: (len(code), code))
    ]


def _figures(view: View, opened: OpenPlan) -> dict[str, ComparedCounts]:
    cells = counts_by_number(view, opened.base, opened.drawing)
    cells = cells.assign(
        open_cases=cells["open_cases" if view.actor.sees_exact_counts else "open_shown_cases"]
    )
    ground = opened.drawing.ground
    figures: dict[str, ComparedCounts] = {}
    for code, members in ground.grids.items():
        sums = cells.reindex(list(members), fill_value=0).sum()
        row: dict[str, Any] = {name: int(sums[name]) for name in COUNTS}
        # What differs between two plans could be very few persons: others see them on the maps alone.
        row = withhold(row, [] if view.actor.sees_exact_counts else ["residents", "elders"])
        row |= {"compactness": round(compactness(ground, members), 3)}
        figures[code] = cast("ComparedCounts", row)
    return figures


def _borders(first: OpenPlan, other: OpenPlan) -> list[Feature]:
    """The grids of a plan that have other cells in the other plan, or aren't there."""
    here, there = first.drawing.ground, other.drawing.ground
    differ = [code for code in sorted(here.grids) if not _is_same(here, there, code)]
    return outlines_of(here, differ)


def _is_same(here: Ground, there: Ground, code: str) -> bool:
    members = here.grids[code]
    return members == there.grids.get(code) and all(
        here.land.cells[number] == there.land.cells[number] for number in members
    )


def _plots(first: OpenPlan, other: OpenPlan) -> list[Feature]:
    """Land that lies in other grids, or in one of the plans alone; cut plots piece by piece."""
    here, there = first.drawing.ground, other.drawing.ground
    numbers = sorted(here.owner.keys() | there.owner.keys())
    same = {n for n in numbers if here.land.cells.get(n) == there.land.cells.get(n)}
    plots: list[Feature] = [
        (here.land.cells[number], {"a": here.grid_at(number), "b": there.grid_at(number)})
        for number in numbers
        if number in same and here.grid_at(number) != there.grid_at(number)
    ]
    own = [number for number in numbers if number not in same and number in here.owner]
    theirs = [number for number in numbers if number not in same and number in there.owner]
    return plots + _pieces(here, own, there, theirs)


def _pieces(here: Ground, own: list[int], there: Ground, theirs: list[int]) -> list[Feature]:
    """The parts of differently cut land that lie in different grids."""
    pieces: list[Feature] = []
    for number in own:
        for other in theirs:
            if here.grid_at(number) == there.grid_at(other):
                continue
            common = shapely.intersection(here.land.cells[number], there.land.cells[other])
            if shapely.area(common) > 0:
                pieces.append((common, {"a": here.grid_at(number), "b": there.grid_at(other)}))
    return pieces


def _cells(first: OpenPlan, other: OpenPlan) -> list[ComparedCell]:
    """Cells that are in other grids, or that only one of the plans has."""
    grounds = first.drawing.ground, other.drawing.ground
    rows: list[ComparedCell] = []
    for number in sorted(grounds[0].owner.keys() | grounds[1].owner.keys()):
        grids = [ground.grid_at(number) if number in ground.owner else None for ground in grounds]
        shapes = [ground.land.cells.get(number) for ground in grounds]
        if grids[0] != grids[1] or shapes[0] != shapes[1]:
            rows.append({"id": first.base.id_of(number), "a": grids[0], "b": grids[1]})
    return rows
