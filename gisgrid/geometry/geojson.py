"""Writes GeoJSON fast: coordinates rounded in numpy, one array per ring (RFC 7946, lon before lat)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import orjson
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

EXACT: Final = 8
"""Decimals that give every point of the lattice back."""

DISPLAY: Final = 6
"""Decimals for drawing, about a decimetre. Display geometry never assigns."""


def geometry_object(geometry: BaseGeometry | None, digits: int = EXACT) -> dict[str, Any] | None:
    """A geometry as a GeoJSON object whose coordinates are numpy arrays; nothing for an empty one."""
    if geometry is None or geometry.is_empty:
        return None
    kind = geometry.geom_type
    if kind.startswith("Multi"):
        parts = [_coordinates(part, digits) for part in shapely.get_parts(geometry)]
        return {"type": kind, "coordinates": parts}
    return {"type": kind, "coordinates": _coordinates(geometry, digits)}


def _coordinates(geometry: BaseGeometry, digits: int) -> Any:
    if isinstance(geometry, Polygon):
        return [_rounded(ring, digits) for ring in (geometry.exterior, *geometry.interiors)]
    if geometry.geom_type == "Point":
        return _rounded(geometry, digits)[0]
    return _rounded(geometry, digits)


def _rounded(geometry: BaseGeometry, digits: int) -> Any:
    return np.ascontiguousarray(np.round(shapely.get_coordinates(geometry), digits))


def feature_collection(
    features: Iterable[tuple[BaseGeometry | None, Mapping[str, Any]]],
    *,
    digits: int = EXACT,
    more: Mapping[str, Any] | None = None,
) -> bytes:
    """A FeatureCollection as JSON. ``id`` among the properties also becomes the feature's id.

    ``more`` are further members of the collection, such as ``meta``.
    """
    listed = []
    for geometry, properties in features:
        feature = {
            "type": "Feature",
            "geometry": geometry_object(geometry, digits),
            "properties": dict(properties),
        }
        if "id" in properties:
            feature["id"] = properties["id"]
        listed.append(feature)
    document = {"type": "FeatureCollection", **(more or {}), "features": listed}
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
