"""Setting the position of one household or case by hand, and taking it back."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.models import PlacedKind
from gisgrid.positions.pins import Pin
from gisgrid.positions.service import PinCard, PinView, pin_row, set_pin, try_pin, undo_pin
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now, view_of
from web.request_models import Identified, PlaceQuery

positions_api = Api("positions", __name__, part=ApiPart.PEOPLE)


class SentPin(BaseModel):
    """Where it is: a point in EPSG:4326, a building's id (its middle is taken), or both."""

    model_config = ConfigDict(extra="forbid")

    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    building: str | None = Field(default=None, max_length=36)


class PinQuery(PlaceQuery):
    """A place that is tried: a point in EPSG:4326, a building's id, or both."""

    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    building: str | None = Field(default=None, max_length=36)


@positions_api.get("/households/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinCard})
def household_position(path: Identified, query: PlaceQuery) -> Response:
    """Where a household is, and who set that by hand."""
    return _card(PlacedKind.HOUSEHOLD, path, query)


@positions_api.get("/households/<id>/position/tried", right=Action.POSITIONS_SET, responses={"200": PinView})
def try_household(path: Identified, query: PinQuery) -> Response:
    """Where a household would be by a pin; nothing is kept."""
    return _try(PlacedKind.HOUSEHOLD, path, query)


@positions_api.post("/households/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def place_household(path: Identified, query: PlaceQuery, body: SentPin) -> Response:
    """Set where a household is; building, cell and grid follow."""
    return _place(PlacedKind.HOUSEHOLD, path, query, body)


@positions_api.delete("/households/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def household_back(path: Identified, query: PlaceQuery) -> Response:
    """Take the last position of a household that was set by hand back."""
    return _back(PlacedKind.HOUSEHOLD, path, query)


@positions_api.get("/cases/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinCard})
def case_position(path: Identified, query: PlaceQuery) -> Response:
    """Where a case is, and who set that by hand."""
    return _card(PlacedKind.CASE, path, query)


@positions_api.get("/cases/<id>/position/tried", right=Action.POSITIONS_SET, responses={"200": PinView})
def try_case(path: Identified, query: PinQuery) -> Response:
    """Where a case would be by a pin; nothing is kept."""
    return _try(PlacedKind.CASE, path, query)


@positions_api.post("/cases/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def place_case(path: Identified, query: PlaceQuery, body: SentPin) -> Response:
    """Set where a case is; building, cell and grid follow. The grid it was reported in stays known."""
    return _place(PlacedKind.CASE, path, query, body)


@positions_api.delete("/cases/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def case_back(path: Identified, query: PlaceQuery) -> Response:
    """Take the last position of a case that was set by hand back."""
    return _back(PlacedKind.CASE, path, query)


def _card(kind: PlacedKind, path: Identified, query: PlaceQuery) -> Response:
    with audited_view(query.view_request) as view:
        row = pin_row(view, kind, path.id, now=now())
    return json_answer(row)


def _try(kind: PlacedKind, path: Identified, query: PinQuery) -> Response:
    pin = Pin(lon=query.lon, lat=query.lat, building=query.building)
    return json_answer(try_pin(view_of(query.view_request), kind, path.id, pin))


def _place(kind: PlacedKind, path: Identified, query: PlaceQuery, body: SentPin) -> Response:
    pin = Pin(lon=body.lon, lat=body.lat, building=body.building)
    with writing_view(query.view_request) as view:
        row = set_pin(view, kind, path.id, pin, now=now())
    return json_answer(row)


def _back(kind: PlacedKind, path: Identified, query: PlaceQuery) -> Response:
    with writing_view(query.view_request) as view:
        row = undo_pin(view, kind, path.id, now=now())
    return json_answer(row)
