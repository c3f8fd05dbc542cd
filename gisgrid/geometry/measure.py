"""True areas in square metres of shapes in degrees."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from gisgrid.crs import FloatArray, equal_area_crs, metric_crs, reproject, stored_crs
from gisgrid.geometry.lattice import GeometryArray


def transformed(geometries: GeometryArray, source: pyproj.CRS, target: pyproj.CRS) -> GeometryArray:
    """Geometries vertex by vertex in another CRS, 2D; edges are not densified."""

    def move(xy: FloatArray) -> FloatArray:
        return np.column_stack(reproject(xy[:, 0], xy[:, 1], source, target))

    return np.asarray(shapely.transform(geometries, move), dtype=np.object_)


def local_equal_area(geometries: GeometryArray) -> pyproj.CRS:
    """The equal-area CRS centred on geometries in EPSG:4326."""
    west, south, east, north = shapely.total_bounds(geometries)
    return equal_area_crs(float((west + east) / 2), float((south + north) / 2))


def local_metric(geometries: GeometryArray) -> pyproj.CRS:
    """The metric CRS at the middle of geometries in EPSG:4326."""
    west, south, east, north = shapely.total_bounds(geometries)
    return metric_crs(float((west + east) / 2), float((south + north) / 2))


def areas_m2(geometries: GeometryArray) -> FloatArray:
    """True area in square metres of each geometry in EPSG:4326, by a local equal-area projection."""
    if not len(geometries) or not np.isfinite(shapely.total_bounds(geometries)).all():
        return np.zeros(len(geometries))
    target = local_equal_area(geometries)
    areas: FloatArray = np.asarray(shapely.area(transformed(geometries, stored_crs(), target)))
    return areas
