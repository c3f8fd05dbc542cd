"""GeoPackage and Shapefile, through GDAL."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio

from data.exporters.frame import ExportSheet, RowPart
from data.exporters.layer import Column, ColumnKind, Geometry
from data.exporters.origin import Origin
from data.importers.readers.quiet import quiet_libraries
from gisgrid.errors import say

_DBF_BYTES: Final = 254
"""What a text of a shapefile's table holds."""
_TYPES: Final[dict[ColumnKind, pa.DataType]] = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.WHOLE: pa.int64(),
    ColumnKind.NUMBER: pa.float64(),
    ColumnKind.YES_NO: pa.bool_(),
    ColumnKind.DAY: pa.date32(),
    ColumnKind.INSTANT: pa.timestamp("ms", tz="UTC"),
}
"""Arrow alone knows days without a time; and a column in which nothing stands keeps its type."""
_IN_DBF: Final[dict[ColumnKind, pa.DataType]] = {
    **_TYPES,
    ColumnKind.INSTANT: pa.string(),
    ColumnKind.YES_NO: pa.int64(),
}
_VERSION: Final = "1.2"
"""Of GeoPackage: what programs of some years ago read without a warning."""
_UNWRITTEN: Final = say("the file can't be written")
_TEXT: Final = pd.ArrowDtype(pa.string())


def write_geopackage(out: Path, sheet: ExportSheet, origin: Origin) -> int:
    """A layer with names in English and its Chinese title; where it comes from stands in its metadata."""
    facts = {**origin.facts(), **_datum(sheet)}
    described = "; ".join([sheet.layer.title_en, *(f"{name} {text}" for name, text in facts.items())])
    options = {"IDENTIFIER": sheet.layer.title, "DESCRIPTION": described}
    for part in sheet.parts:
        values = pd.DataFrame({column.name: _series(part, column) for column in sheet.columns})
        _write(out, sheet, part, values, driver="GPKG", layer_options=options, layer_metadata=facts)
    return 0


def write_shapefile(out: Path, sheet: ExportSheet, origin: Origin) -> int:
    """Names of at most 10 letters, a .cpg, and who exported in columns; texts are cut to 254 bytes."""
    cut = 0
    trace = {
        "exportedby": origin.by,
        "exportedat": origin.at.isoformat(timespec="seconds"),
        "as_of": origin.as_of.isoformat(),
        **_datum(sheet, name="crs_datum"),
        **({"left_out": origin.left_out} if origin.left_out else {}),
    }
    for part in sheet.parts:
        values = {column.dbf: _series(part, column, for_dbf=True) for column in sheet.columns}
        for name, series in values.items():
            if series.dtype == _TEXT:
                values[name] = series.map(_short, na_action="ignore").astype(_TEXT)
                cut += int((values[name] != series).sum())
        frame = pd.DataFrame(values)
        for name, text in trace.items():
            frame[name] = pd.Series([_short(text)] * len(frame), dtype=_TEXT)
        _write(out, sheet, part, frame, driver="ESRI Shapefile", layer_options={"ENCODING": "UTF-8"})
    return cut


def write_zipped_shapefile(out: Path, sheet: ExportSheet, origin: Origin) -> int:
    """The parts of a shapefile in one archive."""
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        cut = write_shapefile(Path(folder) / f"{sheet.layer.name}.shp", sheet, origin)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
    return cut


def _write(
    out: Path,
    sheet: ExportSheet,
    part: RowPart,
    values: pd.DataFrame,
    *,
    driver: str,
    layer_options: dict[str, str],
    layer_metadata: dict[str, str] | None = None,
) -> None:
    """A part: the first makes the layer, the others are put behind it."""
    shapes = part.shapes if part.shapes is not None else np.empty(0, dtype=np.object_)
    frame = gpd.GeoDataFrame(values, geometry=list(shapes), crs=sheet.crs)
    is_first = not out.exists()
    options: dict[str, Any] = {"layer_options": layer_options, "layer_metadata": layer_metadata}
    if driver == "GPKG":
        options["dataset_options"] = {"VERSION": _VERSION}
    with quiet_libraries(out.name, fault=_UNWRITTEN):
        pyogrio.write_dataframe(
            frame,
            out,
            driver=driver,
            layer=sheet.layer.name if driver == "GPKG" else out.stem,
            geometry_type=_type(sheet.layer.geometry or Geometry.POINT, driver),
            append=not is_first,
            use_arrow=True,
            **(options if is_first else {}),
        )


def _type(geometry: Geometry, driver: str) -> str:
    """A shapefile's lines and polygons are multi ones by nature."""
    return geometry.value if driver == "GPKG" else geometry.value.removeprefix("Multi")


def _series(part: RowPart, column: Column, *, for_dbf: bool = False) -> pd.Series[Any]:
    values = [row.get(column.name) for row in part.rows]
    if for_dbf:
        values = [_in_dbf(value) for value in values]
    kind = (_IN_DBF if for_dbf else _TYPES)[column.kind]
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, type=kind)))


def _in_dbf(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return int(value) if isinstance(value, bool) else value


def _short(text: str) -> str:
    return str(text).encode()[:_DBF_BYTES].decode(errors="ignore")


def _datum(sheet: ExportSheet, *, name: str = "datum") -> dict[str, str]:
    """What degrees are that no CRS code stands for."""
    return {} if sheet.crs is not None else {name: sheet.datum.value}
