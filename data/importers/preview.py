"""What is to be seen of a file before it is imported: columns, first rows, faults, and its shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

import numpy as np
import shapely

from data.importers.kinds.fields import names_of
from data.importers.kinds.rows import positions_of_rows
from data.importers.prepare import ImportRequest, Prepared, check, open_table
from data.importers.readers.table import FileTable
from data.importers.values.columns import choose_columns, text_of
from data.importers.values.identity_numbers import has_identity_number, is_identity_header
from data.importers.values.positions import reference_of
from data.importers.values.shapes import shapes_in_degrees
from gisgrid.errors import Fault, InvalidInput, Sentence
from gisgrid.geometry.lattice import GeometryArray, as_array

SHOWN_ROWS: Final = 20
MOST_SHAPES: Final = 3_000
"""Of more shapes every n-th is drawn."""
DRAWN_STEP: Final = 1e-6
"""Degrees within which a drawn line follows the real one, about ten centimetres."""
_HIDDEN: Final = "…"
_PERSONAL: Final[Mapping[str, frozenset[str]]] = {
    "households": frozenset({"contact"}),
    "residents": frozenset({"external_id", "name", "birth_date", "phone"}),
    "cases": frozenset({"description", "contact"}),
}
"""Fields of which a preview shows the first character only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview:
    """What is to be seen of a file before it is imported.

    ``mapping``: our field and the column it is read from; ``unused``: columns that aren't read; ``rows``:
    the first rows by field, as text, without identity-card numbers; ``total``: how many rows there are;
    ``faults``: all of them that can be found without the database.
    """

    kind: str
    mapping: Mapping[str, str]
    unused: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    total: int
    faults: Sequence[Fault]
    notes: Sequence[Sentence]


def preview(asked: ImportRequest, *, tz: tzinfo) -> FilePreview:
    """What is to be seen of a file before it is imported; a file with faults is shown with them.

    Raises
    ------
    InvalidInput
        The file can't be read at all, or the columns that were named aren't there.
    """
    table = open_table(asked)
    try:
        prepared: Prepared | None = check(asked, table, tz=tz)
        faults: Sequence[Fault] = ()
    except InvalidInput as error:
        prepared, faults = None, error.faults
    return preview_of(asked, table, prepared, faults)


def preview_of(
    asked: ImportRequest, table: FileTable, prepared: Prepared | None, faults: Sequence[Fault]
) -> FilePreview:
    """What is to be seen of a table that was read; ``faults`` say why it was not prepared.

    Raises
    ------
    InvalidInput
        The columns that were named aren't there.
    """
    chosen = choose_columns(table, names_of(asked.kind), asked.columns)
    mapping = {field: name for field, name in chosen.chosen.items() if not is_identity_header(name)}
    used = set(mapping.values())
    shown = table.frame.head(SHOWN_ROWS)
    rows = [
        {field: _shown(shown[name].iloc[place]) for field, name in mapping.items()}
        for place in range(len(shown))
    ]
    return FilePreview(
        kind=asked.kind,
        mapping=mapping,
        unused=[name for name in headers_of(table) if name not in used],
        rows=rows,
        total=len(table.frame),
        faults=prepared.faults if prepared else faults,
        notes=prepared.notes if prepared else table.notes,
    )


def headers_of(table: FileTable) -> list[str]:
    """The names of a table's columns, without its shapes."""
    return [str(name) for name in table.frame.columns if name != "geometry"]


def masked_rows(preview: FilePreview) -> list[dict[str, str]]:
    """The first rows of a preview with what is personal in them hidden, but for the first character."""
    personal = _PERSONAL.get(preview.kind, frozenset())
    return [
        {name: _masked(value) if name in personal else value for name, value in row.items()}
        for row in preview.rows
    ]


def _masked(text: str) -> str:
    return f"{text[0]}{'*' * 3}" if text else ""


def _shown(value: Any) -> str:
    text = text_of(value)
    return _HIDDEN if has_identity_number(text) else text


def drawn_shapes(asked: ImportRequest, table: FileTable) -> GeometryArray:
    """What of a file can be drawn on a map: its shapes or positions in EPSG:4326, simplified, at most some.

    Nothing where the file has neither, or where its CRS is not known.
    """
    try:
        shapes = _shapes(asked, table)
    except InvalidInput:
        return as_array([])
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    few = there[:: -(-len(there) // MOST_SHAPES) or 1]
    finite = _finite(few)
    return as_array(shapely.simplify(few[finite], DRAWN_STEP)) if finite.any() else as_array([])


def _finite(shapes: GeometryArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which shapes have no coordinate that is no number; bounds won't tell, they leave those out."""
    coordinates, places = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=np.bool_)
    finite[places[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _shapes(asked: ImportRequest, table: FileTable) -> GeometryArray:
    if table.has_geometry:
        return shapes_in_degrees(table, reference_of(table, asked.crs))
    chosen = choose_columns(table, names_of(asked.kind), asked.columns)
    positions = positions_of_rows(table, chosen, asked.crs, is_placed=chosen.has("lon"))
    if positions is None:
        return as_array([])
    has_place = np.isfinite(positions.x) & np.isfinite(positions.y)
    return as_array(shapely.points(positions.x[has_place], positions.y[has_place]))
