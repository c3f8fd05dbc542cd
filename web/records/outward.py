"""Pages of the tables of other offices: templates, approvals, one table with its places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.errors import Conflict, Fault, InvalidInput
from gisgrid.forms.tree import text_in
from gisgrid.labels.outward import WHOLE_COMMUNITY
from gisgrid.labels.table import N_
from gisgrid.records.outward.approval_queries import own_areas, waiting_approvals
from gisgrid.records.outward.approvals import ask_approval, decide_approval
from gisgrid.records.outward.form_fields import published_forms
from gisgrid.records.outward.scope import ANYWHERE, OutwardRequest
from gisgrid.records.outward.template_queries import TemplateOpened, list_templates, open_template
from gisgrid.records.outward.templates import TemplateInput, change_sheets, close_template
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import current_actor, now
from web.frame import page_request, show
from web.i18n import current_language
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, listed, placed
from web.records.outward_choices import grouped_fields, sheets_of_form
from web.records.outward_files import filled_answer, keep_sent

outward_pages = Pages("outward", __name__)
_LONGEST: Final = 400
_SAID: Final = ("department", "title", "legal_basis")
_ASKED: Final = ("area", "month", "reason")
_WRONG: Final = 422
_IN_THE_WAY: Final = 409
Shown = Response | tuple[str, int]
"""Where it leads, or the page again with what is wrong."""


@outward_pages.get(
    "/outward", right=Action.OUTWARD_FILL, entries=(Entry(Group.RECORDS, 6, "outward", N_("一表通")),)
)
def listing() -> str:
    """The templates of the community, who waits for a second person, and a form to send a workbook."""
    return _list([])


@outward_pages.post("/outward", right=Action.OUTWARD_KEEP, takes_file=True)
def send() -> Shown:
    """Keep a workbook as a template, or as the next version of one."""
    said = {name: request.form.get(name, "")[:_LONGEST] for name in _SAID}
    sent = TemplateInput(**said, code=request.form.get("code") or None)
    try:
        kept = keep_sent(page_request(), request.files.get("file"), sent)
    except InvalidInput as error:
        return _list(_lines(error.faults)), _WRONG
    flash(_("已保存。请核对每一格填什么。"), "good")
    return redirect(f"/outward/{kept.code}", 303)


def _lines(faults: Iterable[Fault]) -> list[ProblemFault]:
    """Faults with sheet, row and field in front of their sentences."""
    return [ProblemFault(message=listed([placed(fault)]), field=fault.field) for fault in faults]


def _list(faults: list[ProblemFault]) -> str:
    with audited_view(page_request()) as view:
        rows, waiting = list_templates(view), waiting_approvals(view)
    typed = {name: request.form.get(name, "") for name in (*_SAID, "code")}
    return show("records/outward.html", view, rows=rows, waiting=waiting, faults=faults, typed=typed)


@outward_pages.get("/outward/<code>", right=Action.OUTWARD_FILL)
def template(code: str) -> str:
    """One template: what each place is, filling it, and how often it was filled."""
    return _show(code, [])


@outward_pages.post("/outward/<code>/sheets", right=Action.OUTWARD_KEEP)
def change(code: str) -> Shown:
    """Say anew which place is which field."""

    def keep() -> Response:
        with audited_view(page_request()) as view:
            opened = open_template(view, code, now=now())
        sheets = sheets_of_form(request.form, opened)
        with writing_view(page_request()) as view:
            change_sheets(view, code, sheets, now=now())
        return _back(code, _("已保存。"))

    return _or_faults(code, keep)


@outward_pages.post("/outward/<code>/file", right=Action.OUTWARD_FILL)
def fill(code: str) -> Shown:
    """The filled workbook; where it can't be filled, the page says why."""
    return _or_faults(code, lambda: filled_answer(page_request(), code, _wanted()))


@outward_pages.post("/outward/<code>/approvals", right=Action.OUTWARD_FILL)
def ask(code: str) -> Shown:
    """Ask a second person to let the table be filled."""

    def send_on() -> Response:
        with writing_view(page_request()) as view:
            ask_approval(view, code, _wanted(), now=now())
        return _back(code, _("已申请,等另一人同意。"))

    return _or_faults(code, send_on)


def _wanted() -> OutwardRequest:
    said = {name: request.form.get(name, "").strip()[:_LONGEST] or None for name in _ASKED}
    return OutwardRequest(grid=said["area"], month=said["month"], reason=said["reason"])


def _or_faults(code: str, work: Callable[[], Response]) -> Shown:
    """What was asked for, or the page of the template with what is wrong or in the way."""
    try:
        return work()
    except InvalidInput as error:
        return _show(code, _lines(error.faults)), _WRONG
    except Conflict as error:
        return _show(code, _lines([Fault(message=error.args[0])])), _IN_THE_WAY


def _back(code: str, said: str) -> Response:
    flash(said, "good")
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
        forms = {row.form.code: text_in(row.tree.title, current_language()) for row in published_forms(view)}
    fields = {rows: grouped_fields(words) for rows, words in opened["row_fields"].items()}
    return show(
        "records/outward_form.html",
        view,
        template=opened,
        row_fields=fields,
        cell_fields=grouped_fields(opened["cell_fields"]),
        areas=_areas(areas),
        faults=faults,
        may_keep=may(current_actor(), Action.OUTWARD_KEEP) and not opened["is_closed"],
        month=f"{view.when.day:%Y-%m}",
        typed={name: request.form.get(name, "") for name in _ASKED},
        page_data={"outward": {"code": code, "fields": fields, "places": _titles(opened), "forms": forms}},
    )


def _titles(opened: TemplateOpened) -> list[Mapping[str, str]]:
    """What stands above or before each place, sheet by sheet, for telling where cells remain empty."""
    return [
        {place["place"]: place["title"] for place in (*sheet["columns"], *sheet["cells"])}
        for sheet in opened["sheets"]
    ]


def _areas(areas: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """What may be chosen: first all that somebody serves, then each grid; the community is all of it."""
    is_head = current_actor().role in ANYWHERE
    grids = [(code, name) for code, name, _key in (areas[1:] if is_head else areas)]
    return [("", _(WHOLE_COMMUNITY) if is_head else _("负责的全部网格")), *grids]
