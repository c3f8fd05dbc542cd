"""The page on which one looks back: every division there has been, two of them side by side."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.labels.table import N_
from layers.history import PastGrids
from web.blueprints import Pages
from web.frame import open_page, shell_for, show
from web.navigation import Entry, Group

history = Pages("history", __name__)


@history.get(
    "/history",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.GRIDS, 2, "history", N_("网格沿革")),),
)
def show_history() -> str:
    """Revisions on a line, their grids on the map, and how any two differ; who draws none may look."""
    view = open_page()
    layer = PastGrids(revisions_url="/api/v1/revisions", areas_url="/api/v1/areas")
    exact = bool(view and view.actor.sees_exact_counts)
    return show("areas/history.html", view, shell=shell_for(view, [layer]), page_data={"exact": exact})
