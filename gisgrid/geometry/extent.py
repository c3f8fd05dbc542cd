"""Where most of some shapes lie: the box a map opens on, whatever a few of them say."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gisgrid.geometry.lattice import GeometryArray

_NEAR_DEG: Final = 0.5
"""About 50 km: no community is larger."""


def main_extent(shapes: GeometryArray) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the shapes of EPSG:4326 that lie about the middle one of them.

    What lies more than half a degree away, or reaches so far, is left out: a zero, a slip, the whole world.
    The box is never wider than about a degree. Nothing without any shape that has a place.
    """
    bounds = shapely.bounds(shapes)
    there = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(there):
        return None
    lon, lat = np.median((there[:, 0] + there[:, 2]) / 2), np.median((there[:, 1] + there[:, 3]) / 2)
    lowest, highest = np.array([lon, lat]) - _NEAR_DEG, np.array([lon, lat]) + _NEAR_DEG
    near = there[(there[:, :2] >= lowest).all(axis=1) & (there[:, 2:] <= highest).all(axis=1)]
    corners = np.concatenate([near[:, :2], near[:, 2:]]) if len(near) else np.array([lowest, highest])
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return (max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))
