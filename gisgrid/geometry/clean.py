"""Drawn or imported shapes made valid, precise and bounded, or refused with a plain sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import LONGEST_DEGREE_M, to_lattice
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.antimeridian import beyond_antimeridian
from gisgrid.geometry.lattice import as_array, on_lattice, refuse_out_of_range, without_repeats
from gisgrid.geometry.measure import areas_m2

MAX_VERTICES: Final = 200_000
"""More vertices than any administrative area needs; keeps one request from filling the memory."""

LONGEST_EDGE_DEG: Final = 200.0 / LONGEST_DEGREE_M
"""At most 200 m: up to there an edge straight in degrees bends less than a millimetre in metres."""

_POLYGONS: Final = ("Polygon", "MultiPolygon")
_REASONS: Final = {
    "Self-intersection": say("the outline crosses itself"),
    "Ring Self-intersection": say("the outline touches itself"),
    "Hole lies outside shell": say("a hole lies outside the shape"),
    "Holes are nested": say("a hole lies inside another hole"),
    "Interior is disconnected": say("holes cut the shape apart"),
    "Nested shells": say("a part lies inside another part"),
    "Duplicate Rings": say("a ring is there twice"),
    "Too few points in geometry component": say("a ring has fewer than three different points"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanShape:
    """A shape fit for storing: EPSG:4326, 2D, on the lattice, valid, edges up to 200 m.

    ``moved_m2`` is by how many square metres a repair changed the area its rings enclose, 0 without one;
    ``repaired`` says what was wrong, in a sentence, or nothing.
    """

    shape: BaseGeometry
    moved_m2: float = 0.0
    repaired: str | None = None


def clean_polygon(shape: BaseGeometry | None, *, repair: bool = False) -> CleanShape:
    """A polygon or multipolygon of EPSG:4326 (lon, lat) made fit for storing.

    Z and M are dropped, repeated points removed, edges over 200 m get vertices in between, coordinates
    go to the lattice, shells turn counter-clockwise.

    Parameters
    ----------
    repair
        Whether a shape that crosses itself is repaired (the polygons of it are kept) or refused.

    Raises
    ------
    InvalidInput
        Empty, not a polygon, a coordinate that is no number or out of range, across the antimeridian in one
        piece, too many vertices, too narrow; and, unless ``repair``, a shape that crosses itself, with the
        place.
    """
    plain = _plain(shape, kinds=_POLYGONS, wanted=say("a polygon"))
    reason = invalid_reason(plain)
    if reason is None:
        return CleanShape(shape=_precise(plain))
    if not repair:
        raise InvalidInput(reason)
    mended = keep_polygons(plain)
    if mended.is_empty:
        raise InvalidInput(say("{reason}, and nothing of it encloses land", reason=reason))
    moved = abs(float(areas_m2(as_array(mended))[0]) - abs(float(areas_m2(as_array(plain))[0])))
    return CleanShape(shape=_precise(mended), moved_m2=moved, repaired=reason)


def clean_line(shape: BaseGeometry | None) -> BaseGeometry:
    """A drawn line of EPSG:4326 on the lattice, 2D, without repeated points.

    Raises
    ------
    InvalidInput
        Empty, not one line, shorter than a lattice step, out of range, or crossing itself.
    """
    plain = _plain(shape, kinds=("LineString",), wanted=say("one line"))
    rounded = without_repeats(shapely.transform(plain, to_lattice))
    if rounded.length == 0.0:
        raise InvalidInput("the line has no length")
    if not rounded.is_simple:
        raise InvalidInput("the line crosses itself")
    return rounded


def invalid_reason(shape: BaseGeometry) -> str | None:
    """What is wrong with a polygon, as a sentence with the place; nothing where it is valid."""
    if shape.is_valid:
        return None
    reason = str(shapely.is_valid_reason(shape))
    name, _bracket, place = reason.partition("[")
    unknown = say("the shape is invalid ({reason})", reason=name.strip().lower())
    sentence = _REASONS.get(name.strip(), unknown)
    numbers = re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", place)
    if len(numbers) < 2:
        return sentence
    lon, lat = (f"{float(number):.6f}" for number in numbers[:2])
    return say("{what} near {lon}, {lat}", what=sentence, lon=lon, lat=lat)


def keep_polygons(shape: BaseGeometry) -> BaseGeometry:
    """The shape made valid, of which only what encloses land is kept; may be empty."""
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(shapely.get_parts(valid))
    land = parts[shapely.get_dimensions(parts) == 2]
    kept: BaseGeometry = land[0] if len(land) == 1 else shapely.union_all(land)
    return kept if len(land) else shapely.Polygon()


def _plain(shape: BaseGeometry | None, *, kinds: tuple[str, ...], wanted: str) -> BaseGeometry:
    """The shape in 2D without repeated points, or a refusal."""
    if shape is None or shape.is_empty:
        raise InvalidInput("the shape is empty")
    if shape.geom_type not in kinds:
        raise InvalidInput(say("{wanted} is needed, not a {kind}", wanted=wanted, kind=shape.geom_type))
    xy = shapely.get_coordinates(shape)
    if not np.isfinite(xy).all():
        raise InvalidInput("the shape has a coordinate that is not a number")
    if len(xy) > MAX_VERTICES:
        raise InvalidInput(
            say("the shape has {count} vertices, more than {most}", count=len(xy), most=MAX_VERTICES)
        )
    refuse_out_of_range(as_array(shape))
    for _row, message in beyond_antimeridian(as_array(shape)):
        raise InvalidInput(message)
    return without_repeats(shapely.force_2d(shape))


def _precise(shape: BaseGeometry) -> BaseGeometry:
    # Edges are cut after rounding, so that equal edges of neighbours are cut alike; a lattice step
    # that may still differ is settled where cells are noded.
    return on_lattice(shapely.segmentize(on_lattice(shape), LONGEST_EDGE_DEG))
