"""Cases: the list, one case, and reporting for members and for the public."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.areas.look import Asked, Look
from gisgrid.cases.disputes.scope import is_dispute_in_sight
from gisgrid.cases.following import community_of, follow, is_visible
from gisgrid.cases.rules import CaseState
from gisgrid.errors import InvalidInput, NotFound
from layers.base import DataLayer, MapShell
from layers.cases import PinPlace
from layers.territories import Outlines
from web.case_words import state_name
from web.context import current_actor, look_at, now, read_session, services
from web.pages.frame import open_page, shell_for, show

cases = Blueprint("cases", __name__)


@cases.get("/cases")
def listing() -> str:
    """The list; its rows are fetched by the page."""
    return show("cases/list.html", open_page(Action.CASES_VIEW))


@cases.get("/cases/new")
def new() -> str | Response:
    """The form of a report for those who work here; others have the public one."""
    if not may(current_actor(), Action.CASES_VIEW):
        return redirect("/report")
    look = open_page(Action.CASES_REPORT)
    return show("cases/new.html", look, shell=_pin_map(look))


@cases.get("/cases/<case_id>")
def one(case_id: str) -> str:
    """One case; its card is fetched by the page, which leaves the audit entry."""
    require(current_actor(), Action.CASES_VIEW)
    code = community_of(read_session(), current_actor(), case_id, now=now())
    look = look_at(Asked(community=code))
    if not is_visible(look, case_id):
        raise NotFound("no such case")
    outlines = [Outlines(url="/api/v1/areas")]
    return show(
        "cases/show.html",
        look,
        shell=shell_for(look, outlines),
        page_data={"case_id": case_id},
        is_dispute=is_dispute_in_sight(look, case_id),
    )


@cases.get("/report")
def report() -> str:
    """The public form, and following a report by its receipt code."""
    look = open_page(Action.OWN_GRID_VIEW)
    receipt = request.args.get("receipt", "")[:64]
    return show("report.html", look, shell=_pin_map(look), receipt=receipt, followed=_followed(receipt))


def _followed(receipt: str) -> dict[str, Any] | None:
    """What a receipt code opens; a text that can't be one opens as little as a wrong one."""
    tz = services().settings.tz
    try:
        found = follow(read_session(), current_actor(), receipt, tz=tz) if receipt else None
    except InvalidInput:
        return None
    return found and {
        **found,
        "state_name": state_name(CaseState(found["state"])),
        "deadline": datetime.fromisoformat(found["deadline"]).strftime("%Y-%m-%d %H:%M"),
    }


def _pin_map(look: Look | None) -> MapShell:
    layers: list[DataLayer] = [PinPlace(locate_url="/api/v1/locate")]
    if may(current_actor(), Action.AREAS_VIEW):
        layers.append(Outlines(url="/api/v1/areas"))
    return shell_for(look, layers)
