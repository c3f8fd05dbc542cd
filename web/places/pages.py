"""The search page: a map of areas beside what is found."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.labels.table import N_
from layers.territories import AreaOutlines
from web.blueprints import Pages
from web.frame import open_page, shell_for, show, street_bounds
from web.navigation import Entry, Group

places = Pages("places", __name__)

_AREAS = "/api/v1/areas"


@places.get(
    "/find",
    right=Action.HOUSEHOLDS_FIND,
    entries=(Entry(Group.VISITS, 4, "find", N_("查找")),),
)
def find() -> str:
    """Households, buildings, compounds and cases by address or number."""
    view = open_page()
    shell = shell_for(view, [AreaOutlines(url=_AREAS)], bounds=street_bounds(view))
    return show("places/find.html", view, shell=shell)
