"""Forms of a community: which there are, and what one asks."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.records.publication.queries import FormListed, FormOpened, list_forms, open_form
from web.answer_models import Rows
from web.answers import audited_view, json_answer
from web.blueprints import Api
from web.request_models import PlaceQuery

forms_api = Api("forms", __name__, part=ApiPart.PEOPLE)


class FormPath(BaseModel):
    """A form by its code."""

    code: str = Field(max_length=40)


class VersionQuery(PlaceQuery):
    """Which version of a form; without a number the one that is filled now."""

    version: int | None = Field(default=None, ge=1, le=100_000)


@forms_api.get("/forms", right=Action.FORMS_VIEW, responses={"200": Rows[FormListed]})
def listing(query: PlaceQuery) -> Response:
    """The forms of the community by code; who fills by duty learns of those alone."""
    with audited_view(query.view_request) as view:
        rows = list_forms(view)
    return json_answer({"rows": rows})


@forms_api.get("/forms/<code>", right=Action.FORMS_VIEW, responses={"200": FormOpened})
def opened(path: FormPath, query: VersionQuery) -> Response:
    """What a form asks: its tree with parsed expressions; for who drafts any version of it."""
    with audited_view(query.view_request) as view:
        answer = open_form(view, path.code, query.version)
    return json_answer(answer)
