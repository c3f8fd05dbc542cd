"""The covering index: answers for many places at once, or for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from gisgrid.errors import InvalidInput
from gisgrid.geometry.locate.bulk import covering_pairs, locate_many
from gisgrid.geometry.locate.cover import Cover, cover_for, cover_of
from gisgrid.geometry.locate.outline import BoolArray, FloatArray, Geometries, IntArray, checked_areas
from gisgrid.geometry.locate.single import single_locator
from gisgrid.geometry.locate.tables import OUTSIDE

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
        self.locate_one: Callable[[float, float], tuple[int, bool]] = _one_by_one(cover, self._position)
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
        checked, order = _in_order(areas, rank)
        return cls(cover_of(checked[order], cells_per_area=cells_per_area), order)

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Located:
        """The area of each place, by the one rule, and whether it lies on a border.

        NaN and infinite coordinates lie outside all areas.
        """
        area, on_border = locate_many(self._cover, *_coordinates(x, y))
        return Located(area=self._position[area], on_border=on_border)

    def covering(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[IntArray, IntArray]:
        """All pairs of a place and an area that covers it, by place, then by rank of the area."""
        place, area = covering_pairs(self._cover, *_coordinates(x, y))
        return place, self._position[area]


def locate_once(
    areas: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike, *, rank: npt.ArrayLike | None = None
) -> Located:
    """What an index answers for these places, where it is asked only once: only their cells are built.

    Parameters are those of `CoveringIndex.build` and `CoveringIndex.locate`, and so are the errors.
    """
    checked, order = _in_order(areas, rank)
    xs, ys = _coordinates(x, y)
    cover, cell = cover_for(checked[order], xs, ys)
    area, on_border = locate_many(cover, xs, ys, cell=cell)
    return Located(area=np.append(order, OUTSIDE)[area], on_border=on_border)


def _in_order(areas: npt.ArrayLike, rank: npt.ArrayLike | None) -> tuple[Geometries, IntArray]:
    """The areas, all of them valid, and their positions in the order of their rank."""
    checked = checked_areas(areas)
    ranks = np.arange(len(checked)) if rank is None else np.asarray(rank)
    if ranks.shape != checked.shape:
        raise InvalidInput("each area needs one rank", field="rank")
    return checked, np.argsort(ranks, kind="stable").astype(np.int64)


def _one_by_one(cover: Cover, position: IntArray) -> Callable[[float, float], tuple[int, bool]]:
    """The locator of one place; it knows the cover, not the index, which so is freed once it is let go."""

    def exactly(x: float, y: float) -> tuple[int, bool]:
        area, on_border = locate_many(cover, *_coordinates([x], [y]))
        return int(position[area[0]]), bool(on_border[0])

    return single_locator(cover, [(area, False) for area in position.tolist()], exactly)


def _coordinates(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    xs, ys = np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64)
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise InvalidInput("places are two arrays of one length: x and y")
    return xs, ys
