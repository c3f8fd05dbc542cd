"""Disputes for those who handle them: list, card, clues, steps, whom to ask, figures."""

from __future__ import annotations

from flask import Response, request
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.core.repeats import RepeatedPlace
from gisgrid.cases.disputes.pipeline import DisputeStep
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.mediation.answers import DisputeCard, DisputeRow, NumberedCase
from gisgrid.cases.mediation.clues import Clue, report_clue
from gisgrid.cases.mediation.figures import ConflictDensity, ConflictTrend, conflict_density, conflict_trend
from gisgrid.cases.mediation.mediators import MediatorChoice
from gisgrid.cases.mediation.queries import (
    count_stages,
    dispute_card,
    list_disputes,
    mediators_for,
    repeated_conflicts,
)
from gisgrid.cases.mediation.service import DisputeStepInput, take_dispute
from gisgrid.errors import InvalidInput, NotFound, say
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import current_actor, now, read_session, services, view_of
from web.request_models import Identified, Moment, PlaceQuery

disputes_api = Api("disputes", __name__, part=ApiPart.CASES)
_KEY_LIMIT = 120


class DisputesQuery(PlaceQuery):
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


class DisputeRows(TypedDict):
    """A page of disputes, how many there are in all, and how many stand at each stage."""

    rows: list[DisputeRow]
    total: int
    stages: dict[str, int]


class DisputeFigures(TypedDict):
    """Disputes by building and per hundred households, by grid and quarter, and where they repeat."""

    density: ConflictDensity
    trend: ConflictTrend
    repeated: list[RepeatedPlace]


@disputes_api.get("/disputes", right=Action.DISPUTES_HANDLE, responses={"200": DisputeRows})
def listing(query: DisputesQuery) -> Response:
    """A page of the disputes within the account's scope."""
    with audited_view(query.view_request) as view:
        rows, total = list_disputes(view, stage=query.stage, page=query.page, now=now())
        stages = count_stages(view)
    return json_answer({"rows": rows, "total": total, "stages": stages})


@disputes_api.post("/disputes", right=Action.DISPUTES_HANDLE, responses={"201": NumberedCase})
def clue(query: PlaceQuery, body: SentClue) -> Response:
    """Note a clue; the same `Idempotency-Key` again gives the same one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _KEY_LIMIT:
        raise InvalidInput(say("a key has 1 to {most} characters", most=_KEY_LIMIT), field="Idempotency-Key")
    site = services()
    with writing_view(query.view_request) as view:
        case = report_clue(
            view, Clue(**body.model_dump()), caches=site.cache, now=now(), tz=site.settings.tz, key=key
        )
        numbered = {"id": case.id, "number": case.number}
    return json_answer(numbered, 201)


@disputes_api.get("/disputes/figures", right=Action.DISPUTES_HANDLE, responses={"200": DisputeFigures})
def figures(query: PlaceQuery) -> Response:
    """How many disputes there are, as far as the account may open them one by one."""
    view = view_of(query.view_request)
    return json_answer(
        {
            "density": conflict_density(view, now=now()),
            "trend": conflict_trend(view, now=now()),
            "repeated": repeated_conflicts(view, now=now()),
        }
    )


@disputes_api.get("/disputes/<id>", right=Action.DISPUTES_HANDLE, responses={"200": DisputeCard})
def card(path: Identified, query: PlaceQuery) -> Response:
    """One dispute with its log."""
    with audited_view(dispute_view_request(path.id, query.community)) as view:
        dispute = dispute_card(view, path.id, now=now())
    return json_answer(dispute)


@disputes_api.get(
    "/disputes/<id>/mediators", right=Action.DISPUTES_HANDLE, responses={"200": Rows[MediatorChoice]}
)
def mediators(path: Identified, query: PlaceQuery) -> Response:
    """Whom to ask to mediate: by specialty and distance, only those who can open it."""
    view = view_of(dispute_view_request(path.id, query.community))
    return json_answer({"rows": mediators_for(view, path.id, now=now())})


@disputes_api.post(
    "/disputes/<id>/<step>", right=Action.DISPUTES_HANDLE, responses={"200": DisputeCard | NumberedCase}
)
def step(path: DisputeStepPath, query: PlaceQuery, body: SentDisputeStep) -> Response:
    """Take a step of the pipeline; the card's `steps` say which ones the account may take now."""
    with writing_view(dispute_view_request(path.id, query.community)) as view:
        case = take_dispute(view, path.id, path.step, DisputeStepInput(**body.model_dump()), now=now())
        try:
            answer: DisputeCard | NumberedCase = dispute_card(view, case.id, now=now())
        except NotFound:  # merged away or given to somebody else: seen no more
            answer = {"id": case.id, "number": case.number}
    return json_answer(answer)


def dispute_view_request(case_id: str, community: str | None = None) -> ViewRequest:
    """A dispute is in one community: an account that sees several need not name it."""
    require(current_actor(), Action.DISPUTES_HANDLE)
    return ViewRequest(
        community=community or community_of(read_session(), current_actor(), case_id, now=now())
    )
