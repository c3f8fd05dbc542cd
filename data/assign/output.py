"""Writes points with what was found for them, in the form that the ending of the file names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import pyogrio
import shapely

from data.importers.readers.quiet import quiet_libraries
from data.importers.readers.table import FileTable
from data.importers.values.positions import Positions
from gisgrid.crs import Crs, stored_crs
from gisgrid.errors import InvalidInput

_ROWS_AT_A_TIME: Final = 20_000
_GEOMETRY_NAMES: Final = ("geometry", "geom", "point_geometry", "point_geometry_2")


def check_output(out: Path) -> None:
    """Refuse, before any work, an output that can't be written.

    Raises
    ------
    InvalidInput
        The ending is not one of ``ENDINGS``, or the folder isn't there.
    """
    if out.suffix.lower() not in ENDINGS:
        raise InvalidInput(f"the output must end in {', '.join(ENDINGS)}", file=out.name)
    if not out.absolute().parent.is_dir():
        raise InvalidInput("the folder of the output isn't there", file=str(out))


def write_output(
    out: Path, table: FileTable, positions: Positions, *, added: Mapping[str, npt.NDArray[Any]]
) -> None:
    """All rows and columns of ``table``, then the ``added`` columns; whole, or not at all.

    Raises
    ------
    InvalidInput
        The form can't hold these columns or this CRS.
    """
    with unfinished(out) as path:
        _WRITERS[out.suffix.lower()](path, table, positions, added)


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """A file beside ``out`` that takes its place when all is written, and is gone where anything fails."""
    path = out.with_name(f".{out.stem}.unfinished{out.suffix}")
    try:
        yield path
        path.replace(out)
    except InvalidInput as error:
        if any(fault.file for fault in error.faults):
            raise
        raise InvalidInput("; ".join(fault.message for fault in error.faults), file=out.name) from None
    finally:
        path.unlink(missing_ok=True)


def _attributes(table: FileTable, added: Mapping[str, npt.NDArray[Any]]) -> pd.DataFrame:
    """Columns of the table without its geometry, then the added ones."""
    frame = pd.DataFrame(table.frame)
    if table.has_geometry:
        frame = frame.drop(columns=table.frame.geometry.name)
    behind = pd.DataFrame(dict(added), index=frame.index)
    return pd.concat([frame, behind], axis=1)


def _write_csv(
    out: Path, table: FileTable, positions: Positions, added: Mapping[str, npt.NDArray[Any]]
) -> None:
    """UTF-8; with a mark if the points' file had one or wasn't UTF-8, so that it opens as it did there."""
    del positions
    frame = pd.DataFrame(table.frame)
    frame = csv_frame(pd.concat([frame, pd.DataFrame(dict(added), index=frame.index)], axis=1))
    frame.to_csv(out, index=False, encoding="utf-8-sig" if table.marked else "utf-8")


def csv_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with lists and objects as the text they were, and geometries as WKT."""
    for column in [number for number, kind in enumerate(frame.dtypes) if kind in (object, "geometry")]:
        frame.isetitem(column, [_plain(value) for value in frame.iloc[:, column]])
    return frame


def _object_columns(frame: pd.DataFrame) -> list[int]:
    return [number for number, kind in enumerate(frame.dtypes) if kind == np.dtype(object)]


def _plain(value: Any) -> Any:
    if isinstance(value, shapely.Geometry):
        return _wkt(value)
    return orjson.dumps(value).decode() if isinstance(value, (list, dict)) else value


def _wkt(shape: shapely.Geometry) -> str:
    """A geometry as WKT with every digit; of points as short as can be, which shapely's writer isn't."""
    if not isinstance(shape, shapely.Point) or shape.is_empty:
        return str(shapely.to_wkt(shape, rounding_precision=17))
    numbers = " ".join(repr(float(number)) for number in shape.coords[0])
    return f"POINT {'Z ' if shape.has_z else ''}({numbers})"


def _write_parquet(
    out: Path, table: FileTable, positions: Positions, added: Mapping[str, npt.NDArray[Any]]
) -> None:
    frame = _typed(_attributes(table, added))
    _refuse_double_names(frame)
    if table.has_geometry:
        name = str(table.frame.geometry.name)
        shapes = gpd.GeoSeries(_shapes(table, positions), index=frame.index, crs=positions.reference.crs)
        gpd.GeoDataFrame(frame.assign(**{name: shapes}), geometry=name).to_parquet(out, index=False)
    else:
        frame.to_parquet(out, index=False)


def _write_geopackage(
    out: Path, table: FileTable, positions: Positions, added: Mapping[str, npt.NDArray[Any]]
) -> None:
    frame = _typed(_attributes(table, added))
    _refuse_double_names(frame, fold=True)
    taken = {str(name).casefold() for name in frame.columns}
    geometry = next(name for name in _GEOMETRY_NAMES if name not in taken)
    shapes = gpd.GeoSeries(_shapes(table, positions), index=frame.index, crs=positions.reference.crs)
    points = gpd.GeoDataFrame(frame.assign(**{geometry: shapes}), geometry=geometry)
    key = "fid" if "fid" not in taken else "row_number"
    with quiet_libraries(out.name, fault="a GeoPackage can't hold these columns"):
        pyogrio.write_dataframe(
            points,
            out,
            driver="GPKG",
            layer=out.stem.removeprefix(".").removesuffix(".unfinished"),
            geometry_type="Unknown" if len(points) == 0 else None,
            layer_options={"FID": key, "GEOMETRY_NAME": geometry},
        )


def _write_geojson(
    out: Path, table: FileTable, positions: Positions, added: Mapping[str, npt.NDArray[Any]]
) -> None:
    """RFC 7946 for EPSG:4326; another CRS is named by a ``crs`` member, coordinates as in the file."""
    frame = _attributes(table, added)
    _refuse_double_names(frame)
    shapes = _shapes(table, positions)
    with out.open("wb") as file:
        file.write(b'{"type":"FeatureCollection",' + _crs_member(positions.reference.crs) + b'"features":[')
        for begin in range(0, len(frame), _ROWS_AT_A_TIME):
            rows = slice(begin, begin + _ROWS_AT_A_TIME)
            file.write(b",\n" if begin else b"\n")
            file.write(b",\n".join(_features(frame.iloc[rows], shapes[rows])))
        file.write(b"\n]}\n")


def _features(frame: pd.DataFrame, shapes: npt.NDArray[np.object_]) -> list[bytes]:
    objects = frame.astype(object)
    objects = objects.where(objects.notna(), None)
    names = [str(name) for name in frame.columns]
    geometries = [b"null" if text is None else text.encode() for text in shapely.to_geojson(shapes)]
    option = orjson.OPT_SERIALIZE_NUMPY
    rows = zip(*(objects[name].tolist() for name in frame.columns), strict=True)
    return [
        b'{"type":"Feature","properties":'
        + orjson.dumps(dict(zip(names, row, strict=True)), default=str, option=option)
        + b',"geometry":'
        + geometry
        + b"}"
        for row, geometry in zip(rows, geometries, strict=True)
    ]


def _crs_member(crs: Crs) -> bytes:
    if crs.equals(stored_crs(), ignore_axis_order=True):
        return b""
    authority = crs.to_authority()
    if authority is None:
        raise InvalidInput("GeoJSON can't name this CRS: write a GeoPackage")
    name = f"urn:ogc:def:crs:{authority[0]}::{authority[1]}"
    return b'"crs":' + orjson.dumps({"type": "name", "properties": {"name": name}}) + b","


def _shapes(table: FileTable, positions: Positions) -> npt.NDArray[np.object_]:
    """The file's own points, else points from its columns, none where there is no position."""
    if table.has_geometry:
        return np.asarray(table.frame.geometry.values, dtype=object)
    shapes = np.full(len(positions.x), None, dtype=object)
    there = ~np.isnan(positions.x)
    shapes[there] = shapely.points(positions.x[there], positions.y[there])
    return shapes


def _refuse_double_names(frame: pd.DataFrame, *, fold: bool = False) -> None:
    """Refuse two columns of one name, where the form can't hold them."""
    names = [str(name).casefold() if fold else str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"two columns are called {', '.join(twice)}: write a CSV file")


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of single values get their type; mixed ones become text."""
    typed = frame.copy(deep=False)
    for number in _object_columns(frame):
        column = frame.iloc[:, number]
        kinds = {type(value) for value in column if value is not None}
        single = len(kinds) <= 1 and not kinds & {list, dict}
        values = column if single else column.map(_text, na_action="ignore")
        typed.isetitem(number, (values.convert_dtypes() if kinds else values.astype("str")).array)
    return typed


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


_WRITERS: Final[dict[str, Callable[[Path, FileTable, Positions, Mapping[str, npt.NDArray[Any]]], None]]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".gpkg": _write_geopackage,
    ".geojson": _write_geojson,
}
ENDINGS: Final = tuple(_WRITERS)
