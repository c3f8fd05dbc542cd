"""The sheet of a hand-over, for the screen and for A4; and reading what one has been told."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.models import Role
from gisgrid.areas.look import Asked
from gisgrid.redraw.handover import handover
from gisgrid.redraw.noticing import mark_read
from web.api.answers import audited_look
from web.context import current_actor, now, services, write_session
from web.pages.frame import open_page, show
from web.sessions import require_login

handing = Blueprint("handing", __name__)


@handing.get("/redraw/plans/<plan_id>/handover")
def sheet(plan_id: str) -> str:
    """What each member gives and takes by a plan; members see their own sheet."""
    require_login()
    opened = open_page(Action.HANDOVER_VIEW)
    with audited_look(Asked(community=opened.community.code if opened else None)) as look:
        sheets = handover(look, plan_id, caches=services().cache, now=now())
    own = current_actor().role == Role.MEMBER
    return show("handover.html", look, sheets=sheets, is_own=own)


@handing.post("/notices/<notice_id>/read")
def read(notice_id: str) -> Response:
    """Note that a notice has been read, and open the plan it is about."""
    require_login()
    with write_session() as session:
        mark_read(session, current_actor(), notice_id, now=now())
    plan = request.form.get("plan", "")
    return redirect(f"/redraw?plan={plan}" if plan.replace("-", "").isalnum() else "/")
