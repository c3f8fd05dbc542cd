"""What hangs on a door and where it leads: signs with a QR code, and "my grid, my member" for everybody."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import segno
from flask import request
from markupsafe import Markup

from gisgrid.access.actions import Action
from gisgrid.areas.models import Level
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.figures.answers import ServingRow
from gisgrid.figures.cards import members_of
from gisgrid.figures.doorsteps import doors_of
from gisgrid.labels.table import N_
from layers.cases import PinPlace
from web.blueprints import Pages
from web.context import current_actor
from web.frame import open_page, shell_for, show
from web.navigation import Entry, Group

doors = Pages("doors", __name__)
_LONGEST_CODE: Final = 60


@doors.get(
    "/my-grid",
    right=Action.OWN_GRID_VIEW,
    entries=(Entry(Group.MAPS, 5, "my-grid", N_("我的网格"), unless=Action.FIGURES_VIEW),),
)
def my_grid() -> str:
    """Which grid a place belongs to and who serves it; nothing of residents."""
    view = open_page()
    return show("cases/my_grid.html", view, shell=shell_for(view, [PinPlace()]))


@doors.get("/doors", right=Action.CASES_HANDLE)
def signs() -> str:
    """Signs for the buildings of a grid, to be printed: whoever scans one reports at that building."""
    view = open_page()
    grids = view.division.tree.at_level(Level.GRID) if view else []
    grid = _chosen(grids)
    rows = doors_of(view, grid.code) if view and grid else []
    buildings = [{**row, "qr": qr_svg(report_url(row["code"] or row["id"]))} for row in rows]
    return show(
        "cases/doors.html",
        view,
        grids=sorted(grids, key=lambda grid: grid.code),
        grid=grid,
        rows=buildings,
        members=_members(view, grid),
    )


def report_url(code: str) -> str:
    """The address of a report that begins at a building, as browsers reach this site."""
    return f"{request.host_url}report?{urlencode({'b': code})}"


def qr_svg(text: str) -> Markup:
    """A QR code as an SVG element that takes the size of its box. Nothing of it is what a person typed."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(drawn.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704 - drawn here


def _chosen(grids: list[TreeArea]) -> TreeArea | None:
    """The grid of the address; else the first of one's own, or of all."""
    code = request.args.get("grid", "")[:_LONGEST_CODE]
    own = [grid for grid in grids if grid.id in current_actor().areas]
    named = [grid for grid in grids if grid.code == code]
    order = named or sorted(own, key=lambda grid: grid.code) or sorted(grids, key=lambda grid: grid.code)
    return order[0] if order else None


def _members(view: View | None, grid: TreeArea | None) -> list[ServingRow]:
    return members_of(view, grid) if view and grid else []
