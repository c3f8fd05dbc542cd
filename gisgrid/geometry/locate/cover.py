"""Areas drawn on a raster: for all places that may be asked, or for some that are known already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gisgrid.geometry.locate.outline import FloatArray, Geometries, Int32Array, Outlines, outlines_of
from gisgrid.geometry.locate.raster import Raster, choose_raster
from gisgrid.geometry.locate.resolution import FINEST, fitted
from gisgrid.geometry.locate.tables import Tables, build_tables, empty_tables

_SMALLEST_PRODUCT: Final = 1e-280
"""Below this a product loses digits on its way to zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Areas in the order of their rank, with everything drawn from them.

    ``near`` is the size of a cross product (square units) up to which its sign is not trusted: the
    guard's distance times the longest edge and the widest way inside a cell.
    """

    areas: Geometries
    outlines: Outlines
    raster: Raster
    tables: Tables
    near: float


def cover_of(areas: Geometries, *, cells_per_area: int) -> Cover:
    """Draws valid areas, given in the order of their rank, on a raster of about that many cells each."""
    outlines = outlines_of(areas)
    if not len(outlines.x):
        return _nothing(areas, outlines)
    raster = _raster(areas, outlines, cells_per_area)
    near = _near(areas, raster)
    tables = build_tables(outlines, raster, near=near)
    return Cover(areas=areas, outlines=outlines, raster=raster, tables=tables, near=near)


def cover_for(areas: Geometries, x: FloatArray, y: FloatArray) -> tuple[Cover, Int32Array]:
    """A cover that answers for these places alone, and their cells: only these cells are drawn.

    The raster is as coarse as suits the places.
    """
    outlines = outlines_of(areas)
    if not len(outlines.x):
        return _nothing(areas, outlines), np.ones(len(x), dtype=np.int32)
    raster = fitted(_raster(areas, outlines, FINEST), outlines, x, y)
    near = _near(areas, raster)
    cell = raster.cells_of(x, y)
    wanted = np.zeros(raster.cells + 1, dtype=bool)
    wanted[cell] = True
    tables = build_tables(outlines, raster, near=near, wanted=wanted[:-1])
    return Cover(areas=areas, outlines=outlines, raster=raster, tables=tables, near=near), cell


def _nothing(areas: Geometries, outlines: Outlines) -> Cover:
    raster = Raster(west=0.0, south=0.0, size=1.0, columns=1, rows=1, guard=0.0)
    return Cover(areas=areas, outlines=outlines, raster=raster, tables=empty_tables(), near=0.0)


def _raster(areas: Geometries, outlines: Outlines, cells_per_area: int) -> Raster:
    total = float(shapely.area(areas).sum())
    return choose_raster(outlines, total_area=total, wanted=cells_per_area, count=len(areas))


def _near(areas: Geometries, raster: Raster) -> float:
    """What a cross product must exceed: no edge is longer than the longest bounds along both axes."""
    bounds = shapely.bounds(areas)
    longest = float(np.nanmax((bounds[:, 2] - bounds[:, 0]) + (bounds[:, 3] - bounds[:, 1])))
    return max(raster.guard * (longest + 2 * raster.size), _SMALLEST_PRODUCT)
