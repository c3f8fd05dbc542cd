"""Shapes in other coordinates, and their true areas in square metres."""

from __future__ import annotations

import numpy as np
import shapely

from gisgrid.crs import Crs, FloatArray, equal_area_crs, metric_crs, reproject, stored_crs
from gisgrid.geometry.lattice import GeometryArray


def transformed(geometries: GeometryArray, source: Crs, target: Crs) -> GeometryArray:
    """Geometries vertex by vertex in another CRS, 2D; edges are not densified."""

    def move(xy: FloatArray) -> FloatArray:
        return np.column_stack(reproject(xy[:, 0], xy[:, 1], source, target))

    return np.asarray(shapely.transform(geometries, move), dtype=np.object_)


def middle(geometries: GeometryArray, crs: Crs | None = None) -> tuple[float, float]:
    """Lon and lat of the middle of the geometries' bounds; ``crs`` is theirs, by default EPSG:4326."""
    west, south, east, north = shapely.total_bounds(geometries)
    x, y = (west + east) / 2, (south + north) / 2
    if crs is None:
        return float(x), float(y)
    lon, lat = reproject([x], [y], crs, stored_crs())
    return float(lon[0]), float(lat[0])


def local_equal_area(geometries: GeometryArray, crs: Crs | None = None) -> Crs:
    """An equal-area CRS centred within 0.1 degree of geometries; ``crs`` is theirs, by default EPSG:4326."""
    lon, lat = middle(geometries, crs)
    # Areas are the same wherever the centre is; a round one lets projections be reused.
    return equal_area_crs(round(lon, 1), round(lat, 1))


def local_metric(geometries: GeometryArray, crs: Crs | None = None) -> Crs:
    """The metric CRS at the middle of geometries; ``crs`` is theirs, by default EPSG:4326."""
    return metric_crs(*middle(geometries, crs))


def areas_m2(geometries: GeometryArray, crs: Crs | None = None) -> FloatArray:
    """True area in square metres of each geometry, by a local equal-area projection.

    ``crs`` is theirs, by default EPSG:4326. Empty geometries have no area.
    """
    if not len(geometries) or not np.isfinite(shapely.total_bounds(geometries)).all():
        return np.zeros(len(geometries))
    target = local_equal_area(geometries, crs)
    areas: FloatArray = np.asarray(shapely.area(transformed(geometries, crs or stored_crs(), target)))
    return areas
