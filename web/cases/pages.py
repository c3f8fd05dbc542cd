"""Cases: the list, one case, and reporting for members and for the public."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.core.workflow import CaseAction, states_before
from gisgrid.cases.disputes.scope import is_dispute_in_sight
from gisgrid.cases.intake.receipts import community_of, is_visible
from gisgrid.cases.referrals.service import Entrusting, entrusting_of, pending_errands
from gisgrid.errors import NotFound
from gisgrid.figures.doorsteps import Doorstep, doorstep_of
from gisgrid.figures.hotspots import categories
from gisgrid.labels.cases import CASE_ORDERS, HOTLINE_CLASSES
from gisgrid.labels.figures import UNITS
from gisgrid.labels.table import N_
from layers.base import DataLayer
from layers.cases import CaseMap, PinPlace
from layers.shell import MapShell
from layers.style import Legend
from layers.territories import AreaOutlines
from web.blueprints import Pages
from web.cases.category_icons import AT_ONCE, tiles
from web.cases.report_api import asking
from web.context import current_actor, now, read_session, view_of
from web.frame import IN_THE_STREET, grid_choices, open_page, own_grids, shell_for, show, street_bounds
from web.i18n import choices, current_language, label
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.security.gate import Open
from web.security.machines import opening_mark
from web.words.left_out import coarse_note, unlisted_note

cases = Pages("cases", __name__)

_AREAS = "/api/v1/areas"


@cases.get(
    "/cases",
    right=Action.CASES_VIEW,
    entries=(Entry(Group.CASES, 1, "cases", N_("案件列表")),),
)
def listing() -> str:
    """The list; its rows are fetched by the page."""
    view = open_page()
    return show(
        "cases/list.html",
        view,
        coarse=coarse_note(view),
        unlisted=unlisted_note(view),
        categories=categories(view) if view else [],
        grids=grid_choices(view),
        orders=choices(CASE_ORDERS),
        dispatchable=[state.value for state in states_before(CaseAction.DISPATCH)],
    )


@cases.get(
    "/cases/new",
    right=Open.PUBLIC,
    entries=(Entry(Group.CASES, 3, "report", N_("上报"), needs=Action.CASES_VIEW),),
)
def new() -> str | Response:
    """The form of a report for those who work here; others have the public one."""
    if not may(current_actor(), Action.CASES_VIEW):
        return redirect("/report")
    view = open_page()
    building = {"building": _door(_code_asked())}
    return show(
        "cases/new.html",
        view,
        shell=_pin_map(view),
        hotline=choices(HOTLINE_CLASSES),
        page_data=building,
        origin=_record_named(),
    )


@cases.get("/cases/<case_id>", right=Action.CASES_VIEW)
def one(case_id: str) -> str:
    """One case; its card is fetched by the page, which leaves the audit entry."""
    code = community_of(read_session(), current_actor(), case_id, now=now())
    view = view_of(ViewRequest(community=code))
    if not is_visible(view, case_id):
        raise NotFound("no such case")
    outlines = [AreaOutlines(url=_AREAS)] if may(current_actor(), Action.AREAS_VIEW) else []
    return show(
        "cases/show.html",
        view,
        shell=shell_for(view, outlines),
        page_data={"case_id": case_id},
        coarse=coarse_note(view),
        is_dispute=is_dispute_in_sight(view, case_id),
        entrusting=_entrusting(view, case_id),
        asked=pending_errands(view, case_id, now=now()) if may(current_actor(), Action.CASES_HANDLE) else [],
    )


def _entrusting(view: View, case_id: str) -> Entrusting:
    """Whether the page leads to the errands of a case."""
    if not may(current_actor(), Action.CASES_ENTRUST):
        return Entrusting.NOTHING
    return entrusting_of(view, case_id)


@cases.get(
    "/report",
    right=Action.OWN_GRID_VIEW,
    entries=(
        Entry(
            Group.CASES,
            3,
            "report",
            N_("上报"),
            needs=Action.CASES_REPORT,
            unless=Action.CASES_VIEW,
        ),
    ),
)
def report() -> str | Response:
    """The public form. ``b`` is the code on the door of a building: the report begins there.

    Whose own building that is gets its card: they scan a door because they stand before it.
    """
    view = open_page()
    code = _code_asked()
    building = _door(code)
    if building and current_actor().role in IN_THE_STREET and building["grid"] in _own_codes():
        return redirect(_card_of(building))
    return show(
        "cases/report.html",
        view,
        shell=shell_for(view, [PinPlace()], bounds=street_bounds(view)),
        page_data={"building": building, "opened": opening_mark()},
        tiles=tiles(categories(view), current_language()) if view else [],
        at_once=AT_ONCE,
        is_unknown=bool(code) and building is None,
    )


def _record_named() -> str | None:
    """The record that a case is to arise from; anything that is no id names none."""
    try:
        return str(UUID(request.args.get("record", "")))
    except ValueError:
        return None


def _code_asked() -> str:
    return request.args.get("b", "")[:60]


def _own_codes() -> set[str]:
    if not may(current_actor(), Action.HOUSEHOLDS_FIND):
        return set()
    return {grid.code for grid in own_grids(current_actor())}


def _card_of(building: Doorstep) -> str:
    asked = {"kind": "building", "id": building["id"], "q": building["address"], "z": 18}
    return f"/find?{urlencode(asked | {'lon': building['lon'], 'lat': building['lat']})}"


def _door(code: str) -> Doorstep | None:
    """The building of a sign; an old sign whose building is gone still opens the page."""
    try:
        return doorstep_of(asking(), code) if code else None
    except NotFound:
        return None


def _pin_map(view: View | None) -> MapShell:
    layers: list[DataLayer] = [PinPlace()]
    if may(current_actor(), Action.AREAS_VIEW):
        layers.append(AreaOutlines(url="/api/v1/areas"))
    return shell_for(view, layers, bounds=street_bounds(view))


@cases.get(
    "/maps/cases",
    right=Action.CASES_VIEW,
    entries=(Entry(Group.MAPS, 3, "casemap", N_("案件地图"), needs=Action.FIGURES_VIEW),),
)
def case_map() -> str:
    """Single cases, as far as the account may open them, gathered where they lie close."""
    view = open_page()
    legend = Legend(
        title=_("案件地图"), unit=label(UNITS, "cases"), notes=(_("数字是聚在一处的件数,点开后放大。"),)
    )
    layers: list[DataLayer] = [CaseMap(legend, url="/api/v1/cases/points")]
    if may(current_actor(), Action.AREAS_VIEW):
        layers.append(AreaOutlines(url=_AREAS))
    unlisted = unlisted_note(view)
    return show(
        "cases/map.html",
        view,
        shell=shell_for(view, layers),
        grids=grid_choices(view),
        unlisted=unlisted,
        page_data={"unlisted": unlisted} if unlisted else {},
    )
