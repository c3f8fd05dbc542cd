"""What is to be balanced: cells and their borders, how many grids, and what must not be crossed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from gisgrid.crs import FloatArray, IntArray, stored_crs
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.lattice import GeometryArray
from gisgrid.geometry.measure import areas_m2, local_metric, transformed
from gisgrid.geometry.neighbours import Neighbours, neighbour_graph

BoolArray = npt.NDArray[np.bool_]

SHORTEST_BORDER_M: Final = 0.5
"""Cells with a shorter common border do not count as joined, unless it is the best that one of them has."""
_LEFT_OVER: Final = 1e-3
"""Lengths are measured in projections that differ by less than this share."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedLand:
    """The cells that are shared out.

    ``graph``: which cells share a border and for how many metres; ``households``: shape (n,), never
    negative; ``area_m2``, ``perimeter_m`` (the full outline): shape (n,); ``middle_m``: shape (n, 2),
    middle points in a metric CRS.
    """

    graph: Neighbours
    households: IntArray
    area_m2: FloatArray
    perimeter_m: FloatArray
    middle_m: FloatArray

    @classmethod
    def of_cells(cls, cells: GeometryArray, households: IntArray) -> SharedLand:
        """The land of exactly noded cells, polygons in EPSG:4326 on the lattice."""
        metric = transformed(cells, stored_crs(), local_metric(cells))
        middles = shapely.get_coordinates(shapely.centroid(metric))
        return cls(
            graph=neighbour_graph(cells),
            households=np.asarray(households, dtype=np.int64),
            area_m2=areas_m2(cells),
            perimeter_m=np.asarray(shapely.length(metric), dtype=np.float64),
            middle_m=np.asarray(middles, dtype=np.float64),
        )

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.households)

    def is_outer(self) -> BoolArray:
        """Per cell whether some of its border is shared with no other cell."""
        shared = np.bincount(
            self.graph.pairs.reshape(-1), weights=np.repeat(self.graph.length_m, 2), minlength=self.size
        )
        return np.asarray(self.perimeter_m - shared > _LEFT_OVER * self.perimeter_m, dtype=np.bool_)

    def pairs_within(self, members: IntArray) -> BoolArray:
        """Per pair of the graph whether both cells are among ``members``."""
        inside = np.zeros(self.size, dtype=np.bool_)
        inside[members] = True
        return np.asarray(inside[self.graph.pairs].all(axis=1), dtype=np.bool_)

    def part(self, members: IntArray, passable: BoolArray) -> SharedLand:
        """Some cells (sorted indexes) as a land of their own, numbered in their order.

        Only pairs that are passable are kept.
        """
        kept = self.pairs_within(members) & passable
        local = np.searchsorted(members, self.graph.pairs[kept])
        return SharedLand(
            graph=Neighbours(size=len(members), pairs=local, length_m=self.graph.length_m[kept]),
            households=self.households[members],
            area_m2=self.area_m2[members],
            perimeter_m=self.perimeter_m[members],
            middle_m=self.middle_m[members],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BalanceProblem:
    """A land that is to be shared out among grids.

    Parameters
    ----------
    land
        The cells.
    grids
        How many grids there shall be.
    norm
        Households that each grid should have; left out, the mean.
    tolerance
        Share of the norm by which a grid may be off.
    hard, soft
        Per pair of the land's graph whether a barrier lies between the two cells: a hard one is never
        crossed, a soft one as little as can be. Left out, there is none. See `barriers_between`.
    current
        Today's grid of each cell, any numbers; left out, the proposal starts from nothing.
    change_weight
        How much a cell counts that leaves its grid of today: 0 for balance and shape alone, 0.03 for few
        changes, 0.3 for as few as possible. Without ``current`` it has no effect.
    """

    land: SharedLand
    grids: int
    norm: float | None = None
    tolerance: float = 0.03
    hard: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    soft: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    current: IntArray | None = None
    change_weight: float = 0.03

    @property
    def target(self) -> float:
        """Households that each grid should have."""
        return float(self.land.households.sum()) / self.grids if self.norm is None else self.norm

    def is_soft(self) -> BoolArray:
        """Per pair whether a soft barrier lies between."""
        return self._marked(self.soft)

    def is_hard(self) -> BoolArray:
        """Per pair whether a hard barrier lies between."""
        return self._marked(self.hard)

    def is_passable(self) -> BoolArray:
        """Per pair whether a grid may hang together by it: no hard barrier, and not only a corner."""
        return np.asarray(~self.is_hard() & _long_enough(self.land.graph), dtype=np.bool_)

    def part(self, members: IntArray, passable: BoolArray) -> BalanceProblem:
        """The problem of some cells (sorted indexes) alone, from nothing, with soft barriers only.

        Only pairs that are passable are kept. The number of grids stays to be set.
        """
        kept = self.land.pairs_within(members) & passable
        none = np.zeros(0, dtype=np.bool_)
        land = self.land.part(members, passable)
        return replace(self, land=land, hard=none, soft=self.is_soft()[kept], current=None)

    def _marked(self, marks: BoolArray) -> BoolArray:
        return marks if len(marks) else np.zeros(len(self.land.graph.pairs), dtype=np.bool_)


def barriers_between(graph: Neighbours, group: IntArray) -> BoolArray:
    """Per pair whether its cells are of different groups, as of compounds; ``group``: shape (n,)."""
    first, second = np.asarray(group)[graph.pairs].T
    return np.asarray(first != second, dtype=np.bool_)


def grids_for_norm(households: int, norm: float) -> int:
    """How many grids bring the mean nearest to the norm; at least one.

    >>> grids_for_norm(9658, 600)
    16
    """
    few = max(1, int(households // norm))
    return min((few, few + 1), key=lambda count: abs(households / (count * norm) - 1))


def refuse_unfit(problem: BalanceProblem) -> None:
    """Refuse a problem that has no answer whatever the effort.

    Raises
    ------
    InvalidInput
        Fewer cells than grids, no grid or no household at all, a norm or a tolerance that is not
        positive, or arrays that do not belong to the cells.
    """
    land, pairs = problem.land, len(problem.land.graph.pairs)
    if problem.grids < 1:
        raise InvalidInput("there must be at least one grid", field="grids")
    if problem.grids > land.size:
        raise InvalidInput(
            say("{grids} grids but only {cells} cells", grids=problem.grids, cells=land.size), field="grids"
        )
    if land.households.sum() < 1:
        raise InvalidInput("there is no household to share out")
    if problem.target <= 0 or problem.tolerance <= 0:
        raise InvalidInput("norm and tolerance must be more than 0")
    marks_fit = {len(problem.hard), len(problem.soft)} <= {0, pairs}
    if not marks_fit or (problem.current is not None and len(problem.current) != land.size):
        raise InvalidInput("barriers and today's grids must be given for all cells")


def _long_enough(graph: Neighbours) -> BoolArray:
    longest = np.zeros(graph.size)
    np.maximum.at(longest, graph.pairs.reshape(-1), np.repeat(graph.length_m, 2))
    enough = np.minimum(longest[graph.pairs].min(axis=1, initial=np.inf), SHORTEST_BORDER_M)
    return np.asarray(graph.length_m >= enough, dtype=np.bool_)
