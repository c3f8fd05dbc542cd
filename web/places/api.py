"""Finding by address or name, and the card of a household."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.figures.cards import household_card
from gisgrid.figures.search import find, find_people
from web.answer_models_of_looks import HitRows, HouseholdView
from web.answers import audited_look, json_answer
from web.blueprints import Api
from web.context import now
from web.request_models import AskedName, AskedPlace, AskedText, Identified, SentReason

households_api = Api("households", __name__, part=ApiPart.PEOPLE)


@households_api.get("/households", right=Action.HOUSEHOLDS_FIND, responses={"200": HitRows})
def by_text(query: AskedText) -> Response:
    """By address, building, room, code, pinyin or initials of the address, or a case number."""
    with audited_look(query.asked) as look:
        hits = find(look, query.q, now=now(), limit=query.limit)
    return json_answer({"results": [asdict(hit) for hit in hits]})


@households_api.post(
    "/households/search", right=Action.PERSONS_SEARCH, reads=True, responses={"200": HitRows}
)
def by_name(query: AskedPlace, body: AskedName) -> Response:
    """By a person's name, in the account's own grids only."""
    with audited_look(query.asked) as look:
        hits = find_people(look, body.name, now=now(), limit=body.limit)
    return json_answer({"results": [asdict(hit) for hit in hits]})


@households_api.get("/households/<id>", right=Action.HOUSEHOLDS_FIND, responses={"200": HouseholdView})
def card(path: Identified, query: AskedPlace) -> Response:
    """The card of a household; what it shows of persons depends on role and scope."""
    with audited_look(query.asked) as look:
        found = household_card(look, path.id, reason=None, now=now())
    return json_answer(found)


@households_api.post(
    "/households/<id>", right=Action.HOUSEHOLDS_FIND, reads=True, responses={"200": HouseholdView}
)
def opened(path: Identified, query: AskedPlace, body: SentReason) -> Response:
    """The same with a reason, which opens what is masked and is kept."""
    with audited_look(query.asked) as look:
        found = household_card(look, path.id, reason=body.reason, now=now())
    return json_answer(found)
