"""People added, gone and back by hand, and their needs."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.people.edits.household_moves import move_household_out
from gisgrid.people.edits.households import HouseholdAnswer
from gisgrid.people.edits.needs import end_need, set_need
from gisgrid.people.edits.persons import NewPerson, PersonAnswer, add_person, come_back, leave
from gisgrid.people.edits.service import EditAnswer
from web.answers import json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.people.edit_requests import NeedPath, SentEditReason, SentLeaving, SentMove, SentNeed, SentPerson
from web.request_models import Identified, PlaceQuery

persons_api = Api("persons", __name__, part=ApiPart.PEOPLE)
_EDIT = Action.PERSONS_EDIT


@persons_api.post("/households/<id>/persons", right=_EDIT, responses={"200": PersonAnswer})
def add(path: Identified, query: PlaceQuery, body: SentPerson) -> Response:
    """Add a person of 14 or older; the same again is the same answer, anything else under its id a 409."""
    new = NewPerson(**body.model_dump(exclude={"reason"}))
    with writing_view(query.view_request) as view:
        answer = add_person(view, path.id, new, reason=body.reason, now=now())
    return json_answer(answer)


@persons_api.post("/persons/<id>/leave", right=_EDIT, responses={"200": PersonAnswer})
def leaving(path: Identified, query: PlaceQuery, body: SentLeaving) -> Response:
    """Note that a person has moved out or died; the same again changes nothing."""
    with writing_view(query.view_request) as view:
        answer = leave(view, path.id, body.day, body.why, reason=body.reason, now=now())
    return json_answer(answer)


@persons_api.post("/households/<id>/leave", right=_EDIT, responses={"200": HouseholdAnswer})
def moving_out(path: Identified, query: PlaceQuery, body: SentMove) -> Response:
    """Note that everybody of a household has moved out; each one's leaving can be undone for a day."""
    with writing_view(query.view_request) as view:
        answer = move_household_out(view, path.id, body.day, reason=body.reason, now=now())
    return json_answer(answer)


@persons_api.post("/persons/<id>/come-back", right=_EDIT, responses={"200": PersonAnswer})
def coming_back(path: Identified, query: PlaceQuery, body: SentEditReason) -> Response:
    """Note that a person who had moved out lives here again."""
    with writing_view(query.view_request) as view:
        answer = come_back(view, path.id, reason=body.reason, now=now())
    return json_answer(answer)


@persons_api.post("/persons/<id>/needs", right=_EDIT, responses={"200": EditAnswer})
def need(path: Identified, query: PlaceQuery, body: SentNeed) -> Response:
    """Let a need of a person hold from a day on."""
    value = body.model_dump(include={"grade", "since", "legal_basis"})
    with writing_view(query.view_request) as view:
        answer = set_need(view, path.id, body.kind, value, reason=body.reason, now=now())
    return json_answer(answer)


@persons_api.post("/persons/<id>/needs/<kind>/end", right=_EDIT, responses={"200": EditAnswer})
def need_over(path: NeedPath, query: PlaceQuery, body: SentEditReason) -> Response:
    """Let a need of a person hold no longer from today on."""
    with writing_view(query.view_request) as view:
        answer = end_need(view, path.id, path.kind, reason=body.reason, now=now())
    return json_answer(answer)
