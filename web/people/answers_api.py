"""Recording what a household answers to a purpose, one answer at a time."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.people.consent.service import AnswerInput, record_answer
from web.answers import json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.request_models import Identified, PlaceQuery

answers_api = Api("consent_answers", __name__, part=ApiPart.PEOPLE)


class SentConsent(BaseModel):
    """An answer to a purpose; `unasked` where the household came with it by itself."""

    purpose: str = Field(max_length=40)
    status: str = Field(max_length=20)
    unasked: bool = False


class RecordedAnswer(TypedDict):
    """An answer that was recorded."""

    household: str
    purpose: str
    status: str


@answers_api.post("/households/<id>/answers", right=Action.CONSENT_RECORD, responses={"200": RecordedAnswer})
def answered(path: Identified, query: PlaceQuery, body: SentConsent) -> Response:
    """Record what the household answers to a purpose, to the text that holds today; earlier answers stay."""
    answer = AnswerInput(purpose=body.purpose, status=body.status, unasked=body.unasked)
    with writing_view(query.view_request) as view:
        record_answer(view, path.id, answer, now=now())
    return json_answer({"household": path.id, "purpose": body.purpose, "status": body.status})
