"""Finding by address or name, and the card of a household."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.figures.answers import HouseholdCard
from gisgrid.figures.cards import household_card
from gisgrid.figures.search import find, find_people
from gisgrid.places.search import Hit
from web.answer_models import SearchAnswer
from web.answers import audited_view, json_answer
from web.blueprints import Api
from web.context import now
from web.request_models import Identified, NameSearch, PlaceQuery, SentReason, TextQuery

households_api = Api("households", __name__, part=ApiPart.PEOPLE)


@households_api.get("/households", right=Action.HOUSEHOLDS_FIND, responses={"200": SearchAnswer[Hit]})
def by_text(query: TextQuery) -> Response:
    """By address, building, room, code, pinyin or initials of the address, or a case number."""
    with audited_view(query.view_request) as view:
        hits = find(view, query.q, now=now(), limit=query.limit)
    return json_answer({"results": hits})


@households_api.post(
    "/households/search", right=Action.PERSONS_SEARCH, reads=True, responses={"200": SearchAnswer[Hit]}
)
def by_name(query: PlaceQuery, body: NameSearch) -> Response:
    """By a person's name, in the account's own grids only."""
    with audited_view(query.view_request) as view:
        hits = find_people(view, body.name, now=now(), limit=body.limit)
    return json_answer({"results": hits})


@households_api.get("/households/<id>", right=Action.HOUSEHOLDS_FIND, responses={"200": HouseholdCard})
def card(path: Identified, query: PlaceQuery) -> Response:
    """The card of a household; what it shows of persons depends on role and scope."""
    with audited_view(query.view_request) as view:
        household = household_card(view, path.id, reason=None, now=now())
    return json_answer(household)


@households_api.post(
    "/households/<id>", right=Action.HOUSEHOLDS_FIND, reads=True, responses={"200": HouseholdCard}
)
def opened(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which opens what is masked and is kept."""
    with audited_view(query.view_request) as view:
        household = household_card(view, path.id, reason=body.reason, now=now())
    return json_answer(household)
