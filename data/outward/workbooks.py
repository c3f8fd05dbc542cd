"""A fill as the workbook that is handed out, with the counts that are kept of it."""

from __future__ import annotations

import hashlib

from data.outward.cells import fill_template
from data.outward.template import template_path
from gisgrid.records.outward.runs import OutwardFill, RunCounts


def write_workbook(fill: OutwardFill) -> tuple[bytes, RunCounts]:
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
    return filled.content, RunCounts(
        rows=filled.rows,
        cells=counts.cells,
        prefilled=counts.prefilled,
        empty=counts.empty + counts.unplanned,
        no_consent=counts.no_consent,
        sha256=hashlib.sha256(filled.content).hexdigest(),
    )
