"""Shapes on the lattice of 2**-24 degree, and the same shapes as small whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import LATTICE_STEPS, FloatArray, lattice_units, to_lattice
from gisgrid.errors import InvalidInput, say

GeometryArray = npt.NDArray[np.object_]
"""One-dimensional array of shapely geometries."""


def as_array(geometries: Any) -> GeometryArray:
    """One geometry, or a sequence of them, as an array of shape (n,)."""
    return np.atleast_1d(np.asarray(geometries, dtype=np.object_))


@dataclass(frozen=True, slots=True, kw_only=True)
class LatticeFrame:
    """Lattice steps counted from an origin nearby, so that whole numbers stay small.

    Scaling by a power of two and shifting by a whole number are exact: a shape on the lattice goes to
    whole numbers and comes back bit for bit.
    """

    x0: int
    y0: int

    @classmethod
    def around(cls, geometries: GeometryArray) -> LatticeFrame:
        """The frame whose origin is the lower left corner of some geometries in EPSG:4326."""
        bounds = shapely.total_bounds(geometries)
        if not np.isfinite(bounds).all():
            raise InvalidInput("no shape with a position was given")
        x0, y0 = lattice_units(bounds[:2])
        return cls(x0=int(x0), y0=int(y0))

    def to_units(self, geometries: GeometryArray) -> GeometryArray:
        """Geometries of EPSG:4326 in lattice steps from the origin; not rounded, Z and M dropped."""
        return as_array(shapely.transform(geometries, self._units))

    def to_degrees(self, geometries: GeometryArray) -> GeometryArray:
        """Geometries in whole lattice steps as EPSG:4326, exactly."""
        return as_array(shapely.transform(geometries, self._degrees))

    def _units(self, xy: FloatArray) -> FloatArray:
        return xy * LATTICE_STEPS - np.array([self.x0, self.y0], dtype=np.float64)

    def unrounded(self, xy: FloatArray) -> FloatArray:
        """Positions in lattice steps, shape (n, 2), as degrees; what lies between steps stays there."""
        return (xy + np.array([self.x0, self.y0], dtype=np.float64)) / LATTICE_STEPS

    def _degrees(self, xy: FloatArray) -> FloatArray:
        return (np.round(xy) + np.array([self.x0, self.y0], dtype=np.float64)) / LATTICE_STEPS


def without_repeats(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry without repeated points; as it is where a ring would have too few left."""
    try:
        plain: BaseGeometry = shapely.remove_repeated_points(geometry)
    except shapely.GEOSException:  # a ring of one point, which is_valid names better
        return geometry
    return plain


def on_lattice(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry with its coordinates rounded to the lattice (EPSG:4326 in and out, 2D).

    Polygons come back valid with counter-clockwise shells. Where plain rounding folds a narrow place
    over, the shape is noded on the lattice instead, which moves nothing by more than a step.

    Raises
    ------
    InvalidInput
        The geometry is empty, has a coordinate that is no number or out of range, is invalid before
        rounding, or vanishes on the lattice because it is narrower than a step.
    """
    _refuse_unfit(geometry)
    rounded = without_repeats(shapely.transform(geometry, to_lattice))
    if not rounded.is_valid:
        frame = LatticeFrame.around(as_array(geometry))
        units = frame.to_units(as_array(geometry))
        rounded = frame.to_degrees(shapely.set_precision(units, 1.0))[0]
    if rounded.is_empty or not rounded.is_valid or rounded.area == 0.0 < geometry.area:
        raise InvalidInput("the shape is too narrow: it vanishes when rounded to a centimetre")
    oriented: BaseGeometry = shapely.orient_polygons(rounded)
    return oriented


def refuse_out_of_range(geometries: GeometryArray) -> None:
    """Refuse coordinates that are no longitude and latitude, naming the usual cause.

    Raises
    ------
    InvalidInput
        A longitude beyond 180 or a latitude beyond 90 degrees.
    """
    # Without nan: an empty shape among others says nothing.
    west, south, east, north = np.fmax.reduce(
        np.abs(shapely.bounds(geometries)), axis=0, initial=np.nan
    ).tolist()
    lon, lat = max(west, east), max(south, north)
    if lon <= 180 and lat <= 90:
        return
    if lon <= 90 and lat <= 180:
        raise InvalidInput("a latitude is outside -90 to 90: are longitude and latitude swapped?")
    raise InvalidInput("a coordinate is out of range: longitude -180 to 180, latitude -90 to 90")


def _refuse_unfit(geometry: BaseGeometry) -> None:
    if geometry.is_empty:
        raise InvalidInput("the shape is empty")
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise InvalidInput("the shape has a coordinate that is not a number")
    refuse_out_of_range(as_array(geometry))
    if not geometry.is_valid:
        raise InvalidInput(say("the shape is invalid: {reason}", reason=shapely.is_valid_reason(geometry)))
