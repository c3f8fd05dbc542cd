"""Workbooks of other offices as they come in and go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from flask import Response
from werkzeug.datastructures import FileStorage

from data.outward.template import template_file
from data.outward.template_archive import MOST_TEMPLATE
from data.outward.workbooks import PlaceGaps, write_workbook
from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.areas.view import ViewRequest
from gisgrid.errors import InvalidInput, say
from gisgrid.records.core.outward_models import OutwardForm
from gisgrid.records.outward.runs import RunCounts, note_run, read_fill
from gisgrid.records.outward.scope import OutwardRequest
from gisgrid.records.outward.templates import TemplateInput, keep_template
from gisgrid.records.rounds.gaps import gap_forms
from web.answers import audited_view, writing_view
from web.context import now

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COUNTS: Final = "Outward-Counts"
"""The header that tells how the cells of a filled workbook came to be."""
GAPS: Final = "Outward-Gaps"
"""The header that tells where cells remain empty: ``0.B=3/0/1`` is column B of the first sheet with three
cells that nobody knows, none that no field was said for, and one for want of consent."""
_MOST_GAPS: Final = 60
FORMS: Final = "Outward-Forms"
"""The header that tells whoever drafts rounds which forms ask for what is empty: ``elder_visit=12/9`` asks
for twelve cells about nine."""


def keep_sent(asked: ViewRequest, file: FileStorage | None, sent: TemplateInput) -> OutwardForm:
    """Keep a workbook that was sent; it is read before anybody waits for the database.

    Raises
    ------
    InvalidInput
        No file, or one that is no template; all its faults.
    """
    if file is None or not file.filename:
        raise InvalidInput(say("no file was chosen"), field="file")
    read = template_file(file.stream.read(MOST_TEMPLATE + 1), file.filename)
    with writing_view(asked) as view:
        form = keep_template(view, read, sent, now=now())
        view.session.expunge(form)
    return form


def filled_answer(asked: ViewRequest, code: str, wanted: OutwardRequest) -> Response:
    """A filled template. Nobody gets it before the run and its entry in the trail are kept."""
    with audited_view(asked) as view:
        fill = read_fill(view, code, wanted, now=now())
        forms = gap_forms(view, fill) if may(view.actor, Action.ROUNDS_DRAFT) else []
    written = write_workbook(fill)
    with writing_view(asked) as view:
        note_run(view, fill, written.counts, now=now())
    response = Response(written.content, content_type=WORKBOOK)
    title = quote(f"{fill.form.title}-{fill.scope.area.name}-{fill.scope.first:%Y-%m}.xlsx", safe="")
    plain = f"{fill.form.code}-{fill.scope.first:%Y-%m}.xlsx"
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{title}"
    response.headers["Cache-Control"] = "no-store"
    response.headers[COUNTS] = _counts_text(written.counts, fill.content.left_out)
    response.headers[GAPS] = ", ".join(map(_gaps_text, _widest(written.gaps)))
    response.headers[FORMS] = ", ".join(f"{row.form}={row.cells}/{len(row.subjects)}" for row in forms)
    return response


def _counts_text(counts: RunCounts, left_out: int) -> str:
    numbers = {
        "rows": counts.rows,
        "cells": counts.cells,
        "prefilled": counts.prefilled,
        "empty": counts.empty,
        "no_consent": counts.no_consent,
        "left_out": left_out,
    }
    return ", ".join(f"{name}={number}" for name, number in numbers.items())


def _widest(gaps: Sequence[PlaceGaps]) -> Sequence[PlaceGaps]:
    """The places that lack most, in the order of the template: a header may not grow without end."""
    most = sorted(gaps, key=lambda gap: gap.counts.prefilled - gap.counts.cells)[:_MOST_GAPS]
    return [gap for gap in gaps if gap in most]


def _gaps_text(gap: PlaceGaps) -> str:
    counts = gap.counts
    return f"{gap.sheet}.{gap.place}={counts.empty}/{counts.unplanned}/{counts.no_consent}"
