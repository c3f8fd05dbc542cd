"""Cells that had better go together: a garden inside a yard, the pieces of a park.

A frame round a garden and the garden itself each make a bad grid alone, so a search that moves one cell
at a time never gets past them. Bundled they are one block.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gisgrid.crs import FloatArray, IntArray
from gisgrid.geometry.balance.floor import Floor
from gisgrid.geometry.balance.problem import BalanceProblem, BoolArray, SharedLand, barriers_between
from gisgrid.geometry.neighbours import Neighbours

_ENCLOSED: Final = 0.999
_MOSTLY: Final = 0.3
_LARGEST_SHARE: Final = 0.3
"""Of a mean grid's area: larger bundles would leave too little choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bundles:
    """A problem over units instead of cells; ``unit``: the unit of each cell."""

    unit: IntArray
    problem: BalanceProblem
    floor: Floor


def bundled(problem: BalanceProblem, floor: Floor) -> Bundles:
    """The problem with enclosed cells joined to what encloses them, and empty land to empty land.

    Land without households joins other such land with which it has much of its border. Nothing is joined
    across a barrier or over a border of today's grids, nor where a part would be left with fewer units
    than grids.
    """
    bundles = Bundles(unit=np.arange(problem.land.size, dtype=np.int64), problem=problem, floor=floor)
    while True:
        joined = _joined(bundles)
        if joined is None:
            return bundles
        bundles = joined


def _joined(bundles: Bundles) -> Bundles | None:
    """One round of joining; ``None`` where nothing is left to join."""
    land, ties = bundles.problem.land, _wanted(bundles)
    if not len(ties):
        return None
    links = sparse.csr_array((np.ones(len(ties)), (ties[:, 0], ties[:, 1])), shape=(land.size, land.size))
    label = np.asarray(csgraph.connected_components(links, directed=False)[1], dtype=np.int64)
    floor = _floor_of_units(bundles.floor, label, _pairs_of_units(land.graph, label)[1])
    if any(len(part.cells) < part.grids for part in floor.parts):
        return None
    problem = _problem_of_units(bundles.problem, floor, label)
    return Bundles(unit=label[bundles.unit], problem=problem, floor=floor)


def _wanted(bundles: Bundles) -> IntArray:
    """Pairs of units that are joined now, shape (n, 2); no unit twice, the closest pairs first."""
    problem, graph = bundles.problem, bundles.problem.land.graph
    share = (graph.length_m[:, None] / problem.land.perimeter_m[graph.pairs]).max(axis=1, initial=0.0)
    allowed = bundles.floor.passable & ~problem.is_soft() & _stays(problem)
    wanted = allowed & ((share >= _ENCLOSED) | (_is_small_and_empty(problem) & (share > _MOSTLY)))
    order = np.flatnonzero(wanted)[np.argsort(-share[wanted], kind="stable")]
    taken, chosen = set[int](), []
    for first, second in graph.pairs[order].tolist():
        if first not in taken and second not in taken:
            taken |= {first, second}
            chosen.append((first, second))
    return np.array(chosen, dtype=np.int64).reshape(-1, 2)


def _is_small_and_empty(problem: BalanceProblem) -> BoolArray:
    """Per pair whether nobody lives in either unit and both together leave a grid room for more."""
    land, pairs = problem.land, problem.land.graph.pairs
    most_m2 = _LARGEST_SHARE * land.area_m2.sum() / problem.grids
    empty = (land.households[pairs] == 0).all(axis=1)
    return np.asarray(empty & (land.area_m2[pairs].sum(axis=1) <= most_m2), dtype=np.bool_)


def _stays(problem: BalanceProblem) -> BoolArray:
    """Per pair whether both units are in the same grid today."""
    if problem.current is None:
        return np.ones(len(problem.land.graph.pairs), dtype=np.bool_)
    return ~barriers_between(problem.land.graph, problem.current)


def _pairs_of_units(graph: Neighbours, label: IntArray) -> tuple[IntArray, IntArray]:
    """Pairs of units, and for each pair of cells the pair of units it is part of, -1 inside a unit."""
    ends = np.sort(label[graph.pairs], axis=1)
    outer = ends[:, 0] != ends[:, 1]
    pairs, place = np.unique(ends[outer], axis=0, return_inverse=True)
    index = np.full(len(ends), -1, dtype=np.int64)
    index[outer] = place.reshape(-1)
    return pairs.reshape(-1, 2), index


def _floor_of_units(floor: Floor, label: IntArray, index: IntArray) -> Floor:
    count = int(index.max(initial=-1)) + 1
    passable = _sums(index, floor.passable.astype(np.float64), count) > 0
    parts = tuple(replace(part, cells=np.unique(label[part.cells])) for part in floor.parts)
    return replace(floor, parts=parts, passable=np.asarray(passable, dtype=np.bool_))


def _problem_of_units(problem: BalanceProblem, floor: Floor, label: IntArray) -> BalanceProblem:
    pairs, index = _pairs_of_units(problem.land.graph, label)
    length_m = problem.land.graph.length_m
    soft_m = _sums(index, np.where(problem.is_soft(), length_m, 0.0), len(pairs))
    total_m = _sums(index, length_m, len(pairs))
    graph = Neighbours(size=int(label.max()) + 1, pairs=pairs, length_m=total_m)
    current = problem.current
    if current is not None:
        of_unit = np.zeros(graph.size, dtype=np.int64)
        of_unit[label] = current
        current = of_unit
    return replace(
        problem,
        land=_land_of_units(problem.land, graph, label, index),
        hard=np.asarray(~floor.passable, dtype=np.bool_),
        soft=np.asarray(soft_m > _MOSTLY * total_m, dtype=np.bool_),
        current=current,
    )


def _land_of_units(land: SharedLand, graph: Neighbours, label: IntArray, index: IntArray) -> SharedLand:
    area = _sums(label, land.area_m2, graph.size)
    first = label[land.graph.pairs[:, 0]]
    inner_m = _sums(np.where(index < 0, first, -1), land.graph.length_m, graph.size)
    x, y = (_sums(label, land.area_m2 * axis, graph.size) for axis in land.middle_m.T)
    return SharedLand(
        graph=graph,
        households=_sums(label, land.households.astype(np.float64), graph.size).astype(np.int64),
        area_m2=area,
        perimeter_m=_sums(label, land.perimeter_m, graph.size) - 2 * inner_m,
        middle_m=np.stack([x, y], axis=1) / np.maximum(area, 1e-9)[:, None],
    )


def _sums(index: IntArray, values: FloatArray, count: int) -> FloatArray:
    """Sums of values per index from 0; those of -1 are left out."""
    kept = index >= 0
    return np.bincount(index[kept], weights=values[kept], minlength=count).astype(np.float64)
