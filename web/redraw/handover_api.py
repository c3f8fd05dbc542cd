"""Hand-over sheets of a plan: what each member gives and takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, render_template

from gisgrid.access.actions import Action
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.figures.tables import FigureTable
from gisgrid.labels.redraw import HANDOVER_WORDS
from gisgrid.redraw.handover_sheets import handover
from gisgrid.redraw.transfer.answers import HandoverView, SheetLine
from gisgrid.redraw.transfer.sheet_lines import as_lines
from web.answer_models import TABLE, file_response
from web.answers import audited_view, csv_answer, json_answer
from web.blueprints import Api
from web.context import is_program, now, services
from web.i18n import gettext as _
from web.i18n import label
from web.pdf import pdf_of
from web.request_models import Identified, PlaceQuery

_MOST_ON_PAPER: Final = 5_000
"""Lines of households that one PDF holds: about 100 pages, and 20 seconds of a processor."""

handover_api = Api("handover", __name__, part=ApiPart.PLANS)


@handover_api.get("/plans/<id>/handover", right=Action.HANDOVER_VIEW, responses={"200": HandoverView})
def sheets(path: Identified, query: PlaceQuery) -> Response:
    """What each member gives and takes: households by building, elders, open cases; members see their own."""
    with audited_view(query.view_request) as view:
        answer = handover(view, path.id, caches=services().cache, now=now())
    return json_answer(answer)


@handover_api.get("/plans/<id>/handover.csv", right=Action.HANDOVER_VIEW, responses=TABLE)
def sheets_csv(path: Identified, query: PlaceQuery) -> Response:
    """The same as CSV, a line per household and open case."""
    cache, at = services().cache, now()
    return csv_answer(
        "handover",
        query.view_request,
        lambda view: FigureTable(rows=_headed(as_lines(handover(view, path.id, caches=cache, now=at)))),
        columns=list(_heads() if is_program() else _heads().values()),
    )


def _heads() -> dict[str, str]:
    """What the columns of the table are called."""
    return {
        "member": _("网格员"),
        "direction": _("移交或接收"),
        "with": _("对方网格员"),
        "from": _("原网格"),
        "to": _("新网格"),
        "kind": _("类别"),
        "address": _("地址"),
        "elders": _("老人"),
        "elders_80": _("80 岁以上"),
        "names": _("老人姓名"),
        "visitors": _("探访人"),
        "agree_with": _("需与谁商定"),
        "tasks": _("待办走访"),
        "case": _("未结案件"),
    }


def _headed(lines: Sequence[SheetLine]) -> Sequence[Mapping[str, Any]]:
    """The lines under heads and with words in the reader's language; for programs as they are."""
    if is_program():
        return lines
    heads = _heads()
    worded = {"direction", "kind"}
    return [
        {
            heads.get(key, key): label(HANDOVER_WORDS, str(value)) if key in worded else value
            for key, value in line.items()
        }
        for line in lines
    ]


@handover_api.get(
    "/plans/<id>/handover.pdf", right=Action.HANDOVER_VIEW, responses=file_response("application/pdf", "A4")
)
def sheets_pdf(path: Identified, query: PlaceQuery) -> Response:
    """The same as PDF for A4: each member's sheet from a new page, with who printed it and when.

    422 when there are too many lines for one document, 503 where the server lacks what makes PDFs.
    """
    with audited_view(query.view_request) as view:
        answer = handover(view, path.id, caches=services().cache, now=now())
        lines = len(as_lines(answer))
        if lines > _MOST_ON_PAPER:
            raise InvalidInput(_("住户太多,一份 PDF 放不下,请用打印页或下载表格"))
        record(view.session, view.actor, "export:handover", "table", now=now(), count=lines)
    response = Response(pdf_of(_paper(view, answer)), content_type="application/pdf")
    file = f"handover-{view.when.day.isoformat()}-{view.actor.name}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=file)
    return response


def _paper(view: View, sheets: HandoverView) -> str:
    """The sheets as a document of their own: no menu, no scripts, nothing to load."""
    return render_template(
        "redraw/handover_pdf.html",
        sheets=sheets,
        community=view.community,
        is_own=view.actor.role == Role.MEMBER,
        is_pdf=True,
        printed_by=view.actor.name,
        printed_at=now().astimezone(view.tz).strftime("%Y-%m-%d %H:%M"),
    )
