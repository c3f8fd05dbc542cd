"""Setting the position of one household or case by hand, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.models import PlacedKind
from gisgrid.positions.pins import Pin
from gisgrid.positions.service import pin_told, set_pin, try_pin, undo_pin
from web.answers import audited_look, json_answer, writing_look
from web.blueprints import Api
from web.context import look_at, now
from web.request_models import AskedPlace, Identified

positions_api = Api("positions", __name__, part=ApiPart.PEOPLE)


class PinnedBuilding(BaseModel):
    """A building something lies in."""

    id: str
    address: str
    name: str | None


class SuggestedBuilding(BaseModel):
    """The building an address means, with its middle in EPSG:4326."""

    id: str
    address: str
    lon: float
    lat: float


class PinChangeRow(BaseModel):
    """A position that was set by hand."""

    at: str
    by: str | None
    undone: bool


class PinView(BaseModel):
    """Where something is: its point in EPSG:4326, its building, and the areas above it, top down."""

    id: str
    title: str
    lon: float | None
    lat: float | None
    building: PinnedBuilding | None
    grid: str | None
    grid_name: str | None
    path: list[str]
    on_border: bool
    near_border_m: float | None


class PinCard(PinView):
    """The same with the building the address means, where it isn't that one, and who set it before."""

    suggested: SuggestedBuilding | None
    can_undo: bool
    changes: list[PinChangeRow]


class SentPin(BaseModel):
    """Where it is: a point in EPSG:4326, a building's id (its middle is taken), or both."""

    model_config = ConfigDict(extra="forbid")

    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    building: str | None = Field(default=None, max_length=36)


class AskedPin(AskedPlace):
    """A place that is tried: a point in EPSG:4326, a building's id, or both."""

    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    building: str | None = Field(default=None, max_length=36)


@positions_api.get("/households/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinCard})
def household_position(path: Identified, query: AskedPlace) -> Response:
    """Where a household is, and who set that by hand."""
    return _card(PlacedKind.HOUSEHOLD, path, query)


@positions_api.get("/households/<id>/position/tried", right=Action.POSITIONS_SET, responses={"200": PinView})
def try_household(path: Identified, query: AskedPin) -> Response:
    """Where a household would be by a pin; nothing is kept."""
    return _try(PlacedKind.HOUSEHOLD, path, query)


@positions_api.post("/households/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def place_household(path: Identified, query: AskedPlace, body: SentPin) -> Response:
    """Set where a household is; building, cell and grid follow."""
    return _place(PlacedKind.HOUSEHOLD, path, query, body)


@positions_api.delete("/households/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def household_back(path: Identified, query: AskedPlace) -> Response:
    """Take the last position of a household that was set by hand back."""
    return _back(PlacedKind.HOUSEHOLD, path, query)


@positions_api.get("/cases/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinCard})
def case_position(path: Identified, query: AskedPlace) -> Response:
    """Where a case is, and who set that by hand."""
    return _card(PlacedKind.CASE, path, query)


@positions_api.get("/cases/<id>/position/tried", right=Action.POSITIONS_SET, responses={"200": PinView})
def try_case(path: Identified, query: AskedPin) -> Response:
    """Where a case would be by a pin; nothing is kept."""
    return _try(PlacedKind.CASE, path, query)


@positions_api.post("/cases/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def place_case(path: Identified, query: AskedPlace, body: SentPin) -> Response:
    """Set where a case is; building, cell and grid follow. The grid it was reported in stays known."""
    return _place(PlacedKind.CASE, path, query, body)


@positions_api.delete("/cases/<id>/position", right=Action.POSITIONS_SET, responses={"200": PinView})
def case_back(path: Identified, query: AskedPlace) -> Response:
    """Take the last position of a case that was set by hand back."""
    return _back(PlacedKind.CASE, path, query)


def _card(kind: PlacedKind, path: Identified, query: AskedPlace) -> Response:
    with audited_look(query.asked) as look:
        told: dict[str, Any] = pin_told(look, kind, path.id, now=now())
    return json_answer(told)


def _try(kind: PlacedKind, path: Identified, query: AskedPin) -> Response:
    pin = Pin(lon=query.lon, lat=query.lat, building=query.building)
    return json_answer(try_pin(look_at(query.asked), kind, path.id, pin))


def _place(kind: PlacedKind, path: Identified, query: AskedPlace, body: SentPin) -> Response:
    pin = Pin(lon=body.lon, lat=body.lat, building=body.building)
    with writing_look(query.asked) as look:
        told = set_pin(look, kind, path.id, pin, now=now())
    return json_answer(told)


def _back(kind: PlacedKind, path: Identified, query: AskedPlace) -> Response:
    with writing_look(query.asked) as look:
        told = undo_pin(look, kind, path.id, now=now())
    return json_answer(told)
