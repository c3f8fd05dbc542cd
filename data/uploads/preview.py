"""What a page shows of a file before and after it is imported, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import shapely
from typing_extensions import TypedDict

from data.importers.kinds.area_rows import SAME_CODE, Redrawn, TooMuchMoved
from data.importers.outcome import ImportOutcome
from data.importers.prepare import ImportRequest, Prepared
from data.importers.preview import DRAWN_STEP, FilePreview, drawn_shapes, headers_of, masked_rows
from data.importers.readers.table import FileTable
from data.importers.values.datum_check import DatumFigures
from data.uploads.sentences import (
    KeptFault,
    KeptRemark,
    KeptSentence,
    kept_faults,
    kept_remarks,
    kept_sentence,
)
from gisgrid.errors import Fault, MissingCrs, Sentence
from gisgrid.geometry.extent import main_extent
from gisgrid.geometry.lattice import GeometryArray, as_array

MOST_FAULTS: Final = 100_000
MOST_REMARKS: Final = 100_000
_MOST_PIECES: Final = 500


class SeenFile(TypedDict):
    """The columns, the first rows and the shapes of a file."""

    headers: list[str]
    mapping: dict[str, str]
    rows: list[dict[str, str]]
    numbers: list[int]
    counted: str
    total: int
    crs: str | None
    has_geometry: bool
    shapes: list[Any]
    bounds: Any
    warnings: list[KeptSentence]


class RefusedFile(TypedDict):
    """Why nothing of a file can be taken, and what would help."""

    faults: list[KeptFault]
    fault_count: int
    refused: int
    asks_crs: bool
    moved: dict[str, float]
    redrawn: list[Any]
    same_code: bool


class ShownDatum(DatumFigures):
    """How well points agree with the ground, in sentences too."""

    figures: KeptSentence
    doubts: list[KeptSentence]


class ImportAnswer(TypedDict):
    """What an import did, or would do."""

    counts: dict[str, float | str]
    lists: dict[str, list[Any]]
    faults: list[KeptFault]
    fault_count: int
    refused: int
    remarks: list[KeptRemark]
    remark_count: int
    warnings: list[KeptSentence]
    datum: ShownDatum | None
    moved: dict[str, float]
    rows: int
    asks_crs: bool


def looked_at(asked: ImportRequest, table: FileTable, preview: FilePreview) -> SeenFile:
    """The columns, the first rows and the shapes of a file."""
    shapes = drawn_shapes(asked, table)
    return {
        "headers": headers_of(table),
        "mapping": dict(preview.mapping),
        "rows": masked_rows(preview),
        "numbers": table.lines.first(len(preview.rows)),
        "counted": table.lines.counted,
        "total": preview.total,
        "crs": table.crs.to_string() if table.crs is not None else None,
        "has_geometry": table.has_geometry,
        "shapes": _features(shapes),
        "bounds": main_extent(shapes),
        "warnings": [kept_sentence(note) for note in preview.notes],
    }


def _features(shapes: GeometryArray, **properties: str) -> list[Any]:
    return [
        {"type": "Feature", "properties": properties, "geometry": orjson.loads(text)}
        for text in shapely.to_geojson(shapes)
    ]


def _redrawn(redrawn: Redrawn) -> list[Any]:
    """The areas after a repair as lines, and the largest pieces that moved, with whose they were."""
    after = as_array(shapely.boundary(shapely.simplify(redrawn.after, DRAWN_STEP)))
    pieces = [
        feature
        for piece in redrawn.pieces[:_MOST_PIECES]
        for feature in _features(as_array([piece.shape]), kind="moved", of="、".join(piece.of), to=piece.to)
    ]
    return [*_features(after, kind="after"), *pieces]


def refused(faults: Sequence[Fault], error: Exception | None = None) -> RefusedFile:
    """Why nothing of a file can be taken, and what would help: a CRS, joining codes, accepting a repair."""
    return {
        "faults": kept_faults(faults, most=MOST_FAULTS),
        "fault_count": len(faults),
        "refused": len({fault.row for fault in faults if fault.row is not None}),
        "asks_crs": isinstance(error, MissingCrs),
        "moved": dict(error.moved_m2) if isinstance(error, TooMuchMoved) else {},
        "redrawn": _redrawn(error.redrawn) if isinstance(error, TooMuchMoved) else [],
        "same_code": any(_template(fault.message) == SAME_CODE for fault in faults),
    }


def _template(said: str) -> str:
    return said.template if isinstance(said, Sentence) else said


def describe_outcome(outcome: ImportOutcome, prepared: Prepared) -> ImportAnswer:
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
        "moved": dict(counts.get("moved_by_area", {})),
        "rows": prepared.rows,
        "asks_crs": False,
    }


def _datum(outcome: ImportOutcome) -> ShownDatum | None:
    if outcome.datum is None:
        return None
    figures, *warnings = outcome.datum.sentences()
    return {
        **outcome.datum.as_json(),
        "figures": kept_sentence(figures),
        "doubts": [kept_sentence(warning) for warning in warnings],
    }
