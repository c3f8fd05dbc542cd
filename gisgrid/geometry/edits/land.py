"""Numbered cells, the borders between them and what hangs together; cheap to change a few cells of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.cache import Memory
from gisgrid.crs import Crs, stored_crs
from gisgrid.geometry.edits.borders import Borders, borders_between
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import local_equal_area, local_metric, transformed

_MEASURED: Final = 1024
"""So many groups of cells are remembered with their compactness."""


@dataclass(frozen=True, kw_only=True)
class CellLand:
    """Cells by their number: polygons in EPSG:4326 on the lattice that fit exactly, and their borders.

    Cells that only touch in a point have no common border. ``metric``: the metric CRS of their middle, which
    stays the same however the land is divided.
    """

    cells: Mapping[int, shapely.Polygon]
    borders: Borders
    metric: Crs

    @classmethod
    def of(cls, numbers: Iterable[int], shapes: GeometryArray) -> CellLand:
        """The land of cells with their numbers."""
        cells = dict(zip((int(number) for number in numbers), shapes, strict=True))
        metric = local_metric(as_array(list(cells.values())))
        return cls(cells=cells, borders=borders_between(cells, metric), metric=metric)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all cells, ascending."""
        return tuple(sorted(self.cells))

    @cached_property
    def shapes(self) -> GeometryArray:
        """The polygons in the order of ``numbers``."""
        return self.shapes_of(self.numbers)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """An index over ``shapes``."""
        return shapely.STRtree(self.shapes)

    def shapes_of(self, numbers: Sequence[int]) -> GeometryArray:
        """The polygons of some cells, in their order."""
        shapes = np.empty(len(numbers), dtype=np.object_)
        for at, number in enumerate(numbers):
            shapes[at] = self.cells[number]
        return shapes

    @cached_property
    def _true_shapes(self) -> dict[int, shapely.Polygon]:
        """The polygons in an equal-area CRS, projected once for all who measure."""
        flat = transformed(self.shapes, stored_crs(), local_equal_area(self.shapes))
        return dict(zip(self.numbers, flat, strict=True))

    @cached_property
    def _measured(self) -> Memory[float]:
        return Memory(_MEASURED)

    def compactness(self, members: tuple[int, ...]) -> float:
        """Polsby-Popper of some cells together: 1 is a circle (4 pi area over perimeter squared).

        Remembered, since a plan asks for the same grids after every edit.
        """

        def measured() -> float:
            whole = shapely.coverage_union_all([self._true_shapes[cell] for cell in members])
            length = float(shapely.length(whole))
            return 4 * np.pi * float(shapely.area(whole)) / length**2 if length else 0.0

        return self._measured.get(members, measured)

    def near(self, shape: BaseGeometry | GeometryArray) -> list[int]:
        """Cells that share at least a point with a shape or with one of several, ascending."""
        _shape, places = self.tree.query(as_array(shape), predicate="intersects")
        return [self.numbers[at] for at in np.unique(places).tolist()]

    def parts(self, members: Iterable[int]) -> list[tuple[int, ...]]:
        """The pieces in which some cells hang together by borders, the one with most cells first.

        Ties: the piece with the lowest number first. Each piece is ascending.
        """
        left = set(members)
        pieces = []
        while left:
            piece = self._reached(left)
            left -= piece
            pieces.append(tuple(sorted(piece)))
        return sorted(pieces, key=lambda piece: (-len(piece), piece[0]))

    def _reached(self, among: set[int]) -> set[int]:
        """Everything that hangs together with one cell of a set."""
        start = next(iter(among))
        seen, waiting = {start}, [start]
        while waiting:
            fresh = [cell for cell in self.borders[waiting.pop()] if cell in among and cell not in seen]
            seen.update(fresh)
            waiting += fresh
        return seen

    def replaced(self, removed: Iterable[int], added: Mapping[int, shapely.Polygon]) -> CellLand:
        """The land with some cells in the place of others."""
        gone = set(removed)
        cells = {number: shape for number, shape in self.cells.items() if number not in gone}
        cells |= added
        around = {other for number in gone for other in self.borders[number]}
        around = (around | set(self.near(as_array(list(added.values())))) if added else around) - gone
        patch = {number: cells[number] for number in sorted(around | set(added))}
        borders = {
            number: {other: metres for other, metres in own.items() if other not in gone}
            if number in around
            else own
            for number, own in self.borders.items()
            if number not in gone
        }
        for number, own in borders_between(patch, self.metric).items():
            known = dict(borders.get(number, {}))
            new = {other: metres for other, metres in own.items() if number in added or other in added}
            borders[number] = known | new
        return CellLand(cells=cells, borders=borders, metric=self.metric)
