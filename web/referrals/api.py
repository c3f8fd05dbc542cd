"""Errands: an organisation's own queue and its steps, and what staff entrust to one about a case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.referrals.queue import OwnErrand, queue_of, step_errand
from gisgrid.cases.referrals.service import (
    DAYS,
    AskableOrganisation,
    CreatedErrand,
    Entrust,
    entrust,
    errands_of,
    organisations_for,
    withdraw,
)
from gisgrid.cases.referrals.store import ErrandRow, ErrandStep
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import current_actor, now, read_session
from web.idempotency import repeatable
from web.request_models import Identified, PlaceQuery, SentNothing

errands_api = Api("errands", __name__, part=ApiPart.CASES)


class OwnStep(StrEnum):
    """What an organisation does with an errand of its own queue."""

    RECEIPT = "receipt"
    START = "start"
    FINISH = "finish"
    RETURN = "return"


class ErrandStepPath(BaseModel):
    """An errand of the own queue and a step."""

    id: str = Field(max_length=36)
    step: OwnStep


class ErrandPath(BaseModel):
    """A case and an errand of it."""

    id: str = Field(max_length=36)
    errand: str = Field(max_length=36)


class SentErrandText(BaseModel):
    """The result with which an errand is finished, or why it is returned; other steps need none."""

    result: str = Field(default="", max_length=4000)


class SentErrand(BaseModel):
    """What an organisation is asked. It reads nothing of the case but this text, category and place."""

    account: str = Field(max_length=36, description="one of the organisations of the case's place")
    text: str = Field(max_length=4000)
    days: int = Field(description=f"within how many days: {', '.join(map(str, DAYS))}")


class MadeErrand(TypedDict):
    """An errand that was made, changed or taken back."""

    id: str


@errands_api.get("/errands", right=Action.CASES_QUEUE, responses={"200": Rows[OwnErrand[str]]})
def queue(query: PlaceQuery) -> Response:
    """What the organisation of the account is asked to do in a community."""
    with audited_view(query.view_request) as view:
        rows = queue_of(view, now=now())
    return json_answer({"rows": [_times(row) for row in rows]})


@errands_api.post("/errands/<id>/<step>", right=Action.CASES_QUEUE, responses={"200": MadeErrand})
def step(path: ErrandStepPath, query: PlaceQuery, body: SentErrandText) -> Response:
    """Receipt, start, finish or return an errand of the own queue. A step is taken once: again is a 409."""
    taken = ErrandStep(f"errand_{path.step}")
    with writing_view(query.view_request) as view:
        step_errand(view, path.id, taken, result=body.result, now=now())
    return json_answer({"id": path.id})


@errands_api.get(
    "/cases/<id>/errands", right=Action.CASES_ENTRUST, responses={"200": Rows[CreatedErrand[str]]}
)
def of_case(path: Identified, query: PlaceQuery) -> Response:
    """What organisations were asked about a case."""
    with audited_view(_view_request(query, path.id)) as view:
        _case, rows = errands_of(view, path.id, now=now())
    return json_answer({"rows": [_times(row) for row in rows]})


@errands_api.get(
    "/cases/<id>/errands/organisations",
    right=Action.CASES_ENTRUST,
    responses={"200": Rows[AskableOrganisation]},
)
def organisations(path: Identified, query: PlaceQuery) -> Response:
    """Which organisations there are to ask about a case, by where it lies."""
    with audited_view(_view_request(query, path.id)) as view:
        case, _rows = errands_of(view, path.id, now=now())
        rows = organisations_for(view, case, now=now())
    return json_answer({"rows": rows})


@errands_api.post("/cases/<id>/errands", right=Action.CASES_ENTRUST, responses={"201": MadeErrand})
def ask(path: Identified, query: PlaceQuery, body: SentErrand) -> Response:
    """Entrust a case to an organisation; the same `Idempotency-Key` again gives the same errand."""
    with writing_view(_view_request(query, path.id)) as view:
        made = entrust(view, path.id, Entrust(**body.model_dump()), now=now(), repeat=repeatable())
    return json_answer({"id": made}, 201)


@errands_api.post(
    "/cases/<id>/errands/<errand>/withdraw", right=Action.CASES_ENTRUST, responses={"200": MadeErrand}
)
def take_back(path: ErrandPath, query: PlaceQuery, body: SentNothing) -> Response:
    """Take an errand back that has not ended."""
    del body
    with writing_view(_view_request(query, path.id)) as view:
        withdraw(view, path.id, path.errand, now=now())
    return json_answer({"id": path.errand})


def _view_request(query: PlaceQuery, case_id: str) -> ViewRequest:
    """A case is in one community: an account that sees several need not name it."""
    require(current_actor(), Action.CASES_ENTRUST)
    code = query.community or community_of(read_session(), current_actor(), case_id, now=now())
    return ViewRequest(community=code, as_of=query.as_of)


def _times(row: ErrandRow[datetime]) -> ErrandRow[str]:
    """An errand with moments in ISO 8601, and the next step by the word that takes it."""
    return {
        **row,
        "asked_at": row["asked_at"].isoformat(),
        "due_at": row["due_at"].isoformat(),
        "receipted_at": _iso(row["receipted_at"]),
        "started_at": _iso(row["started_at"]),
        "finished_at": _iso(row["finished_at"]),
        "returned_at": _iso(row["returned_at"]),
        "withdrawn_at": _iso(row["withdrawn_at"]),
        "next": row["next"].removeprefix("errand_") if row["next"] else None,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
