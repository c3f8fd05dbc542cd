"""Reads areas from a file, checks and repairs them, and writes the faults and the repaired areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry
from typing_extensions import TypedDict

from data.importers.readers.files import read_table
from gisgrid.crs import Crs, Datum, FloatArray, parse_crs, shift_datum, stored_crs
from gisgrid.errors import InvalidInput, MissingCrs
from gisgrid.geometry.faults import AreaFault, AreaRule, find_faults, in_degrees
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import transformed
from gisgrid.geometry.repair import FixedAreas, fix_areas
from gisgrid.geometry.unrolled import cut_at_antimeridian

DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile"}
GEOJSON_ENDINGS = (".geojson", ".json")
"""GeoJSON is written here, since GDAL rounds to 7 decimals, which tears borders apart."""

_LONGEST_DBF_NAME = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFile:
    """Areas as they stand in a file, in ``crs``; ``codes`` per area, or nothing where none are known."""

    path: Path
    frame: gpd.GeoDataFrame
    crs: Crs
    codes: tuple[str | None, ...] | None

    @property
    def shapes(self) -> GeometryArray:
        """The areas' geometries, missing ones as None."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=np.object_)

    def label(self, index: int) -> str:
        """What people call an area: its code, else its row counted from 1."""
        code = self.codes[index] if self.codes is not None else None
        return code or f"row {index + 1}"


class FaultPlace(TypedDict):
    """A fault with its areas by code, a point in degrees inside it, and its size."""

    rule: str
    areas: list[str]
    lon: float | None
    lat: float | None
    m2: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAreas:
    """The faults of a file's areas."""

    source: AreaFile
    faults: tuple[AreaFault, ...]

    def counts(self) -> dict[str, int]:
        """How many faults of each rule; duplicate codes are left out where no codes are known."""
        known = self.source.codes is not None
        rules = [rule for rule in AreaRule if known or rule != AreaRule.DUPLICATE_CODE]
        return {rule.value: sum(fault.rule == rule for fault in self.faults) for rule in rules}

    def places(self) -> list[FaultPlace]:
        """Each fault with its areas by code, a point in degrees inside it, and its size."""
        points = [representative_position(place) for place in self.geometries()]
        return [
            {
                "rule": fault.rule.value,
                "areas": [self.source.label(index) for index in fault.areas],
                "lon": point[0],
                "lat": point[1],
                "m2": round(fault.area_m2, 4),
                "message": fault.message,
            }
            for fault, point in zip(self.faults, points, strict=True)
        ]

    def geometries(self) -> GeometryArray:
        """The faults' places in EPSG:4326."""
        return in_degrees(self.faults, self.source.crs)


def representative_position(place: BaseGeometry) -> tuple[float | None, float | None]:
    """Lon and lat of a point on a place, to 8 decimals; nothing for an empty place."""
    point = shapely.point_on_surface(place)
    if point.is_empty:
        return None, None
    return round(float(point.x), 8), round(float(point.y), 8)


def read_areas(path: Path, *, crs: str | None = None, code: str | None = None) -> AreaFile:
    """Areas of a GeoJSON, GeoPackage or Shapefile (zipped or not), coordinates as they stand.

    Parameters
    ----------
    crs
        Overrides what the file says: an EPSG code, GCJ-02 or BD-09. The latter two are turned to WGS-84.
    code
        The column with the areas' codes; by default ``code``, where there is one.

    Raises
    ------
    InvalidInput
        The file is not there, can't be read, has no geometry, or lacks the column named.
    MissingCrs
        Neither the file nor the caller says the CRS.
    """
    frame, named = _in_named_crs(_read_frame(path), path, crs)
    return AreaFile(path=path, frame=frame, crs=named, codes=_codes(frame, path, code))


def _read_frame(path: Path) -> gpd.GeoDataFrame:
    table = read_table(path)
    if not isinstance(table.frame, gpd.GeoDataFrame):
        raise InvalidInput("has no geometry: areas are polygons", file=path.name)
    return table.frame


def _in_named_crs(frame: gpd.GeoDataFrame, path: Path, crs: str | None) -> tuple[gpd.GeoDataFrame, Crs]:
    if crs is None:
        if frame.crs is None:
            raise MissingCrs("the file names no CRS: give it with --crs", file=path.name)
        return frame, frame.crs
    named, datum = parse_crs(crs)
    frame = frame.set_crs(named, allow_override=True)
    if datum == Datum.WGS84:
        return frame, named

    def shift(xy: FloatArray) -> FloatArray:
        return np.column_stack(shift_datum(xy[:, 0], xy[:, 1], datum, Datum.WGS84))

    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), shift), crs=named), named


def _codes(frame: gpd.GeoDataFrame, path: Path, code: str | None) -> tuple[str | None, ...] | None:
    if code is None and "code" not in frame.columns:
        return None
    name = code or "code"
    if name not in frame.columns or name == frame.geometry.name:
        columns = ", ".join(str(column) for column in frame.columns if column != frame.geometry.name)
        raise InvalidInput(f"no column {name!r}; there are: {columns}", file=path.name)
    column = frame[name]
    return tuple(
        None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)
    )


def parent_shape(path: Path, target: Crs, *, crs: str | None = None) -> BaseGeometry:
    """The union of the areas of a file, in another CRS: what other areas should fill."""
    parent = read_areas(path, crs=crs)
    shapes = shapely.make_valid(parent.shapes[shapely.is_geometry(parent.shapes)])
    union: BaseGeometry = shapely.union_all(transformed(shapes, parent.crs, target))
    if shapely.get_dimensions(union) != 2:
        raise InvalidInput("holds no polygon", file=path.name)
    return union


def check_areas(source: AreaFile, *, parent: BaseGeometry | None = None) -> CheckedAreas:
    """The faults of a file's areas; ``parent`` in the file's CRS."""
    faults = find_faults(source.shapes, source.crs, codes=source.codes, parent=parent)
    return CheckedAreas(source=source, faults=tuple(faults))


def fix_file(source: AreaFile, *, parent: BaseGeometry | None = None) -> tuple[AreaFile, FixedAreas]:
    """The file's areas repaired, with all their columns, and what was moved."""
    fixed = fix_areas(source.shapes, source.crs, parent=parent)
    frame = source.frame.set_geometry(fixed.areas, crs=source.crs)
    return AreaFile(path=source.path, frame=frame, crs=source.crs, codes=source.codes), fixed


def write_faults(checked: CheckedAreas, path: Path) -> None:
    """The faults as GeoJSON in EPSG:4326: their places with rule, areas, size and message."""
    if path.suffix.lower() not in GEOJSON_ENDINGS:
        raise InvalidInput("faults are written as GeoJSON: end the name in .geojson", file=path.name)
    _write_geojson(path, checked.geometries(), checked.places())


def write_areas(areas: AreaFile, path: Path) -> None:
    """Areas with all their columns, by the ending of the name: GeoJSON, GeoPackage or Shapefile.

    GeoJSON is EPSG:4326, the others keep the CRS. Every coordinate is written in full.
    """
    ending = path.suffix.lower()
    if ending in GEOJSON_ENDINGS:
        shapes = cut_at_antimeridian(transformed(areas.shapes, areas.crs, stored_crs()))
        _write_geojson(path, shapes, _properties(areas.frame))
        return
    if ending not in DRIVERS:
        known = ", ".join([*GEOJSON_ENDINGS, *DRIVERS])
        raise InvalidInput(
            f"areas can't be written as {ending or 'that'}: end the name in {known}", file=path.name
        )
    frame = _with_short_names(areas.frame) if ending == ".shp" else areas.frame
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(frame, path, driver=DRIVERS[ending], encoding="UTF-8", promote_to_multi=True)


def _properties(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    rows = frame.drop(columns=str(frame.geometry.name)).astype(object)
    names = [str(name) for name in rows.columns]
    plain = rows.where(rows.notna(), None).to_numpy()
    return [dict(zip(names, row, strict=True)) for row in plain]


def _write_geojson(path: Path, shapes: GeometryArray, properties: Sequence[Mapping[str, Any]]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": own,
            "geometry": None if shape.is_empty else shape.__geo_interface__,
        }
        for shape, own in zip(as_array(shapes), properties, strict=True)
    ]
    whole = {"type": "FeatureCollection", "features": features}
    path.write_bytes(orjson.dumps(whole, default=str, option=orjson.OPT_SERIALIZE_NUMPY))


def _with_short_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame with column names a Shapefile can hold: up to 10 characters, each once."""
    names: dict[str, str] = {}
    for column in frame.columns:
        short, count = str(column)[:_LONGEST_DBF_NAME], 1
        while short in names.values():
            count += 1
            short = f"{str(column)[: _LONGEST_DBF_NAME - len(str(count))]}{count}"
        names[str(column)] = short
    names.pop(str(frame.geometry.name))
    return frame.rename(columns=names)
