"""Rounds over HTTP: drafted, opened, closed, and how far they are."""

from __future__ import annotations

from datetime import date

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.records.rounds.drafts import draft_round, try_round
from gisgrid.records.rounds.inputs import RoundInput, RoundSelector
from gisgrid.records.rounds.progress import RoundProgress, round_progress
from gisgrid.records.rounds.queries import RoundRow, list_rounds, one_round
from gisgrid.records.rounds.service import close_round, discard_round, open_round, reopen_round
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.request_models import Identified, PlaceQuery, SentReason
from web.words.choice_words import words_of

rounds_api = Api("rounds", __name__, part=ApiPart.PEOPLE)


class SentSelector(BaseModel):
    """Whom a round is for: an expression over facts and codes of grids, or a list of ids."""

    who: str | None = Field(default=None, max_length=2_000)
    grids: list[str] = Field(default_factory=list, max_length=500)
    ids: list[str] | None = Field(default=None, max_length=100_001)

    @property
    def selector(self) -> RoundSelector:
        """In the core's form."""
        ids = None if self.ids is None else tuple(self.ids)
        return RoundSelector(who=self.who or None, grids=tuple(self.grids), ids=ids)


class SentTrial(SentSelector):
    """A form with a choice, to learn whom it would ask."""

    form: str = Field(max_length=60)


class SentRound(SentTrial):
    """A round as it is drafted."""

    title: str = Field(max_length=400)
    first_day: date
    last_day: date
    legal_basis: str = Field(max_length=800)


class RoundMade(TypedDict):
    """A round that was drafted, closed, opened again or thrown away."""

    id: str


class RoundOpened(TypedDict):
    """How many subjects a round asks."""

    id: str
    count: int


class KnownField(TypedDict):
    """Of how many subjects a field of the register is known freshly."""

    field: str
    known: int
    subjects: int


class TrialAnswer(TypedDict):
    """How many a round would ask, and how many are left out since all of it is known of them.

    `words` is the choice in the reader's language.
    """

    count: int
    left_out: int
    fields: list[KnownField]
    words: str


@rounds_api.get("/rounds", right=Action.ROUNDS_VIEW, responses={"200": Rows[RoundRow]})
def listing(query: PlaceQuery) -> Response:
    """The rounds of the community, the one that ends last at the head; drafts for who drafts."""
    with audited_view(query.view_request) as view:
        rows = list_rounds(view)
    return json_answer({"rows": rows})


@rounds_api.post("/rounds", right=Action.ROUNDS_DRAFT, responses={"201": RoundMade})
def draft(query: PlaceQuery, body: SentRound) -> Response:
    """Draft a round: every fault at once; one that would ask what the register knows is refused."""
    sent = RoundInput(
        form=body.form,
        title=body.title,
        first_day=body.first_day,
        last_day=body.last_day,
        legal_basis=body.legal_basis,
        selector=body.selector,
    )
    with writing_view(query.view_request) as view:
        answer: RoundMade = {"id": draft_round(view, sent, now=now())}
    return json_answer(answer, 201)


@rounds_api.post("/rounds/trial", right=Action.ROUNDS_DRAFT, reads=True, responses={"200": TrialAnswer})
def trial(query: PlaceQuery, body: SentTrial) -> Response:
    """Whom a round would ask today; nothing is kept."""
    with audited_view(query.view_request) as view:
        tried = try_round(view, body.form, body.selector)
    answer: TrialAnswer = {
        "count": len(tried.ids),
        "left_out": tried.left_out,
        "fields": [
            {"field": row.field, "known": row.known, "subjects": row.subjects} for row in tried.fields
        ],
        "words": words_of(body.who or None),
    }
    return json_answer(answer)


@rounds_api.get("/rounds/<id>", right=Action.ROUNDS_VIEW, responses={"200": RoundRow})
def one(path: Identified, query: PlaceQuery) -> Response:
    """A round: its form, whom it is for, its days and its legal basis."""
    with audited_view(query.view_request) as view:
        answer = one_round(view, path.id)
    return json_answer(answer)


@rounds_api.get("/rounds/<id>/progress", right=Action.ROUNDS_VIEW, responses={"200": RoundProgress})
def progress(path: Identified, query: PlaceQuery) -> Response:
    """How far a round is by grid, by building in walking order and by day; never by who fills."""
    with audited_view(query.view_request) as view:
        answer = round_progress(view, path.id)
    return json_answer(answer)


@rounds_api.post("/rounds/<id>/open", right=Action.ROUNDS_OPEN, responses={"200": RoundOpened})
def open_(path: Identified, query: PlaceQuery) -> Response:
    """Open a draft: whom it asks is frozen now."""
    with writing_view(query.view_request) as view:
        answer: RoundOpened = {"id": path.id, "count": open_round(view, path.id, now=now())}
    return json_answer(answer)


@rounds_api.post("/rounds/<id>/close", right=Action.ROUNDS_OPEN, responses={"200": RoundMade})
def close(path: Identified, query: PlaceQuery) -> Response:
    """Close a running round, whatever share of it is done."""
    with writing_view(query.view_request) as view:
        close_round(view, path.id, now=now())
    return json_answer({"id": path.id})


@rounds_api.post("/rounds/<id>/reopen", right=Action.ROUNDS_OPEN, responses={"200": RoundMade})
def reopen(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """Let a closed round run again, for a reason that stands in the trail."""
    with writing_view(query.view_request) as view:
        reopen_round(view, path.id, body.reason, now=now())
    return json_answer({"id": path.id})


@rounds_api.post("/rounds/<id>/discard", right=Action.ROUNDS_DRAFT, responses={"200": RoundMade})
def discard(path: Identified, query: PlaceQuery) -> Response:
    """Throw a draft away."""
    with writing_view(query.view_request) as view:
        discard_round(view, path.id, now=now())
    return json_answer({"id": path.id})
