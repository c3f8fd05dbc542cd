"""Buildings and households as points, and the cell each of them lies in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from gisgrid.crs import FloatArray, IntArray

OUTSIDE: Final = -1
"""In place of a cell or a building: there is none."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Points in EPSG:4326 on the lattice.

    ``xy``: lon, lat, shape (n, 2). ``building``: for each the index of its building among these points, -1
    for none and for buildings themselves. ``is_household``: whether it counts as a household. ``cell``: the
    number of its cell, -1 outside all. ``is_guest``: what is placed with the others but decides no side of a
    line, as a case or a facility; nothing where there are none.
    """

    xy: FloatArray
    building: IntArray
    is_household: BoolArray
    cell: IntArray
    is_guest: BoolArray | None = None

    @classmethod
    def none(cls) -> Points:
        """No points at all."""
        empty = np.empty(0, dtype=np.int64)
        return cls(xy=np.empty((0, 2)), building=empty, is_household=empty.astype(np.bool_), cell=empty)

    @cached_property
    def households(self) -> dict[int, int]:
        """The number of households in each cell that has any."""
        cells, counts = np.unique(self.cell[self.is_household], return_counts=True)
        return dict(zip(cells.tolist(), counts.tolist(), strict=True))

    def inside(self, cells: Collection[int]) -> IntArray:
        """Indexes of the points that lie in some cells, ascending."""
        return np.flatnonzero(np.isin(self.cell, np.fromiter(cells, dtype=np.int64)))

    def deciding(self, cells: Collection[int]) -> IntArray:
        """Indexes of the buildings and households that lie in some cells, ascending."""
        places = self.inside(cells)
        return places if self.is_guest is None else places[~self.is_guest[places]]

    def moved(self, changes: Mapping[int, tuple[int, int]]) -> Points:
        """The points with some of them in other cells: index to the cell before and after."""
        if not changes:
            return self
        cell = self.cell.copy()
        for index, (_before, after) in changes.items():
            cell[index] = after
        return replace(self, cell=cell)
