"""The search page: a map of areas beside what is found."""

from __future__ import annotations

from flask import Blueprint

from gisgrid.access.actions import Action
from layers.territories import AreaOutlines
from web.frame import open_page, shell_for, show, street_bounds

places = Blueprint("places", __name__, template_folder="templates")

_AREAS = "/api/v1/areas"


@places.get("/find")
def find() -> str:
    """Households, buildings, compounds and cases by address or number."""
    look = open_page(Action.HOUSEHOLDS_FIND)
    shell = shell_for(look, [AreaOutlines(url=_AREAS)], bounds=street_bounds(look))
    return show("places/find.html", look, shell=shell)
