"""Clashes, possible duplicates and notes about doors: what waits for somebody to look into."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.people.edits.clashes import (
    ClashRow,
    SettledClash,
    ask_to_check_again,
    list_clashes,
    settle_clash,
)
from gisgrid.people.edits.door_notes import (
    DoorNoteRow,
    NewDoorNote,
    list_door_notes,
    note_door,
    settle_door_note,
)
from gisgrid.people.edits.duplicates import PersonPair, decide_duplicate, list_duplicates
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.people.edit_requests import PairPath, SentDecision, SentDoorNote, SentOutcome, SentSettlement
from web.request_models import Identified, PlaceQuery

clashes_api = Api("clashes", __name__, part=ApiPart.PEOPLE)


@clashes_api.get("/clashes", right=Action.PERSONS_EDIT, responses={"200": Rows[ClashRow]})
def clashes(query: PlaceQuery) -> Response:
    """Clashes that wait, of households in one's own grids, the oldest first; to heads without values."""
    with audited_view(query.view_request) as view:
        rows = list_clashes(view, now=now())
    return json_answer({"rows": rows})


@clashes_api.post("/clashes/<id>/settle", right=Action.CLASHES_SETTLE, responses={"200": SettledClash})
def settle(path: Identified, query: PlaceQuery, body: SentSettlement) -> Response:
    """Keep the register, or take the answer in its place."""
    with writing_view(query.view_request) as view:
        settled = settle_clash(view, path.id, takes_answer=body.takes_answer, reason=body.reason, now=now())
    return json_answer(settled)


@clashes_api.post("/clashes/<id>/look-again", right=Action.PERSONS_EDIT, responses={"200": Rows[ClashRow]})
def again(path: Identified, query: PlaceQuery) -> Response:
    """Ask that somebody looks again; the clashes that wait."""
    with writing_view(query.view_request) as view:
        ask_to_check_again(view, path.id, now=now())
        rows = list_clashes(view, now=now())
    return json_answer({"rows": rows})


@clashes_api.get("/duplicates", right=Action.PERSONS_EDIT, responses={"200": Rows[PersonPair]})
def duplicates(query: PlaceQuery) -> Response:
    """People who may stand in the register twice; of another grid's person only the grid is told."""
    with audited_view(query.view_request) as view:
        rows = list_duplicates(view, now=now())
    return json_answer({"rows": rows})


@clashes_api.post(
    "/duplicates/<id>/decide", right=Action.DUPLICATES_DECIDE, responses={"200": Rows[PersonPair]}
)
def decide(path: PairPath, query: PlaceQuery, body: SentDecision) -> Response:
    """Keep whether two people are one; the pairs that nobody has decided on."""
    with writing_view(query.view_request) as view:
        decide_duplicate(view, path.id, is_same=body.is_same, now=now())
        rows = list_duplicates(view, now=now())
    return json_answer({"rows": rows})


@clashes_api.post("/door-notes", right=Action.DOORS_NOTE, responses={"200": DoorNoteRow})
def note(query: PlaceQuery, body: SentDoorNote) -> Response:
    """Keep what a steward saw at a door; the same again is the same answer."""
    with writing_view(query.view_request) as view:
        row = note_door(view, NewDoorNote(**body.model_dump()), now=now())
    return json_answer(row)


@clashes_api.get("/door-notes", right=Action.DOORS_VIEW, responses={"200": Rows[DoorNoteRow]})
def notes(query: PlaceQuery) -> Response:
    """Notes that wait in one's own grids; a steward's own ones of any state."""
    with audited_view(query.view_request) as view:
        rows = list_door_notes(view, now=now())
    return json_answer({"rows": rows})


@clashes_api.post("/door-notes/<id>/settle", right=Action.PERSONS_EDIT, responses={"200": DoorNoteRow})
def settle_note(path: Identified, query: PlaceQuery, body: SentOutcome) -> Response:
    """Keep what came of a note."""
    with writing_view(query.view_request) as view:
        row = settle_door_note(view, path.id, body.outcome, now=now())
    return json_answer(row)
