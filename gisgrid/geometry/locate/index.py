"""The covering index: answers for many places at once, or for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from gisgrid.errors import InvalidInput
from gisgrid.geometry.locate.exact import cover_and_border
from gisgrid.geometry.locate.outline import BoolArray, FloatArray, IntArray, checked_areas
from gisgrid.geometry.locate.query import Places, candidates, cells_of, first_area, listed_blocks, slots_of
from gisgrid.geometry.locate.single import single_locator
from gisgrid.geometry.locate.tables import OUTSIDE, Cover, cover_of

CELLS_PER_AREA: Final = 128
"""Cells of the raster per area: more answer faster and take longer to build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """For each place the position of its area (-1 outside all), and whether it lies on a border.

    ``on_border``: exactly on the boundary of an area that covers the place.
    """

    area: IntArray
    on_border: BoolArray


class CoveringIndex:
    """A uniform raster over areas: a cell wholly inside one area answers at once, others test few edges.

    Candidates are the areas that cover a place, interior or boundary; the one of lowest rank is its area.
    The answers equal ``shapely.covers`` and that rule for every place. Coordinates may be degrees or
    metres, x before y, the same for areas and places. The index never changes and may be shared by threads.

    Examples
    --------
    >>> import shapely
    >>> index = CoveringIndex.build([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> index.locate_one(1.0, 0.5)
    (0, True)
    """

    def __init__(self, cover: Cover, order: IntArray) -> None:
        self._cover = cover
        # One more at the end, so that OUTSIDE is looked up like any area.
        self._position = np.append(order, OUTSIDE)
        answers = [(position, False) for position in self._position.tolist()]
        self.locate_one: Callable[[float, float], tuple[int, bool]] = single_locator(
            cover, answers, self._one
        )
        """Of x and y of one place its area and whether it lies on a border: ``locate`` without arrays."""

    @classmethod
    def build(
        cls, areas: npt.ArrayLike, *, rank: npt.ArrayLike | None = None, cells_per_area: int = CELLS_PER_AREA
    ) -> Self:
        """An index of valid polygons and multipolygons; an empty polygon covers nothing.

        Parameters
        ----------
        areas
            Geometries, in any order; they may overlap.
        rank
            One number per area: of several areas that cover a place the one of lowest rank is taken,
            of equal ranks the first. Default: the position.
        cells_per_area
            Cells of the raster per area of mean size.

        Raises
        ------
        InvalidInput
            An area is missing, no polygon or invalid; every such row is named, counted from 1.
        """
        checked = checked_areas(areas)
        ranks = np.arange(len(checked)) if rank is None else np.asarray(rank)
        if ranks.shape != checked.shape:
            raise InvalidInput("each area needs one rank", field="rank")
        order = np.argsort(ranks, kind="stable").astype(np.int64)
        return cls(cover_of(checked[order], cells_per_area=cells_per_area), order)

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Located:
        """The area of each place, by the one rule, and whether it lies on a border.

        NaN and infinite coordinates lie outside all areas.
        """
        xs, ys = _coordinates(x, y)
        cell, state = cells_of(self._cover, xs, ys)
        area, on_border = state, np.zeros(len(xs), dtype=bool)
        for places in listed_blocks(self._cover, xs, ys, cell=cell):
            bits, sure = slots_of(self._cover, places)
            area[places.index] = first_area(self._cover, places, bits)
            if not sure.all():
                unsure = _chosen(places, np.flatnonzero(~sure))
                area[unsure.index], on_border[unsure.index] = self._exactly(unsure)
        return Located(area=self._position[area], on_border=on_border)

    def _one(self, x: float, y: float) -> tuple[int, bool]:
        located = self.locate([x], [y])
        return int(located.area[0]), bool(located.on_border[0])

    def covering(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[IntArray, IntArray]:
        """All pairs of a place and an area that covers it, by place, then by rank of the area."""
        xs, ys = _coordinates(x, y)
        cell, state = cells_of(self._cover, xs, ys)
        whole = np.flatnonzero(state > OUTSIDE)
        owners, areas = [whole], [state[whole].astype(np.int64)]
        for places in listed_blocks(self._cover, xs, ys, cell=cell):
            owner, area = self._covering_listed(places)
            owners.append(places.index[owner])
            areas.append(area)
        owner, area = np.concatenate(owners), np.concatenate(areas)
        order = np.lexsort((area, owner))
        return owner[order], self._position[area[order]]

    def _covering_listed(self, places: Places) -> tuple[IntArray, IntArray]:
        """Pairs of a place (by its number among the given) and an area that covers it."""
        owner, area = candidates(self._cover, places)
        covered, _ = cover_and_border(self._cover.areas, area, places.x[owner], places.y[owner])
        return owner[covered], area[covered]

    def _exactly(self, places: Places) -> tuple[IntArray, BoolArray]:
        """Area (by rank order) and border of places by the exact test of all candidates."""
        owner, area = candidates(self._cover, places)
        covered, border = cover_and_border(self._cover.areas, area, places.x[owner], places.y[owner])
        result = np.full(len(places.index), OUTSIDE, dtype=np.int64)
        # Candidates come by rank: written backwards, the lowest is written last and stays.
        hits = np.flatnonzero(covered)[::-1]
        result[owner[hits]] = area[hits]
        on_border = np.zeros(len(places.index), dtype=bool)
        on_border[owner[border]] = True
        return result, on_border


def _coordinates(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    xs, ys = np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64)
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise InvalidInput("places are two arrays of one length: x and y")
    return xs, ys


def _chosen(places: Places, which: IntArray) -> Places:
    return Places(
        index=places.index[which],
        x=places.x[which],
        y=places.y[which],
        cell=places.cell[which],
        listed=places.listed[which],
    )
