"""Requests to be erased: asked on the household's page, decided by a head; and texts of cases taken out."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.erasures import list_beside
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.redaction import redact, redactable
from gisgrid.labels.table import N_
from gisgrid.people.erasure.queries import PAGE, list_erasures
from gisgrid.people.erasure.service import ask_erasure, carry_out, decline, take_back
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import current_actor, now, read_session, services, view_of
from web.frame import page_request, show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number

erasing = Pages("erasing", __name__)


@erasing.post("/households/<household_id>/erasure", right=Action.ERASURE_ASK)
def ask(household_id: str) -> Response:
    """A household asks to be erased."""
    with writing_view(page_request()) as view:
        ask_erasure(view, household_id, now=now())
    flash(_("已提交,由社区负责人办理。"), "good")
    return redirect(f"/households/{household_id}", 303)


@erasing.post("/households/<household_id>/erasure/<request_id>/take-back", right=Action.ERASURE_ASK)
def back(household_id: str, request_id: str) -> Response:
    """It takes that back."""
    with writing_view(page_request()) as view:
        take_back(view, request_id, now=now())
    flash(_("申请已撤回,资料没有改动。"), "good")
    return redirect(f"/households/{household_id}", 303)


@erasing.get(
    "/erasures",
    right=Action.ERASURE_DECIDE,
    entries=(Entry(Group.VISITS, 3, "erasures", N_("删除申请")),),
)
def listing() -> str:
    """What waits for the head, and what became of the others."""
    page = page_number()
    with audited_view(page_request()) as view:
        rows, total = list_erasures(view, page=page, now=now())
    pager = Pager(page=page, total=total, size=PAGE)
    return show("people/erasures.html", view, rows=rows, pager=pager)


@erasing.post("/erasures/<request_id>", right=Action.ERASURE_DECIDE)
def decide(request_id: str) -> Response:
    """Erase after the box was ticked, or decline with a reason."""
    asked, form = page_request(), request.form
    path = list_beside(services().settings.keys)
    if form.get("decision") == "decline":
        with writing_view(asked) as view:
            decline(view, request_id, form.get("reason", ""), now=now())
        flash(_("已回复申请人,资料没有改动。"), "good")
    elif form.get("decision") == "erase" and form.get("sure") == "1":
        with writing_view(asked) as view:
            count = carry_out(view, request_id, erasures=path, now=now())
        flash(_("已删除 {n} 人的资料。").format(n=count), "good")
    else:
        raise BadRequest
    return redirect("/erasures", 303)


def _case_place(case_id: str) -> ViewRequest:
    require(current_actor(), Action.CASES_REDACT)
    return ViewRequest(community=community_of(read_session(), current_actor(), case_id, now=now()))


@erasing.get("/cases/<case_id>/redact", right=Action.CASES_REDACT)
def confirm(case_id: str) -> str:
    """Which texts of a case are to go; nothing has happened yet."""
    view = view_of(_case_place(case_id))
    return show("people/redact.html", view, case=redactable(view, case_id))


@erasing.post("/cases/<case_id>/redact", right=Action.CASES_REDACT)
def take_out(case_id: str) -> Response:
    """Take them out for good."""
    asked, path = _case_place(case_id), list_beside(services().settings.keys)
    with writing_view(asked) as view:
        redact(view, case_id, request.form.getlist("texts"), erasures=path, now=now())
    flash(_("所选内容已隐去,不能恢复。"), "good")
    return redirect(f"/cases/{case_id}", 303)
