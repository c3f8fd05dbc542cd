"""Fields of households and people as an editor reads and writes them, and undoing a change for a day."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.people.edits.history import ChangeRow, household_changes
from gisgrid.people.edits.households import Birth, HouseholdAnswer, NewHousehold, add_birth, add_household
from gisgrid.people.edits.queries import (
    DoorRow,
    HouseholdFields,
    PersonFields,
    doors_of,
    household_fields,
    person_fields,
)
from gisgrid.people.edits.service import EditAnswer, edit_household, edit_person
from gisgrid.people.edits.undo import undo_change
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.people.edit_requests import SentBirth, SentEditReason, SentEdits, SentHousehold
from web.request_models import Identified, PlaceQuery, SentReason

edits_api = Api("edits", __name__, part=ApiPart.PEOPLE)
_EDIT = Action.PERSONS_EDIT


@edits_api.get("/buildings/<id>/households", right=_EDIT, responses={"200": Rows[DoorRow]})
def doors(path: Identified, query: PlaceQuery) -> Response:
    """The doors of a building with how each stands: kind, consent, people, clashes that wait."""
    with audited_view(query.view_request) as view:
        rows = doors_of(view, path.id, now=now())
    return json_answer({"rows": rows})


@edits_api.post("/buildings/<id>/households", right=_EDIT, responses={"200": HouseholdAnswer})
def add_door(path: Identified, query: PlaceQuery, body: SentHousehold) -> Response:
    """Add a door to a building; the same again is the same answer, anything else under its id a 409."""
    new = NewHousehold(id=body.id, room=body.room, unit=body.unit, kind=body.kind)
    with writing_view(query.view_request) as view:
        answer = add_household(view, path.id, new, reason=body.reason, now=now())
    return json_answer(answer)


@edits_api.get("/households/<id>/fields", right=_EDIT, responses={"200": HouseholdFields})
def of_household(path: Identified, query: PlaceQuery) -> Response:
    """The fields of a household, its people and what can be undone; to heads without values."""
    with audited_view(query.view_request) as view:
        fields = household_fields(view, path.id, now=now())
    return json_answer(fields)


@edits_api.post("/households/<id>/fields", right=_EDIT, reads=True, responses={"200": HouseholdFields})
def of_household_opened(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads the values and is kept."""
    with audited_view(query.view_request) as view:
        fields = household_fields(view, path.id, reason=body.reason, now=now())
    return json_answer(fields)


@edits_api.post("/households/<id>/edits", right=_EDIT, responses={"200": EditAnswer})
def edit_home(path: Identified, query: PlaceQuery, body: SentEdits) -> Response:
    """Edit fields of a household: each is confirmed, written, or a clash that waits for the staff."""
    with writing_view(query.view_request) as view:
        edits = [sent.edit for sent in body.edits]
        answer = edit_household(view, path.id, edits, reason=body.reason, now=now())
    return json_answer(answer)


@edits_api.post("/households/<id>/births", right=_EDIT, responses={"200": HouseholdAnswer})
def birth(path: Identified, query: PlaceQuery, body: SentBirth) -> Response:
    """Count a newborn child with its household; there is no entry of it."""
    with writing_view(query.view_request) as view:
        sent = Birth(id=body.id, day=body.day)
        answer = add_birth(view, path.id, sent, reason=body.reason, now=now())
    return json_answer(answer)


@edits_api.get("/households/<id>/changes", right=_EDIT, responses={"200": Rows[ChangeRow]})
def history(path: Identified, query: PlaceQuery) -> Response:
    """Whatever was changed of a household and its people, the newest first; to heads without values."""
    with audited_view(query.view_request) as view:
        rows = household_changes(view, path.id, now=now())
    return json_answer({"rows": rows})


@edits_api.post("/households/<id>/changes", right=_EDIT, reads=True, responses={"200": Rows[ChangeRow]})
def history_opened(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads the values and is kept."""
    with audited_view(query.view_request) as view:
        rows = household_changes(view, path.id, reason=body.reason, now=now())
    return json_answer({"rows": rows})


@edits_api.get("/persons/<id>/fields", right=_EDIT, responses={"200": PersonFields})
def of_person(path: Identified, query: PlaceQuery) -> Response:
    """The fields of a person and what can be undone; to heads without values."""
    with audited_view(query.view_request) as view:
        fields = person_fields(view, path.id, now=now())
    return json_answer(fields)


@edits_api.post("/persons/<id>/fields", right=_EDIT, reads=True, responses={"200": PersonFields})
def of_person_opened(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads the values and is kept."""
    with audited_view(query.view_request) as view:
        fields = person_fields(view, path.id, reason=body.reason, now=now())
    return json_answer(fields)


@edits_api.post("/persons/<id>/edits", right=_EDIT, responses={"200": EditAnswer})
def edit_somebody(path: Identified, query: PlaceQuery, body: SentEdits) -> Response:
    """Edit fields of a person: each is confirmed, written, or a clash that waits for the staff."""
    with writing_view(query.view_request) as view:
        edits = [sent.edit for sent in body.edits]
        answer = edit_person(view, path.id, edits, reason=body.reason, now=now())
    return json_answer(answer)


@edits_api.post("/edits/<id>/undo", right=_EDIT, responses={"200": EditAnswer})
def undo(path: Identified, query: PlaceQuery, body: SentEditReason) -> Response:
    """Write a field's former value again, within a day and where nobody has changed it since."""
    with writing_view(query.view_request) as view:
        answer = undo_change(view, path.id, reason=body.reason, now=now())
    return json_answer(answer)
