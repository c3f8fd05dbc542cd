"""Errands: an organisation's own queue and its steps, and what staff entrust to one about a case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.referrals.queue import queue_of, step_errand
from gisgrid.cases.referrals.service import DAYS, Entrust, entrust, errands_of, organisations_for, withdraw
from gisgrid.cases.referrals.store import ErrandStep
from web.answers import audited_look, json_answer, writing_look
from web.blueprints import Api
from web.context import current_actor, now, read_session
from web.idempotency import repeatable
from web.request_models import AskedPlace, Identified, SentNothing

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


class ErrandRow(BaseModel):
    """An errand and how it stands."""

    id: str
    text: str
    result: str | None = Field(description="what was told at its end, or why it was returned")
    asked_at: str
    due_at: str
    receipted_at: str | None
    started_at: str | None
    finished_at: str | None
    returned_at: str | None
    withdrawn_at: str | None
    is_late: bool
    paused: bool = Field(description="the case is suspended: `due_at` moves on until it goes on")
    next: str | None = Field(description="the step that comes next; an errand that runs can be returned too")


class OwnErrandRow(ErrandRow):
    """An errand of the own queue, with where it is."""

    number: str
    address: str | None
    category_name: str


class OwnErrandRows(BaseModel):
    """The own queue: what runs by when it falls due, then what ended last."""

    rows: list[OwnErrandRow]


class GivenErrandRow(ErrandRow):
    """An errand of a case, with who was asked."""

    organisation: str


class GivenErrandRows(BaseModel):
    """What organisations were asked about a case, the newest first."""

    rows: list[GivenErrandRow]


class AskableOrganisation(BaseModel):
    """An organisation whose scope covers the place of a case."""

    account: str
    name: str
    role: str


class AskableOrganisations(BaseModel):
    """Whom there is to ask about a case."""

    rows: list[AskableOrganisation]


class MadeErrand(BaseModel):
    """An errand that was made, changed or taken back."""

    id: str


@errands_api.get("/errands", right=Action.CASES_QUEUE, responses={"200": OwnErrandRows})
def queue(query: AskedPlace) -> Response:
    """What the organisation of the account is asked to do in a community."""
    with audited_look(query.asked) as look:
        rows = queue_of(look, now=now())
    return json_answer({"rows": [_told(row) for row in rows]})


@errands_api.post("/errands/<id>/<step>", right=Action.CASES_QUEUE, responses={"200": MadeErrand})
def step(path: ErrandStepPath, query: AskedPlace, body: SentErrandText) -> Response:
    """Receipt, start, finish or return an errand of the own queue. A step is taken once: again is a 409."""
    taken = ErrandStep(f"errand_{path.step}")
    with writing_look(query.asked) as look:
        step_errand(look, path.id, taken, result=body.result, now=now())
    return json_answer({"id": path.id})


@errands_api.get("/cases/<id>/errands", right=Action.CASES_ENTRUST, responses={"200": GivenErrandRows})
def of_case(path: Identified, query: AskedPlace) -> Response:
    """What organisations were asked about a case."""
    with audited_look(_asked(query, path.id)) as look:
        _case, rows = errands_of(look, path.id, now=now())
    return json_answer({"rows": [_told(row) for row in rows]})


@errands_api.get(
    "/cases/<id>/errands/organisations", right=Action.CASES_ENTRUST, responses={"200": AskableOrganisations}
)
def organisations(path: Identified, query: AskedPlace) -> Response:
    """Which organisations there are to ask about a case, by where it lies."""
    with audited_look(_asked(query, path.id)) as look:
        case, _rows = errands_of(look, path.id, now=now())
        found = organisations_for(look, case, now=now())
    return json_answer({"rows": found})


@errands_api.post("/cases/<id>/errands", right=Action.CASES_ENTRUST, responses={"201": MadeErrand})
def ask(path: Identified, query: AskedPlace, body: SentErrand) -> Response:
    """Entrust a case to an organisation; the same `Idempotency-Key` again gives the same errand."""
    with writing_look(_asked(query, path.id)) as look:
        made = entrust(look, path.id, Entrust(**body.model_dump()), now=now(), repeat=repeatable())
    return json_answer({"id": made}, 201)


@errands_api.post(
    "/cases/<id>/errands/<errand>/withdraw", right=Action.CASES_ENTRUST, responses={"200": MadeErrand}
)
def take_back(path: ErrandPath, query: AskedPlace, body: SentNothing) -> Response:
    """Take an errand back that has not ended."""
    del body
    with writing_look(_asked(query, path.id)) as look:
        withdraw(look, path.id, path.errand, now=now())
    return json_answer({"id": path.errand})


def _asked(query: AskedPlace, case_id: str) -> ViewRequest:
    """A case is in one community: an account that sees several need not name it."""
    require(current_actor(), Action.CASES_ENTRUST)
    code = query.community or community_of(read_session(), current_actor(), case_id, now=now())
    return ViewRequest(community=code, as_of=query.as_of)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Moments in ISO 8601, and the next step by the word that takes it."""
    told = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in row.items()}
    return {**told, "next": row["next"].removeprefix("errand_") if row["next"] else None}
