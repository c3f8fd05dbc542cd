"""What a page shows of a file before and after it is imported, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import shapely

from data.importers.outcome import Outcome
from data.importers.preparing import Asked, Prepared
from data.importers.previewing import Preview, drawn_shapes, headers_of, masked_rows
from data.importers.table import Table
from data.uploads.sentences import kept_faults, kept_remarks, kept_sentence
from gisgrid.errors import Fault, MissingCrs
from gisgrid.geometry.lattice import GeometryArray

MOST_FAULTS: Final = 100_000
MOST_REMARKS: Final = 100_000


def looked_at(asked: Asked, table: Table, preview: Preview) -> dict[str, Any]:
    """The columns, the first rows and the shapes of a file."""
    shapes = drawn_shapes(asked, table)
    return {
        "headers": headers_of(table),
        "mapping": dict(preview.mapping),
        "rows": masked_rows(preview),
        "total": preview.total,
        "crs": table.crs.to_string() if table.crs is not None else None,
        "has_geometry": table.has_geometry,
        "shapes": _features(shapes),
        "bounds": shapely.total_bounds(shapes).tolist() if len(shapes) else None,
        "warnings": [kept_sentence(note) for note in preview.notes],
    }


def _features(shapes: GeometryArray) -> list[Any]:
    return [
        {"type": "Feature", "properties": {}, "geometry": orjson.loads(text)}
        for text in shapely.to_geojson(shapes)
    ]


def refused(faults: Sequence[Fault], error: Exception | None = None) -> dict[str, Any]:
    """Why nothing of a file can be taken, and whether saying the CRS would help."""
    return {
        "faults": kept_faults(faults, most=MOST_FAULTS),
        "fault_count": len(faults),
        "refused": len({fault.row for fault in faults if fault.row is not None}),
        "asks_crs": isinstance(error, MissingCrs),
    }


def outcome_told(outcome: Outcome, prepared: Prepared) -> dict[str, Any]:
    """What an import did, or would do."""
    counts: Mapping[str, Any] = outcome.counts
    return {
        "counts": {name: value for name, value in counts.items() if isinstance(value, int | float | str)},
        "lists": {name: value for name, value in counts.items() if isinstance(value, list) and value},
        "faults": kept_faults(outcome.faults, most=MOST_FAULTS),
        "fault_count": len(outcome.faults),
        "refused": outcome.refused,
        "remarks": kept_remarks(outcome.remarks, most=MOST_REMARKS),
        "remark_count": len(outcome.remarks),
        "warnings": [kept_sentence(note) for note in outcome.warnings],
        "datum": _datum(outcome),
        "rows": prepared.rows,
        "asks_crs": False,
    }


def _datum(outcome: Outcome) -> dict[str, Any] | None:
    if outcome.datum is None:
        return None
    figures, *warnings = outcome.datum.sentences()
    return {
        **outcome.datum.as_json(),
        "figures": kept_sentence(figures),
        "doubts": [kept_sentence(one) for one in warnings],
    }
