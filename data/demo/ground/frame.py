"""Where the demo lies: local metres of the plan and degrees on the lattice.

The plan is drawn in metres east and north of a corner near 118.20 E, 33.90 N: open land south-west of
the town of Suqian, a box of about 1.6 x 1.2 km. Every further community takes the next box of a
square table that grows to the west and south, so communities never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import pyproj
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import FloatArray, metric_crs, reproject, stored_crs, to_lattice
from gisgrid.errors import InvalidInput
from gisgrid.geometry.lattice import on_lattice

Shape = TypeVar("Shape", bound=BaseGeometry)

CORNER: Final = (118.1915, 33.8945)
"""Lon, lat of the plan's south-west corner for community 0; the middle is 118.20 E, 33.90 N."""

COLUMN_STEP_M: Final = 1800.0
ROW_STEP_M: Final = 1400.0
COLUMNS: Final = 20
MAX_COMMUNITIES: Final = 399
"""The codes 601 to 999 of the subdistrict are the unused range the demo takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Local metres around one corner; ``metric`` is the metric CRS of the place."""

    metric: pyproj.CRS
    east_m: float
    north_m: float

    def to_degrees(self, geometry: Shape) -> Shape:
        """A plan geometry (metres) in EPSG:4326 with its vertices on the lattice."""
        return shapely.transform(geometry, self._degrees)

    def polygon(self, shape: Polygon) -> Polygon:
        """A polygon of the plan in EPSG:4326, valid on the lattice and counter-clockwise."""
        placed = on_lattice(self.to_degrees(shape))
        if not isinstance(placed, Polygon):
            raise InvalidInput("a shape of the plan falls apart on the lattice")
        return placed

    def to_metres(self, geometry: Shape) -> Shape:
        """A geometry of EPSG:4326 in metres of the plan."""
        return shapely.transform(geometry, self._metres)

    def _degrees(self, xy: FloatArray) -> FloatArray:
        lon, lat = reproject(xy[:, 0] + self.east_m, xy[:, 1] + self.north_m, self.metric, stored_crs())
        return np.column_stack([to_lattice(lon), to_lattice(lat)])

    def _metres(self, xy: FloatArray) -> FloatArray:
        x, y = reproject(xy[:, 0], xy[:, 1], stored_crs(), self.metric)
        return np.column_stack([x - self.east_m, y - self.north_m])


def frame_of(community: int) -> Frame:
    """The frame of the community with an index from 0.

    Raises
    ------
    InvalidInput
        The index is negative or beyond the unused range of codes.
    """
    if not 0 <= community < MAX_COMMUNITIES:
        raise InvalidInput(f"community must be from 0 to {MAX_COMMUNITIES - 1}", field="community")
    metric = metric_crs(*CORNER)
    x, y = reproject([CORNER[0]], [CORNER[1]], stored_crs(), metric)
    row, column = divmod(community, COLUMNS)
    return Frame(
        metric=metric, east_m=float(x[0]) - column * COLUMN_STEP_M, north_m=float(y[0]) - row * ROW_STEP_M
    )


def community_code(community: int) -> str:
    """The 12-digit code: 321302 + 001 + 601 and up, which no real community has (示例)."""
    return f"321302001{601 + community:03d}"
