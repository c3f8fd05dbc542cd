"""Pages on which the position of one household or case is set by hand."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.positions.service import pin_title
from layers.cases import PinPlace
from layers.territories import AreaOutlines
from web.blueprints import Pages
from web.context import current_actor, now, read_session, view_of
from web.frame import page_request, shell_for, show

positions = Pages("positions", __name__)


@positions.get("/households/<household_id>/position", right=Action.POSITIONS_SET)
def household(household_id: str) -> str:
    """The map on which a household is placed; what is set is sent by the page."""
    view = view_of(page_request())
    return _show(view, PlacedKind.HOUSEHOLD, household_id, back="/maps/completeness")


@positions.get("/cases/<case_id>/position", right=Action.POSITIONS_SET)
def case(case_id: str) -> str:
    """The map on which a case is placed."""
    code = community_of(read_session(), current_actor(), case_id, now=now())
    return _show(view_of(ViewRequest(community=code)), PlacedKind.CASE, case_id, back=f"/cases/{case_id}")


def _show(view: View, kind: PlacedKind, object_id: str, *, back: str) -> str:
    title = pin_title(view, kind, object_id)
    layers = [PinPlace(), AreaOutlines(url="/api/v1/areas")]
    return show(
        "positions/position.html",
        view,
        shell=shell_for(view, layers),
        title=title,
        kind=kind.value,
        back=back,
        page_data={"position": f"/api/v1/{kind}s/{object_id}/position", "back": back},
    )
