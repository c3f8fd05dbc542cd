"""The doors of a building, unit by floor: which are verified, and which are still to be knocked at."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from gisgrid.access.actions import Action
from gisgrid.access.models import Role
from gisgrid.access.tokens import ApiPart
from gisgrid.people.doors.queries import BuildingDoors, building_doors
from web.answers import audited_view, json_answer
from web.blueprints import Api, Pages
from web.context import now
from web.frame import page_request, show
from web.request_models import Identified, PlaceQuery

doors = Pages("building_doors", __name__)
doors_api = Api("building_doors", __name__, part=ApiPart.PEOPLE)

SYMBOLS: Final = {
    "verified": "check-circle",
    "to_verify": "question-circle",
    "nobody_met": "clock",
    "refused": "eye-slash",
    "empty": "square",
}
"""The icon of each state: no door is told by its colour alone."""


@doors.get("/buildings/<building_id>/doors", right=Action.DOORS_VIEW)
def board(building_id: str) -> str:
    """The board of a building, with a legend and the same as a table."""
    with audited_view(page_request()) as view:
        answer = building_doors(view, building_id, now=now())
    chosen = request.args.get("state", "")
    return show(
        "people/doors.html",
        view,
        board=answer,
        symbols=SYMBOLS,
        chosen=chosen if chosen in SYMBOLS else "",
        shows_names=view.actor.role != Role.STEWARD,
    )


@doors_api.get("/buildings/<id>/doors", right=Action.DOORS_VIEW, responses={"200": BuildingDoors})
def listing(path: Identified, query: PlaceQuery) -> Response:
    """The doors of a building by unit and floor, each with its state.

    Members and staff have those of their own grids with names, heads all with masked names, stewards those of
    their buildings without persons.
    """
    with audited_view(query.view_request) as view:
        answer = building_doors(view, path.id, now=now())
    return json_answer(answer)
