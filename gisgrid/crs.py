"""The only file with EPSG numbers, pyproj and the datum shifts GCJ-02 and BD-09.

Everything is stored in EPSG:4326 as lon, lat. A metric CRS only measures, buffers and snaps.
In China no CRS label tells GCJ-02 from WGS-84, so the datum is said by the user and kept as a field.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyproj

from gisgrid.errors import InvalidInput, MissingCrs, Sentence, say

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Crs = pyproj.CRS
"""The type of a CRS, for annotations elsewhere: no other file imports pyproj."""

STORED_SRID: Final = 4326
LATTICE_STEPS: Final = 2**24
"""Steps per degree. k/2**24 is exact in binary, so integers, WKB, SQL and numpy agree on borders."""
METRES_PER_DEGREE: Final = 111_195.0
"""A degree of latitude on a sphere; for boxes and short distances, good to one percent."""
LONGEST_DEGREE_M: Final = 111_700.0
"""No degree is longer on the ellipsoid, so that a length in degrees made with it is rather too short."""

FAR_M: Final = 2000.0
"""Farther outside a community nothing of it lies: such a position is wrong."""
_NOWHERE_DEG: Final = 0.05
"""About 5 km round 0, 0 there is nothing but sea, and every position that nobody has set."""

_CHINA_BOX: Final = (73.0, 17.0, 136.0, 54.0)
_GCJ_A: Final = 6378245.0
_GCJ_EE: Final = 0.00669342162296594323
_BD_PI: Final = np.pi * 3000.0 / 180.0
_INVERSE_ROUNDS: Final = 4


class Datum(StrEnum):
    """What a pair of degrees was measured in."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


def to_lattice(values: npt.ArrayLike) -> FloatArray:
    """Degrees rounded to the lattice of 2**-24 degree (about 0.6 cm), as exact doubles."""
    result: FloatArray = np.round(np.asarray(values, dtype=np.float64) * LATTICE_STEPS) / LATTICE_STEPS
    return result


def lattice_units(values: npt.ArrayLike) -> IntArray:
    """Degrees as whole lattice steps; exact for values that lie on the lattice."""
    return np.round(np.asarray(values, dtype=np.float64) * LATTICE_STEPS).astype(np.int64)


def lon_shrink(lat: float) -> float:
    """How long a degree of longitude is at a latitude, as a share of one of latitude; never quite nothing."""
    return max(float(np.cos(np.radians(lat))), 0.01)


def box_around(lon: float, lat: float, metres: float) -> tuple[float, float, float, float]:
    """West, south, east and north of a box that holds all within so many metres; good to one percent."""
    up = metres / METRES_PER_DEGREE
    aside = up / lon_shrink(lat)
    return (lon - aside, lat - up, lon + aside, lat + up)


def parse_crs(text: str) -> tuple[pyproj.CRS, Datum]:
    """The CRS and datum a user names: ``EPSG:4548``, ``4326``, ``GCJ-02``, ``BD-09`` or ``WGS-84``.

    Raises
    ------
    MissingCrs
        The text is empty.
    InvalidInput
        The text names nothing known.
    """
    name = text.strip().upper().replace("_", "-")
    if not name:
        raise MissingCrs("a CRS is needed: an EPSG code, GCJ-02 or BD-09", field="crs")
    aliases = {"GCJ02": Datum.GCJ02, "BD09": Datum.BD09, "WGS84": Datum.WGS84, "CGCS2000": Datum.WGS84}
    datum = aliases.get(name.replace("-", ""))
    if datum is not None:
        return stored_crs(), datum
    try:
        return pyproj.CRS.from_user_input(f"EPSG:{name}" if name.isdigit() else name), Datum.WGS84
    except pyproj.exceptions.CRSError:
        message = say(
            "unknown CRS {text!r}: give an EPSG code such as EPSG:4326, or GCJ-02 or BD-09", text=text
        )
        raise InvalidInput(message, field="crs") from None


def crs_of_wkt(text: str) -> pyproj.CRS | None:
    """The CRS that a file describes as WKT; nothing where that says nothing known."""
    try:
        return pyproj.CRS.from_wkt(text)
    except pyproj.exceptions.CRSError:
        return None


def is_for_maps(crs: pyproj.CRS) -> bool:
    """Whether a CRS has two axes of degrees or lengths, as maps are drawn in; no heights, no time."""
    return (crs.is_geographic or crs.is_projected) and len(crs.axis_info) == 2


@lru_cache(maxsize=1)
def stored_crs() -> pyproj.CRS:
    """EPSG:4326, in which everything is sent and stored, always lon, lat."""
    return pyproj.CRS.from_epsg(STORED_SRID)


def metric_epsg(lon: float, lat: float) -> int:
    """EPSG code of the metric CRS at a place.

    Inside China the CGCS2000 3-degree Gauss-Krueger zone by longitude (4534 to 4554), elsewhere UTM.
    """
    if _CHINA_BOX[0] <= lon <= _CHINA_BOX[2] and _CHINA_BOX[1] <= lat <= _CHINA_BOX[3]:
        return 4534 + int(np.clip(round(lon / 3) - 25, 0, 20))
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def metric_crs(lon: float, lat: float) -> pyproj.CRS:
    """The metric CRS at a place, for measuring, buffering and snapping (units: metres)."""
    return _of_epsg(metric_epsg(lon, lat))


@lru_cache(maxsize=64)
def _of_epsg(code: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(code)


@lru_cache(maxsize=64)
def equal_area_crs(lon: float, lat: float) -> pyproj.CRS:
    """Lambert azimuthal equal-area centred on a place: true areas in square metres nearby."""
    return pyproj.CRS.from_proj4(f"+proj=laea +lat_0={lat:.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m")


class _Same:
    """A CRS that equals only itself: to compare two by what they say takes longer than to project."""

    def __init__(self, crs: pyproj.CRS) -> None:
        self.crs = crs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.crs is other.crs

    def __hash__(self) -> int:
        return id(self.crs)


@lru_cache(maxsize=256)
def _between(source: _Same, target: _Same) -> pyproj.Transformer:
    return _transformer(source.crs.to_wkt(), target.crs.to_wkt())


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def reproject(
    x: npt.ArrayLike, y: npt.ArrayLike, source: pyproj.CRS, target: pyproj.CRS
) -> tuple[FloatArray, FloatArray]:
    """Coordinates in ``target``; always x before y. What can't be projected comes back as inf."""
    xs, ys = _between(_Same(source), _Same(target)).transform(
        np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    )
    return np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64)


def shift_datum(
    lon: npt.ArrayLike, lat: npt.ArrayLike, source: Datum, target: Datum
) -> tuple[FloatArray, FloatArray]:
    """Degrees of one datum as degrees of another; shapes are kept.

    GCJ-02 has no published inverse: it is found by iteration to well under a millimetre.
    Outside the rectangle in which GCJ-02 is applied nothing is shifted.

    Source: the usual public formula of GCJ-02 (semi-major axis 6378245.0) and BD-09's polar offset.
    """
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if source == target:
        return lons.copy(), lats.copy()
    if source == Datum.BD09:
        lons, lats = _bd_to_gcj(lons, lats)
    elif source == Datum.WGS84:
        lons, lats = _wgs_to_gcj(lons, lats)
    if target == Datum.BD09:
        return _gcj_to_bd(lons, lats)
    if target == Datum.WGS84:
        return _gcj_to_wgs(lons, lats)
    return lons, lats


def in_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which degrees lie in the box around China; not those that are no numbers."""
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    west, south, east, north = _CHINA_BOX
    inside: npt.NDArray[np.bool_] = (west <= lons) & (lons <= east) & (south <= lats) & (lats <= north)
    return inside


def seem_swapped(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which degrees are no place as they stand, or none in China, but would be one with the two swapped."""
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    no_place = (np.abs(lats) > 90.0) & (np.abs(lats) <= 180.0) & (np.abs(lons) <= 90.0)
    swapped: npt.NDArray[np.bool_] = no_place | (in_china(lats, lons) & ~in_china(lons, lats))
    return swapped


def is_nowhere(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which degrees are 0, 0, in whatever datum: what stands where nobody has set a position."""
    nowhere: npt.NDArray[np.bool_] = (np.abs(lon) < _NOWHERE_DEG) & (np.abs(lat) < _NOWHERE_DEG)
    return nowhere


NOWHERE: Final = say("the position is 0, 0, which stands for none: leave it empty")


def position_fault(lon: float, lat: float) -> Sentence | None:
    """What is wrong with a pair of degrees, in one sentence; nothing if it can be a place on Earth."""
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return say("the position holds something that is no number")
    if abs(lat) > 90 >= abs(lon):
        return say("longitude and latitude seem to be swapped")
    if abs(lon) > 180 or abs(lat) > 90:
        return say("the position lies outside the range of degrees")
    return None


def _gcj_offset(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far GCJ-02 lies from WGS-84 at a WGS-84 place, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _GCJ_EE * np.sin(phi) ** 2
    north_deg = north * 180.0 / (_GCJ_A * (1.0 - _GCJ_EE) / (magic * np.sqrt(magic)) * np.pi)
    east_deg = east * 180.0 / (_GCJ_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return np.where(inside, east_deg, 0.0), np.where(inside, north_deg, 0.0)


def _wgs_to_gcj(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    east, north = _gcj_offset(lon, lat)
    return lon + east, lat + north


def _gcj_to_wgs(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    guess_lon, guess_lat = lon, lat
    for _ in range(_INVERSE_ROUNDS):
        east, north = _gcj_offset(guess_lon, guess_lat)
        guess_lon, guess_lat = lon - east, lat - north
    return guess_lon, guess_lat


def _gcj_to_bd(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PI)
    return radius * np.cos(theta) + 0.0065, radius * np.sin(theta) + 0.006


def _bd_to_gcj(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_INVERSE_ROUNDS):
        back_lon, back_lat = _gcj_to_bd(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + lon - back_lon, guess_lat + lat - back_lat
    return guess_lon, guess_lat
