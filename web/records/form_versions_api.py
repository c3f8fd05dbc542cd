"""Versions of forms: published, retired, thrown away; what changed in each, and the workbook it came as."""

from __future__ import annotations

from typing import Final

from flask import Response
from pydantic import Field
from typing_extensions import TypedDict

from data.forms.built_in.forms import blank_workbook
from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.records.core.rules import VersionState
from gisgrid.records.publication.drafts import discard_draft
from gisgrid.records.publication.queries import VersionListed, versions_of, workbook_of
from gisgrid.records.publication.release import publish_form, retire_version
from web.answer_models import Responses, Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.records.forms_api import FormPath
from web.request_models import PlaceQuery

form_versions_api = Api("form_versions", __name__, part=ApiPart.PEOPLE)

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE: Final[Responses] = {
    "200": {
        "description": "An XLSForm workbook",
        "content": {WORKBOOK: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class VersionPath(FormPath):
    """A version of a form by its number."""

    number: int = Field(ge=1, le=100_000)


class VersionAnswer(TypedDict):
    """A version of a form as it stands now."""

    code: str
    version: int
    state: VersionState


class DiscardedVersion(TypedDict):
    """A draft that is gone."""

    code: str
    version: int


@form_versions_api.get("/form-template", right=Action.FORMS_DRAFT, responses=_FILE)
def template() -> Response:
    """A small form to begin with, as a workbook, with what each column means."""
    return _workbook(blank_workbook(), "form.xlsx")


@form_versions_api.get(
    "/forms/<code>/versions", right=Action.FORMS_DRAFT, responses={"200": Rows[VersionListed]}
)
def versions(path: FormPath, query: PlaceQuery) -> Response:
    """The versions of a form, the newest first: what changed since the one before, and what may be done."""
    with audited_view(query.view_request) as view:
        rows = versions_of(view, path.code)
    return json_answer({"rows": rows})


@form_versions_api.get(
    "/forms/<code>/versions/<int:number>/workbook", right=Action.FORMS_DRAFT, responses=_FILE
)
def workbook(path: VersionPath, query: PlaceQuery) -> Response:
    """The workbook of a version as it was handed in."""
    with audited_view(query.view_request) as view:
        content = workbook_of(view, path.code, path.number)
    return _workbook(content, f"{path.code}-{path.number}.xlsx")


@form_versions_api.post(
    "/forms/<code>/versions/<int:number>/publish",
    right=Action.FORMS_PUBLISH,
    responses={"200": VersionAnswer},
)
def publish(path: VersionPath, query: PlaceQuery) -> Response:
    """Publish a draft: it is filled from now on, never changes, and the version before it is retired."""
    with writing_view(query.view_request) as view:
        publish_form(view, path.code, path.number, now=now())
    return _answer(path, VersionState.PUBLISHED)


@form_versions_api.post(
    "/forms/<code>/versions/<int:number>/retire",
    right=Action.FORMS_PUBLISH,
    responses={"200": VersionAnswer},
)
def retire(path: VersionPath, query: PlaceQuery) -> Response:
    """Retire the published version; records of it are taken for a month still."""
    with writing_view(query.view_request) as view:
        retire_version(view, path.code, path.number, now=now())
    return _answer(path, VersionState.RETIRED)


@form_versions_api.delete(
    "/forms/<code>/versions/<int:number>", right=Action.FORMS_DRAFT, responses={"200": DiscardedVersion}
)
def discard(path: VersionPath, query: PlaceQuery) -> Response:
    """Throw a draft away; a form that never had another version goes with it."""
    with writing_view(query.view_request) as view:
        discard_draft(view, path.code, path.number, now=now())
    answer: DiscardedVersion = {"code": path.code, "version": path.number}
    return json_answer(answer)


def _answer(path: VersionPath, state: VersionState) -> Response:
    answer: VersionAnswer = {"code": path.code, "version": path.number, "state": state}
    return json_answer(answer)


def _workbook(content: bytes, name: str) -> Response:
    response = Response(content, content_type=WORKBOOK)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
