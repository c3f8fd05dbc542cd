"""Cases: the list, one case, and reporting for members and for the public."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.areas.look import Look
from layers.base import DataLayer, MapShell
from layers.cases import PinPlace
from layers.territories import Outlines
from web.context import current_actor
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
    """One case; its card is fetched by the page, which asks permission for it."""
    look = open_page(Action.CASES_VIEW)
    outlines = [Outlines(url="/api/v1/areas")]
    return show("cases/show.html", look, shell=shell_for(look, outlines), page_data={"case_id": case_id})


@cases.get("/report")
def report() -> str:
    """The public form, and following a report by its receipt code."""
    look = open_page(Action.OWN_GRID_VIEW)
    receipt = request.args.get("receipt", "")[:64]
    return show("report.html", look, shell=_pin_map(look), receipt=receipt, followed=None)


def _pin_map(look: Look | None) -> MapShell:
    layers: list[DataLayer] = [PinPlace(locate_url="/api/v1/locate")]
    if may(current_actor(), Action.AREAS_VIEW):
        layers.append(Outlines(url="/api/v1/areas"))
    return shell_for(look, layers)
