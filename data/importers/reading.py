"""Reads a file of records as it stands: text stays text, and nothing about its CRS is guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from data.importers.csv_text import read_csv
from data.importers.geojson import read_geojson
from data.importers.table import Table
from data.importers.vector import read_geopackage, read_parquet, read_shapefile, read_zip
from gisgrid.errors import InvalidInput

__all__ = ["READERS", "Table", "read_table"]

READERS: Final[dict[str, Callable[[Path, str | None], Table]]] = {
    ".csv": read_csv,
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".gpkg": read_geopackage,
    ".shp": read_shapefile,
    ".zip": read_zip,
    ".parquet": read_parquet,
    ".geoparquet": read_parquet,
}
"""By the ending of a file, who reads it; the second argument names a layer where a file has several."""


def read_table(path: Path, *, layer: str | None = None) -> Table:
    """All rows and columns of a CSV, GeoJSON, GeoPackage, Shapefile (zipped or not) or Parquet file.

    CSV columns are all text; text columns of other files stay text (``0113`` stays ``0113``). Encodings:
    UTF-8, else GB18030; a Shapefile's .cpg is believed. A GeoJSON without ``crs`` member is EPSG:4326;
    any other file that doesn't say its CRS has none.

    Raises
    ------
    InvalidInput
        The file is missing, empty, cut off, of an unknown kind, or has several layers and none is named.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise InvalidInput(f"files of this kind can't be read; known endings: {known}", file=path.name)
    if not path.is_file():
        raise InvalidInput("there is no such file", file=path.name)
    if path.stat().st_size == 0:
        raise InvalidInput("the file is empty", file=path.name)
    return reader(path, layer)
