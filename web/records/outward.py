"""Pages of the tables of other offices: templates, who waits for a second person, one table with its places."""

from __future__ import annotations

from typing import Final

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.errors import InvalidInput
from gisgrid.labels.table import N_
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.approval_queries import own_areas, waiting_approvals
from gisgrid.records.outward.approvals import ask_approval, decide_approval
from gisgrid.records.outward.scope import ANYWHERE, OutwardRequest
from gisgrid.records.outward.sheets import OutwardPeople, OutwardSheet
from gisgrid.records.outward.template_queries import TemplateOpened, list_templates, open_template
from gisgrid.records.outward.templates import TemplateInput, change_sheets, close_template
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import current_actor, now
from web.frame import page_request, show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed
from web.records.outward_files import filled_answer, keep_sent

outward_pages = Pages("outward", __name__)
_LONGEST: Final = 400
_SAID: Final = ("department", "title", "legal_basis")


@outward_pages.get(
    "/outward", right=Action.OUTWARD_FILL, entries=(Entry(Group.RECORDS, 6, "outward", N_("一表通")),)
)
def listing() -> str:
    """The templates of the community, who waits for a second person, and a form to send a workbook."""
    return _list([])


@outward_pages.post("/outward", right=Action.OUTWARD_KEEP, takes_file=True)
def send() -> Response | tuple[str, int]:
    """Keep a workbook as a template, or as the next version of one."""
    said = {name: request.form.get(name, "")[:_LONGEST] for name in _SAID}
    sent = TemplateInput(**said, code=request.form.get("code") or None)
    try:
        kept = keep_sent(page_request(), request.files.get("file"), sent)
    except InvalidInput as error:
        return _list([placed(fault) for fault in error.faults]), 422
    flash(_("已保存。请核对每一格填什么。"), "good")
    return redirect(f"/outward/{kept.code}", 303)


def _list(faults: list[ProblemFault]) -> str:
    with audited_view(page_request()) as view:
        rows, waiting = list_templates(view), waiting_approvals(view)
    typed = {name: request.form.get(name, "") for name in _SAID}
    return show("records/outward.html", view, rows=rows, waiting=waiting, faults=faults, typed=typed)


@outward_pages.get("/outward/<code>", right=Action.OUTWARD_FILL)
def template(code: str) -> str:
    """One template: what each place is, filling it, and how often it was filled."""
    return _show(code, [])


@outward_pages.post("/outward/<code>/sheets", right=Action.OUTWARD_KEEP)
def change(code: str) -> Response | tuple[str, int]:
    """Say anew which place is which field."""
    with audited_view(page_request()) as view:
        opened = open_template(view, code, now=now())
    try:
        sheets = _sheets(opened)
        with writing_view(page_request()) as view:
            change_sheets(view, code, sheets, now=now())
    except InvalidInput as error:
        return _show(code, [placed(fault) for fault in error.faults]), 422
    flash(_("已保存。"), "good")
    return redirect(f"/outward/{code}", 303)


def _sheets(opened: TemplateOpened) -> list[OutwardSheet]:
    """What the form says of each sheet, counted from 0; a place without a field is left to people."""
    form = request.form
    sheets: list[OutwardSheet] = []
    for at, sheet in enumerate(opened["sheets"]):
        rows, people = form.get(f"rows-{at}", sheet["rows"]), form.get(f"people-{at}", sheet["people"])
        known = rows in set(OutwardRows) and people in set(OutwardPeople)
        if not known:
            raise InvalidInput(_("请选择每行是什么"), field=f"rows-{at}")
        columns = {
            place["place"]: form.get(f"column-{at}-{place['place']}", "") for place in sheet["columns"]
        }
        cells = {place["place"]: form.get(f"cell-{at}-{place['place']}", "") for place in sheet["cells"]}
        sheets.append(
            OutwardSheet(
                sheet=sheet["sheet"],
                rows=OutwardRows(rows),
                people=OutwardPeople(people),
                columns={place: code for place, code in columns.items() if code},
                cells={place: code for place, code in cells.items() if code},
            )
        )
    return sheets


@outward_pages.post("/outward/<code>/file", right=Action.OUTWARD_FILL)
def fill(code: str) -> Response | tuple[str, int]:
    """The filled workbook; where it can't be filled, the page says why."""
    try:
        return filled_answer(page_request(), code, _wanted())
    except InvalidInput as error:
        return _show(code, [placed(fault) for fault in error.faults]), 422


def _wanted() -> OutwardRequest:
    said = {
        name: request.form.get(name, "").strip()[:_LONGEST] or None for name in ("area", "month", "reason")
    }
    return OutwardRequest(grid=said["area"], month=said["month"], reason=said["reason"])


@outward_pages.post("/outward/<code>/approvals", right=Action.OUTWARD_FILL)
def ask(code: str) -> Response | tuple[str, int]:
    """Ask a second person to let the table be filled."""
    try:
        with writing_view(page_request()) as view:
            ask_approval(view, code, _wanted(), now=now())
    except InvalidInput as error:
        return _show(code, [placed(fault) for fault in error.faults]), 422
    flash(_("已申请,等另一人同意。"), "good")
    return redirect(f"/outward/{code}", 303)


@outward_pages.post("/outward/<code>/approvals/<approval_id>", right=Action.OUTWARD_APPROVE)
def decide(code: str, approval_id: str) -> Response:
    """Let it be filled, or not."""
    is_approved = request.form.get("answer") == "yes"
    with writing_view(page_request()) as view:
        decide_approval(view, code, approval_id, is_approved=is_approved, now=now())
    flash(_("已同意,30 天内有效。") if is_approved else _("已答复:不同意。"), "good")
    return redirect("/outward", 303)


@outward_pages.post("/outward/<code>/close", right=Action.OUTWARD_KEEP)
def close(code: str) -> Response:
    """Fill a template no more."""
    with writing_view(page_request()) as view:
        close_template(view, code, now=now())
    flash(_("模板已停用。"), "good")
    return redirect("/outward", 303)


def _show(code: str, faults: list[ProblemFault]) -> str:
    with audited_view(page_request()) as view:
        opened = open_template(view, code, now=now())
        areas = own_areas(view)
    return show(
        "records/outward_form.html",
        view,
        template=opened,
        areas=_areas(areas),
        faults=faults,
        may_keep=may(current_actor(), Action.OUTWARD_KEEP) and not opened["is_closed"],
        month=f"{view.when.day:%Y-%m}",
        typed={name: request.form.get(name, "") for name in ("area", "month", "reason")},
    )


def _areas(areas: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """What may be chosen: first all that one serves, then each grid; the community is all of it."""
    grids = [(code, name) for code, name, key in areas if key not in _communities(areas)]
    return [("", _("负责的全部网格")), *grids]


def _communities(areas: list[tuple[str, str, str]]) -> set[str]:
    """The first area of who serves the community is the community itself."""
    is_head = current_actor().role in ANYWHERE
    return {areas[0][2]} if is_head and areas else set()
