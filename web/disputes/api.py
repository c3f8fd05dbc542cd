"""Disputes for those who handle them: list, card, clues, steps, whom to ask, figures."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.disputes.pipeline import DisputeStep
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.mediation.clues import Clue, report_clue
from gisgrid.cases.mediation.figures import conflict_density, conflict_trend
from gisgrid.cases.mediation.queries import (
    count_stages,
    dispute_card,
    list_disputes,
    mediators_for,
    repeated_conflicts,
)
from gisgrid.cases.mediation.service import DisputeGiven, take_dispute
from gisgrid.errors import InvalidInput, NotFound, say
from web.answers import audited_look, json_answer, writing_look
from web.blueprints import Api
from web.context import current_actor, look_at, now, read_session, services
from web.request_models import AskedPlace, Identified, Moment

disputes_api = Api("disputes", __name__, part=ApiPart.CASES)
_KEY_LIMIT = 120


class AskedDisputes(AskedPlace):
    """A page of disputes, of one stage or all that are not closed."""

    stage: str | None = Field(default=None, max_length=20, description="clue, sorted, mediating, …")
    page: int = Field(default=1, ge=1, le=10_000)


class SentClue(BaseModel):
    """What somebody noted; `text` and `people` are sealed."""

    category: str = Field(max_length=40)
    building: str = Field(max_length=200, description="id or address")
    text: str = Field(max_length=4000)
    people: str = Field(default="", max_length=4000)


class SentDisputeStep(BaseModel):
    """What comes with a step; each takes what it needs, and says what is missing. Texts are sealed."""

    text: str = Field(default="", max_length=4000)
    place: str = Field(default="", max_length=300)
    people: str = Field(default="", max_length=4000)
    grade: str | None = Field(default=None, max_length=20)
    into: str | None = Field(default=None, max_length=36, description="id or number of another dispute")
    mediator: str | None = Field(default=None, max_length=36)
    met_at: Moment | None = None
    outcome: str | None = Field(default=None, max_length=20)
    channel: str | None = Field(default=None, max_length=20)
    holds: bool | None = None


class DisputeStepPath(BaseModel):
    """A dispute and a step of its pipeline."""

    id: str = Field(max_length=36)
    step: DisputeStep


class DisputeRow(BaseModel):
    """A dispute in the list: no texts."""

    id: str
    number: str
    category: str
    category_name: str
    stage: str
    grade: str | None
    grade_name: str | None
    grid: str | None
    grid_name: str | None
    address: str | None
    mediator: str | None
    reported_at: str
    follow_up_on: str | None
    late: bool = Field(description="its follow-up is overdue")
    repeated: bool
    merged: int = Field(description="how many clues were merged into it")


class DisputeRows(BaseModel):
    """A page of disputes, how many there are in all, and how many stand at each stage."""

    rows: list[DisputeRow]
    total: int
    stages: dict[str, int]


class DisputeView(DisputeRow):
    """A dispute with what is sealed, its log, the clues merged into it, and the steps that can be taken."""

    description: str
    case_state: str
    parties: str | None
    agreement: str | None
    outcome: str | None
    settled_on: str | None
    planned: list[str]
    follow_ups: int
    sessions: int
    holds: bool | None
    merged_into: dict[str, str] | None
    clues: list[dict[str, Any]]
    log: list[dict[str, Any]]
    steps: list[str]


class DisputeLeft(BaseModel):
    """A dispute after a step; only this much where the account sees it no more."""

    id: str
    number: str


class MediatorRow(BaseModel):
    """Somebody who can be asked."""

    worker: str
    name: str
    suits: str = Field(description="special, any or other")
    distance_m: int | None
    load: int


class MediatorRows(BaseModel):
    """Whom to ask, the likeliest first."""

    rows: list[MediatorRow]


class DisputeFigures(BaseModel):
    """Disputes by building and per hundred households, by grid and quarter, and where they repeat."""

    density: dict[str, Any]
    trend: dict[str, Any]
    repeated: list[dict[str, Any]]


@disputes_api.get("/disputes", right=Action.DISPUTES_HANDLE, responses={"200": DisputeRows})
def listing(query: AskedDisputes) -> Response:
    """A page of the disputes within the account's scope."""
    with audited_look(query.asked) as look:
        rows, total = list_disputes(look, stage=query.stage, page=query.page, now=now())
        stages = count_stages(look)
    return json_answer({"rows": rows, "total": total, "stages": stages})


@disputes_api.post("/disputes", right=Action.DISPUTES_HANDLE, responses={"201": DisputeLeft})
def clue(query: AskedPlace, body: SentClue) -> Response:
    """Note a clue; the same `Idempotency-Key` again gives the same one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _KEY_LIMIT:
        raise InvalidInput(say("a key has 1 to {most} characters", most=_KEY_LIMIT), field="Idempotency-Key")
    found = services()
    with writing_look(query.asked) as look:
        case = report_clue(
            look, Clue(**body.model_dump()), caches=found.cache, now=now(), tz=found.settings.tz, key=key
        )
        told = {"id": case.id, "number": case.number}
    return json_answer(told, 201)


@disputes_api.get("/disputes/figures", right=Action.DISPUTES_HANDLE, responses={"200": DisputeFigures})
def figures(query: AskedPlace) -> Response:
    """How many disputes there are, as far as the account may open them one by one."""
    look = look_at(query.asked)
    return json_answer(
        {
            "density": conflict_density(look, now=now()),
            "trend": conflict_trend(look, now=now()),
            "repeated": repeated_conflicts(look, now=now()),
        }
    )


@disputes_api.get("/disputes/<id>", right=Action.DISPUTES_HANDLE, responses={"200": DisputeView})
def card(path: Identified, query: AskedPlace) -> Response:
    """One dispute with its log."""
    with audited_look(asked_of(path.id, query.community)) as look:
        found = dispute_card(look, path.id, now=now())
    return json_answer(found)


@disputes_api.get("/disputes/<id>/mediators", right=Action.DISPUTES_HANDLE, responses={"200": MediatorRows})
def mediators(path: Identified, query: AskedPlace) -> Response:
    """Whom to ask to mediate: by specialty and distance, only those who can open it."""
    look = look_at(asked_of(path.id, query.community))
    return json_answer({"rows": mediators_for(look, path.id, now=now())})


@disputes_api.post("/disputes/<id>/<step>", right=Action.DISPUTES_HANDLE, responses={"200": DisputeLeft})
def step(path: DisputeStepPath, query: AskedPlace, body: SentDisputeStep) -> Response:
    """Take a step of the pipeline; the card's `steps` say which ones the account may take now."""
    with writing_look(asked_of(path.id, query.community)) as look:
        case = take_dispute(look, path.id, path.step, DisputeGiven(**body.model_dump()), now=now())
        try:
            found: dict[str, Any] = dispute_card(look, case.id, now=now())
        except NotFound:  # merged away or given to somebody else: seen no more
            found = {"id": case.id, "number": case.number}
    return json_answer(found)


def asked_of(case_id: str, community: str | None = None) -> ViewRequest:
    """A dispute is in one community: an account that sees several need not name it."""
    require(current_actor(), Action.DISPUTES_HANDLE)
    return ViewRequest(
        community=community or community_of(read_session(), current_actor(), case_id, now=now())
    )
