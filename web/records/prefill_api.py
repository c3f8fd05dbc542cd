"""What a form about a subject begins with."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.prefill.queries import Prefill, prefill
from web.answers import audited_view, json_answer
from web.blueprints import Api
from web.context import now
from web.request_models import PlaceQuery, SentReason

prefill_api = Api("prefill", __name__, part=ApiPart.PEOPLE)
_RULE = "/subjects/<kind>/<id>/prefill"
_WRITE = Action.RECORDS_WRITE


class SubjectPath(BaseModel):
    """Whom or what a form is about, by kind and id."""

    kind: SubjectKind
    id: str = Field(max_length=36)


class FormQuery(PlaceQuery):
    """Which form is to be filled."""

    form: str = Field(default="", max_length=40, description="The code of the form.")


@prefill_api.get(_RULE, right=_WRITE, responses={"200": Prefill})
def begun(path: SubjectPath, query: FormQuery) -> Response:
    """The register's values of a form's bound questions; to heads without values, where people are told."""
    with audited_view(query.view_request) as view:
        answer = prefill(view, path.kind, path.id, query.form, now=now())
    return json_answer(answer)


@prefill_api.post(_RULE, right=_WRITE, reads=True, responses={"200": Prefill})
def begun_opened(path: SubjectPath, query: FormQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads the values and is kept."""
    with audited_view(query.view_request) as view:
        answer = prefill(view, path.kind, path.id, query.form, reason=body.reason, now=now())
    return json_answer(answer)
