"""A fill as the workbook that is handed out, with the counts that are kept of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from data.outward.cells import CellCounts, fill_template
from data.outward.template import template_path
from gisgrid.records.outward.runs import OutwardFill, RunCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGaps:
    """A column or single cell that was not filled wholly; sheets of the template count from 0."""

    sheet: int
    place: str
    counts: CellCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTemplate:
    """The workbook that is handed out, what is kept of the run, and where cells remain empty."""

    content: bytes
    counts: RunCounts
    gaps: Sequence[PlaceGaps]


def write_workbook(fill: OutwardFill) -> WrittenTemplate:
    """The template with everything in its place. Cells that no field was said for count as empty.

    Raises
    ------
    InvalidInput
        More rows than are filled at once.
    """
    content = fill.content
    with template_path(fill.template) as path:
        filled = fill_template(path, fill.sheets, rows=content.rows, cells=content.cells)
    counts = filled.counts
    kept = RunCounts(
        rows=filled.rows,
        cells=counts.cells,
        prefilled=counts.prefilled,
        empty=counts.empty + counts.unplanned,
        no_consent=counts.no_consent,
        sha256=hashlib.sha256(filled.content).hexdigest(),
    )
    titles = [shape["title"] for shape in fill.form.cells["shapes"]]
    gaps = [
        PlaceGaps(sheet=titles.index(title), place=place, counts=counts)
        for (title, place), counts in filled.places.items()
        if counts.prefilled < counts.cells
    ]
    return WrittenTemplate(content=filled.content, counts=kept, gaps=gaps)
