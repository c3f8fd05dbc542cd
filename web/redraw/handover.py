"""The sheet of a hand-over, for the screen and for A4."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.access.models import Role
from gisgrid.areas.view import ViewRequest
from gisgrid.redraw.handover_sheets import handover
from web.answers import audited_view
from web.blueprints import Pages
from web.context import current_actor, now, services
from web.frame import open_page, show

handing = Pages("handing", __name__)


@handing.get("/redraw/plans/<plan_id>/handover", right=Action.HANDOVER_VIEW)
def sheet(plan_id: str) -> str:
    """What each member gives and takes by a plan; members see their own sheet."""
    opened = open_page()
    with audited_view(ViewRequest(community=opened.community.code if opened else None)) as view:
        sheets = handover(view, plan_id, caches=services().cache, now=now())
    own = current_actor().role == Role.MEMBER
    return show("redraw/handover.html", view, sheets=sheets, is_own=own)
