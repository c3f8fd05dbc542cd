"""The page on which staff redraw grid boundaries; leaders look on."""

from __future__ import annotations

from flask import Blueprint

from gisgrid.access.actions import Action
from layers.drawing import RedrawCells
from web.frame import open_page, shell_for, show

redraw = Blueprint("redraw", __name__, template_folder="templates")


@redraw.get("/redraw")
def draw() -> str:
    """Plans, the tools to change them, and what each change does."""
    look = open_page(Action.REDRAW_VIEW)
    layer = RedrawCells(
        cells_url="/api/v1/cells",
        areas_url="/api/v1/areas",
        buildings_url="/api/v1/buildings",
        plans_url="/api/v1/plans",
    )
    return show("redraw/redraw.html", look, shell=shell_for(look, [layer]))
