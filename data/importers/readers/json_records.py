"""JSON: a GeoJSON collection, or a plain list of records as other systems export them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson
import pandas as pd

from data.importers.readers.geojson import parsed, table_of_geojson
from data.importers.readers.limits import check_size
from data.importers.readers.table import FileTable
from gisgrid.errors import InvalidInput, say

_DEEP: Final = 3
"""How many wrappings a list may stand in: ``{"code": 0, "data": {"rows": […]}}``."""


def read_json(path: Path, layer: str | None) -> FileTable:
    """The records of a JSON file, each value as it stands; one GeoJSON is read as such.

    Raises
    ------
    InvalidInput
        The file is no JSON (perhaps cut off), neither GeoJSON nor a list of records, or has more of them
        than are read.
    """
    del layer
    document, large = parsed(path)
    if large is not None:
        return large
    if isinstance(document, dict) and document.get("type") in {"Feature", "FeatureCollection"}:
        return table_of_geojson(document, source=path.name)
    rows = _records(document, _DEEP)
    if rows is None:
        raise InvalidInput(say("the file is neither GeoJSON nor a list of records"), file=path.name)
    names: dict[str, None] = dict.fromkeys(name for row in rows for name in row)
    check_size(len(rows), len(names), source=path.name)
    columns = {name: pd.Series([_plain(row.get(name)) for row in rows], dtype=object) for name in names}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))
    return FileTable(frame=frame, has_geometry=False, crs=None, source=path.name)


def _records(value: Any, deep: int) -> list[dict[str, Any]] | None:
    """The first list of records in a document, at most so many wrappings inside."""
    if isinstance(value, list):
        return value if value and all(isinstance(record, dict) for record in value) else None
    if not isinstance(value, dict) or deep == 0:
        return None
    lists = (_records(inner, deep - 1) for inner in value.values())
    return next((rows for rows in lists if rows is not None), None)


def _plain(value: Any) -> Any:
    """A value of one cell; what is nested stands as its JSON."""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
