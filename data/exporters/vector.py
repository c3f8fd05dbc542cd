"""GeoPackage and Shapefile, through GDAL."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio

from data.exporters.frame import Sheet
from data.exporters.layer import Column, Geometry, Kind
from data.exporters.origin import Origin
from data.importers.quiet import quiet_libraries

_DBF_BYTES: Final = 254
"""What a text of a shapefile's table holds."""
_DTYPES: Final = {Kind.WHOLE: "Int64", Kind.NUMBER: "float64", Kind.YES_NO: "boolean"}


def write_geopackage(out: Path, sheet: Sheet, origin: Origin) -> int:
    """A layer with names in English and its Chinese title; where it comes from stands in its metadata."""
    values = {column.name: _series(sheet, column) for column in sheet.columns}
    _write(
        out,
        sheet,
        pd.DataFrame(values),
        driver="GPKG",
        layer=sheet.layer.name,
        layer_options={"IDENTIFIER": sheet.layer.title, "DESCRIPTION": sheet.layer.title_en},
        layer_metadata={**origin.facts(), **_datum(sheet)},
    )
    return 0


def write_shapefile(out: Path, sheet: Sheet, origin: Origin) -> int:
    """Names of at most 10 letters, a .cpg, and who exported in two columns; texts are cut to 254 bytes."""
    values, cut = {}, 0
    for column in sheet.columns:
        series = _series(sheet, column, for_dbf=True)
        if column.kind in {Kind.TEXT, Kind.INSTANT}:
            short = series.map(_short, na_action="ignore")
            cut += int((short != series).sum() - series.isna().sum())
            series = short
        values[column.dbf] = series
    frame = pd.DataFrame(values)
    trace = {"exportedby": origin.by, "exportedat": origin.at.isoformat(timespec="seconds"), **_datum(sheet)}
    for name, text in trace.items():
        frame[name] = pd.Series([_short(text)] * len(frame), dtype=object)
    _write(out, sheet, frame, driver="ESRI Shapefile", layer=out.stem, layer_options={"ENCODING": "UTF-8"})
    return cut


def write_zipped_shapefile(out: Path, sheet: Sheet, origin: Origin) -> int:
    """The parts of a shapefile in one archive."""
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        cut = write_shapefile(Path(folder) / f"{sheet.layer.name}.shp", sheet, origin)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
    return cut


def _write(out: Path, sheet: Sheet, values: pd.DataFrame, **options: Any) -> None:
    geometry = sheet.layer.geometry or Geometry.POINT
    frame = gpd.GeoDataFrame(values, geometry=list(sheet.shapes if sheet.shapes is not None else []))
    if sheet.crs is not None:
        frame = frame.set_crs(sheet.crs)
    name = "LineString" if options["driver"] != "GPKG" and geometry == Geometry.LINE else geometry.value
    if options["driver"] != "GPKG" and geometry == Geometry.POLYGON:
        name = "Polygon"  # a shapefile's polygons are multipolygons by nature
    with quiet_libraries(out.name, fault="the file can't be written"):
        pyogrio.write_dataframe(frame, out, geometry_type=name, **options)


def _series(sheet: Sheet, column: Column, *, for_dbf: bool = False) -> pd.Series[Any]:
    values = [row.get(column.name) for row in sheet.rows]
    if column.kind == Kind.INSTANT:
        if for_dbf:
            return pd.Series([_instant(one) for one in values], dtype=object)
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True))
    if column.kind == Kind.YES_NO and for_dbf:
        return pd.Series([None if one is None else int(one) for one in values], dtype="Int64")
    return pd.Series(values, dtype=_DTYPES.get(column.kind, object))


def _instant(value: Any) -> Any:
    return value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else value


def _short(text: str) -> str:
    return str(text).encode()[:_DBF_BYTES].decode(errors="ignore")


def _datum(sheet: Sheet) -> dict[str, str]:
    return {} if sheet.crs is not None else {"datum": sheet.datum.value}
