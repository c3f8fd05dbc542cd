"""The page on which staff redraw grid boundaries; leaders look on."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.labels.table import N_
from layers.redraw import RedrawCells
from web.blueprints import Pages
from web.frame import open_page, shell_for, show
from web.navigation import Entry, Group

redraw = Pages("redraw", __name__)


@redraw.get(
    "/redraw",
    right=Action.REDRAW_VIEW,
    entries=(Entry(Group.GRIDS, 1, "redraw", N_("划分方案")),),
)
def draw() -> str:
    """Plans, the tools to change them, and what each change does."""
    view = open_page()
    layer = RedrawCells(
        cells_url="/api/v1/cells",
        areas_url="/api/v1/areas",
        buildings_url="/api/v1/buildings",
        plans_url="/api/v1/plans",
    )
    return show("redraw/redraw.html", view, shell=shell_for(view, [layer]))
