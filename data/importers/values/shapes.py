"""Shapes of a file as shapes of EPSG:4326 (WGS-84), and what is wrong with single ones."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.importers.readers.table import FileTable
from data.importers.values.positions import Reference, china_note, reference_of, refuse_odd_degrees
from gisgrid.crs import NOWHERE, Datum, FloatArray, is_nowhere, reproject, shift_datum, stored_crs, to_lattice
from gisgrid.errors import InvalidInput, Sentence, say
from gisgrid.geometry.antimeridian import beyond_antimeridian
from gisgrid.geometry.clean import LONGEST_EDGE_DEG
from gisgrid.geometry.lattice import GeometryArray, as_array, without_repeats

_LONGEST_EDGE_M: Final = 200.0


def reference_of_shapes(table: FileTable, said: str | None) -> Reference:
    """The CRS and datum of a table's shapes; a CRS isn't asked for where nothing has one.

    Raises
    ------
    MissingCrs
        Neither the user nor the file says.
    InvalidInput
        The file has no geometries.
    """
    if not table.has_geometry:
        raise InvalidInput(say("the file holds no shapes"), file=table.source)
    return reference_of(table, said)


def shapes_in_degrees(table: FileTable, reference: Reference, *, as_drawn: bool = False) -> GeometryArray:
    """The geometries of a table in EPSG:4326, WGS-84, lon before lat; missing ones stay None.

    Where coordinates change, edges over 200 m get vertices in between first: what is straight in one CRS
    bends in another. ``as_drawn`` adds none: buildings and streets keep the vertices they have, so that what
    was exported in another CRS comes back as the same line (an edge of 1 km then is off by centimetres).

    Raises
    ------
    InvalidInput
        Most have longitude and latitude swapped, or are no degrees.
    """
    shapes = as_array(table.frame.geometry.to_numpy())
    if reference.crs.is_geographic:
        west, south, _east, _north = shapely.bounds(shapes).T
        refuse_odd_degrees(west, south, source=table.source, fields="geometry")
    flat = (
        as_array(shapely.force_2d(shapes))
        if (shapely.has_z(shapes) | shapely.has_m(shapes)).any()
        else shapes
    )
    if reference.same_as(Reference(stored_crs(), Datum.WGS84)):
        return flat
    is_degrees = reference.crs.is_geographic
    longest = LONGEST_EDGE_DEG if is_degrees else _LONGEST_EDGE_M
    dense = flat if as_drawn else shapely.segmentize(flat, longest)
    if is_degrees and not as_drawn:
        # What goes across the antimeridian stays as it is, so that it is told of its row.
        across = [row - 1 for row, _message in beyond_antimeridian(flat)]
        dense[across] = flat[across]

    def move(xy: FloatArray) -> FloatArray:
        x, y = xy[:, 0], xy[:, 1]
        if reference.datum != Datum.WGS84:
            return np.column_stack(shift_datum(x, y, reference.datum, Datum.WGS84))
        return np.column_stack(reproject(x, y, reference.crs, stored_crs()))

    return as_array(shapely.transform(dense, move))


def shapes_note(shapes: GeometryArray) -> tuple[Sentence, ...]:
    """A warning where most shapes (EPSG:4326) lie outside China."""
    west, south, east, north = shapely.bounds(shapes).T
    return china_note((west + east) / 2, (south + north) / 2)


def refuse_nowhere(shape: BaseGeometry | None) -> None:
    """Refuse a shape (EPSG:4326) that lies at 0, 0, where programs put what has no place.

    Raises
    ------
    InvalidInput
        It lies there.
    """
    bounds = shapely.bounds(shape)
    if is_nowhere(bounds[0::2], bounds[1::2]).all():
        raise InvalidInput(NOWHERE)


def clean_street(shape: BaseGeometry | None) -> BaseGeometry:
    """A street's line or lines in EPSG:4326, 2D and on the lattice; a street may cross itself.

    Raises
    ------
    InvalidInput
        Not a line, empty, out of range, or without length.
    """
    if shape is None or shape.is_empty:
        raise InvalidInput(say("the street has no line"))
    if shapely.get_dimensions(shape) != 1:
        raise InvalidInput(say("a line is needed, not a {kind}", kind=shape.geom_type))
    xy = shapely.get_coordinates(shape)
    if not np.isfinite(xy).all() or np.abs(xy[:, 0]).max() > 180 or np.abs(xy[:, 1]).max() > 90:
        raise InvalidInput(say("a coordinate is no number or out of range"))
    for _row, message in beyond_antimeridian(as_array(shape)):
        raise InvalidInput(message)
    parts = shapely.get_parts(shapely.transform(shapely.force_2d(shape), to_lattice))
    kept = [without_repeats(part) for part in parts if part.length > 0.0]
    if not kept:
        raise InvalidInput(say("the street has no length"))
    if len(kept) == 1:
        return kept[0]
    return cast("BaseGeometry", shapely.multilinestrings(kept))
