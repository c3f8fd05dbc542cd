"""What the page of a report asks before it sends: buildings around, addresses, whether it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import NOBODY, require
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.locate import find_spot
from gisgrid.areas.view import View, ViewRequest, open_view
from gisgrid.cases.intake.duplicates import Joined, Saying, find_duplicates, me_too
from gisgrid.crs import Datum, position_fault, shift_datum
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.figures.doorsteps import Doorstep, buildings_near, doorsteps_by_text, is_doubtful
from gisgrid.figures.whereabouts import PlaceRequest, whereabouts
from gisgrid.labels.cases import CASE_STATES
from web.answer_models import Rows
from web.answers import json_answer
from web.areas.locate import datum_of
from web.blueprints import Api
from web.cases.photos_api import pictures_of
from web.context import current_actor, now, read_session, services, visitors_view, write_session
from web.i18n import label
from web.idempotency import check_author, repeatable
from web.request_models import SpotQuery, Written
from web.security.machines import refuse_machines

reporting_api = Api("reporting", __name__, part=ApiPart.CASES, url_prefix="/api/v1/report")


class NearQuery(SpotQuery):
    """One place, and how exactly it is known."""

    accuracy_m: float | None = Field(default=None, ge=0, le=100_000)


class DuplicatesQuery(SpotQuery):
    """One place, and what is to be reported there."""

    category: str = Field(default="", max_length=60)


class TypedAddressQuery(BaseModel):
    """What somebody types of an address."""

    q: str = Field(max_length=100)


class SentMeToo(SpotQuery, Written):
    """A case close by that somebody else says the same of, and what they add to it."""

    token: str = Field(max_length=80, description="as it was told of the case at this place")
    description: str = Field(default="", max_length=4000, description="read by who handles the case")
    photos: list[str] = Field(default_factory=list, description="as those of a report")
    website: str = Field(default="", max_length=200, description="left empty: nobody sees this field")
    opened: str = Field(default="", max_length=200, description="when a page was opened, as that page says")


class NearRows(TypedDict):
    """The nearest buildings, and whether a person has to say which one is meant."""

    rows: list[Doorstep]
    is_doubtful: Annotated[bool, Field(description="nearer to a grid's border than the place is known")]


class DuplicateRow(TypedDict):
    """An open case close by; nothing of what was written about it."""

    token: str
    category: str
    category_name: str
    day: str
    state: str
    state_name: str
    said_by: Annotated[int, Field(description="how many have said so")]


@reporting_api.get("/buildings", right=Action.OWN_GRID_VIEW, responses={"200": NearRows})
def buildings(query: NearQuery) -> Response:
    """The nearest buildings around a place: near a border a person says which one is meant."""
    place, datum = (query.lon, query.lat), datum_of(query.crs, field="crs")
    rows = buildings_near(asking(), *place, accuracy_m=query.accuracy_m, datum=datum)
    spot = whereabouts(asking(), [place], datum=datum)[0]
    doubtful = spot is not None and is_doubtful(spot["near_border_m"], query.accuracy_m)
    return json_answer({"is_doubtful": doubtful, "rows": rows})


@reporting_api.get("/addresses", right=Action.OWN_GRID_VIEW, responses={"200": Rows[Doorstep]})
def addresses(query: TypedAddressQuery) -> Response:
    """Buildings by what is typed of their address."""
    return json_answer({"rows": doorsteps_by_text(asking(), query.q)})


@reporting_api.get("/alike", right=Action.CASES_REPORT, responses={"200": Rows[DuplicateRow]})
def known(query: DuplicatesQuery) -> Response:
    """Open cases close by that may be the same: category, day and state, nothing else."""
    place = _place(query)
    code = _community_at(place)
    if code is None:
        return json_answer({"rows": []})
    rows = find_duplicates(_view_of_place(read_session(), code), place, category=query.category, now=now())
    return json_answer(
        {"rows": [{**asdict(row), "state_name": label(CASE_STATES, row.state)} for row in rows]}
    )


@reporting_api.post("/me-too", right=Action.CASES_REPORT, responses={"200": Joined})
def same(body: SentMeToo) -> Response:
    """Say the same of a case close by; the same `Idempotency-Key` counts once and gives the same code."""
    actor = current_actor()
    require(actor, Action.CASES_REPORT)
    refuse_machines(website=body.website, opened=body.opened)
    check_author(body.written_by)
    saying = Saying(text=body.description, photos=pictures_of(body.photos))
    place = _place(body)
    code = _community_at(place)
    if code is None:
        raise NotFound("no such case")
    with write_session() as session:
        view = _view_of_place(session, code)
        repeat = repeatable()
        joined = me_too(view, actor, body.token, place, repeat=repeat, now=now(), saying=saying)
    return json_answer(joined)


def asking() -> PlaceRequest:
    """Who asks, through the request's reading session."""
    site = services()
    return PlaceRequest(
        session=read_session(),
        actor=current_actor(),
        caches=site.cache,
        now=now(),
        tz=site.settings.tz,
    )


def _place(spot: SpotQuery) -> tuple[float, float]:
    wrong = position_fault(spot.lon, spot.lat)
    if wrong:
        raise InvalidInput(wrong, field="lon")
    lon, lat = shift_datum(spot.lon, spot.lat, datum_of(spot.crs, field="crs"), Datum.WGS84)
    return float(lon), float(lat)


def _community_at(place: tuple[float, float]) -> str | None:
    """The code of the community a place lies in, as everybody may know it."""
    session = read_session()
    community_id, _spot = find_spot(session, services().cache.divisions, place, at=now(), building_cell=None)
    communities: Sequence[Any] = visible_communities(session, NOBODY, now=now())
    return next((community.code for community in communities if community.id == community_id), None)


def _view_of_place(session: Any, code: str) -> View:
    """The account's own look where it works in the community of the place, else a visitor's."""
    site = services()
    asked = ViewRequest(community=code)
    try:
        return open_view(session, current_actor(), asked, caches=site.cache, now=now(), tz=site.settings.tz)
    except NotFound:
        return visitors_view(session, code)
