"""What lies so far outside a community that its position must be wrong: another CRS, a slip, a zero."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.division import Division
from gisgrid.areas.models import Area, AreaOutline, Level
from gisgrid.crs import FAR_M, METRES_PER_DEGREE, NOWHERE, box_around, is_nowhere, stored_crs
from gisgrid.errors import Sentence, say
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import local_metric, transformed
from gisgrid.storage.base import valid_at
from gisgrid.storage.dialect import in_bounds

FAR: Final = say("more than 2 km outside the community: are the position and its CRS right?")
FAR_FROM_ALL: Final = say("more than 2 km outside every community here: is the position right?")


def far_outside(division: Division, shapes: GeometryArray) -> npt.NDArray[np.bool_]:
    """Which shapes of EPSG:4326 have nothing within 2 km of a community; None and empty ones are not far.

    Nothing is far from a community that has no cells yet: nobody has said where it lies.
    """
    far = np.zeros(len(shapes), dtype=np.bool_)
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if division.surroundings is not None and len(there):
        far[there] = ~shapely.intersects(division.surroundings, shapes[there])
    return far


def far_points(
    division: Division, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which points of EPSG:4326 lie more than 2 km outside a community; nan is not far."""
    far = np.zeros(len(lon), dtype=np.bool_)
    there = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if division.surroundings is not None and len(there):
        far[there] = ~shapely.intersects_xy(division.surroundings, lon[there], lat[there])
    return far


def distance_m(
    session: Session, bounds: tuple[float, float, float, float], *, at: datetime, community: str | None = None
) -> float | None:
    """How far a box of EPSG:4326 lies from the nearest community, or that of an id; 0 where they meet.

    Nothing where no outline is known: nobody has said where it lies. Good to one percent.
    """
    outlines = (
        select(AreaOutline.geom)
        .join(Area, Area.id == AreaOutline.area_id)
        .where(Area.level == Level.COMMUNITY, valid_at(AreaOutline, at))
    )
    if community is not None:
        outlines = outlines.where(Area.id == community)
    lands = as_array(list(session.scalars(outlines)))
    if not len(lands):
        return None
    lines = shapely.get_coordinates(shapely.shortest_line(lands, shapely.box(*bounds))).reshape(-1, 2, 2)
    return float(min(_sphere_m(*line[0], *line[1]) for line in lines.tolist()))


def _sphere_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """The way between two places on a sphere."""
    lat_rad, other_lat_rad = math.radians(lat), math.radians(other_lat)
    half = math.sin((other_lat_rad - lat_rad) / 2) ** 2
    half += math.cos(lat_rad) * math.cos(other_lat_rad) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return math.degrees(2 * math.asin(min(1.0, math.sqrt(half)))) * METRES_PER_DEGREE


def refusal_of_place(session: Session, lon: float, lat: float, *, at: datetime) -> Sentence | None:
    """Why a place (EPSG:4326) can't be one of this installation; nothing within 2 km of a community.

    Where no community has cells, only 0, 0 can't.
    """
    if is_nowhere(lon, lat):
        return NOWHERE
    outlines = (
        select(AreaOutline.geom)
        .join(Area, Area.id == AreaOutline.area_id)
        .where(Area.level == Level.COMMUNITY, valid_at(AreaOutline, at))
    )
    around = box_around(lon, lat, FAR_M * 1.1)
    near = as_array(list(session.scalars(outlines.where(in_bounds(session, AreaOutline.geom, around)))))
    if not len(near):
        return FAR_FROM_ALL if session.scalar(outlines.limit(1)) is not None else None
    shapes = as_array([*near, Point(lon, lat)])
    *lands, point = transformed(shapes, stored_crs(), local_metric(shapes[-1:]))
    return None if shapely.distance(as_array(lands), point).min() <= FAR_M else FAR_FROM_ALL
