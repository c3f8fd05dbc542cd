"""What of a case everybody may read."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.public.release import PUBLIC_TEXT_LIMIT, publish_text, publishable, unpublish_text
from web.answers import json_answer, writing_view
from web.blueprints import Api
from web.context import current_actor, now, read_session
from web.request_models import Identified, PlaceQuery, SentNothing

releasing_api = Api("releasing", __name__, part=ApiPart.CASES)


class SentText(BaseModel):
    """A text for everybody."""

    text: str = Field(min_length=1, max_length=PUBLIC_TEXT_LIMIT)


class PublicText(TypedDict):
    """What everybody may read of a case, and whether they see the case at all."""

    number: str
    public: str | None
    released: bool


@releasing_api.post("/cases/<id>/publish", right=Action.CASES_PUBLISH, responses={"200": PublicText})
def publish(path: Identified, query: PlaceQuery, body: SentText) -> Response:
    """Let everybody read a text about a case; it may differ from the description, and names nobody."""
    with writing_view(_view_request(query, path.id)) as view:
        publish_text(view, path.id, body.text, now=now())
        public_text = _describe(view, path.id)
    return json_answer(public_text)


@releasing_api.post("/cases/<id>/unpublish", right=Action.CASES_PUBLISH, responses={"200": PublicText})
def unpublish(path: Identified, query: PlaceQuery, body: SentNothing) -> Response:
    """Take the public text back."""
    del body
    with writing_view(_view_request(query, path.id)) as view:
        unpublish_text(view, path.id, now=now())
        public_text = _describe(view, path.id)
    return json_answer(public_text)


def _view_request(query: PlaceQuery, case_id: str) -> ViewRequest:
    code = query.community or community_of(read_session(), current_actor(), case_id, now=now())
    return ViewRequest(community=code)


def _describe(view: View, case_id: str) -> PublicText:
    public_text = publishable(view, case_id)
    return {"number": public_text.number, "public": public_text.public, "released": public_text.is_released}
