"""Forms of a community: which there are, what one asks, and handing one in."""

from __future__ import annotations

from flask import Response
from flask_openapi3.models.file import FileStorage
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.tokens import ApiPart
from gisgrid.records.core.rules import VersionState
from gisgrid.records.publication.drafts import draft_form
from gisgrid.records.publication.queries import FormListed, FormOpened, list_forms, open_form
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import current_actor, now
from web.i18n import tell
from web.records.workbooks import read_sent
from web.request_models import PlaceQuery

forms_api = Api("forms", __name__, part=ApiPart.PEOPLE)


class FormPath(BaseModel):
    """A form by its code."""

    code: str = Field(max_length=40)


class VersionQuery(PlaceQuery):
    """Which version of a form; without a number the one that is filled now."""

    version: int | None = Field(default=None, ge=1, le=100_000)


class SentForm(BaseModel):
    """A form as an XLSForm workbook."""

    workbook: FileStorage = Field(description="At most 1 MB, .xlsx")


class DraftAnswer(TypedDict):
    """A draft that is kept; `remarks` say what was left out of it."""

    code: str
    version: int
    state: VersionState
    remarks: list[str]


@forms_api.get("/forms", right=Action.FORMS_VIEW, responses={"200": Rows[FormListed]})
def listing(query: PlaceQuery) -> Response:
    """The forms of the community by code; who fills by duty learns of those alone."""
    with audited_view(query.view_request) as view:
        rows = list_forms(view)
    return json_answer({"rows": rows})


@forms_api.post("/forms", right=Action.FORMS_DRAFT, takes_file=True, responses={"201": DraftAnswer})
def draft(query: PlaceQuery, form: SentForm) -> Response:
    """Hand a form in as a draft in the place of an earlier one; every fault by sheet, row, column."""
    require(current_actor(), Action.FORMS_DRAFT)
    handed_in = read_sent(form.workbook)
    with writing_view(query.view_request) as view:
        number = draft_form(view, handed_in.file, now=now()).number
    answer: DraftAnswer = {
        "code": handed_in.file.tree.code,
        "version": number,
        "state": VersionState.DRAFT,
        "remarks": [tell(remark) for remark in handed_in.remarks],
    }
    return json_answer(answer, 201)


@forms_api.get("/forms/<code>", right=Action.FORMS_VIEW, responses={"200": FormOpened})
def opened(path: FormPath, query: VersionQuery) -> Response:
    """What a form asks: its tree with parsed expressions; for who drafts any version of it."""
    with audited_view(query.view_request) as view:
        answer = open_form(view, path.code, query.version)
    return json_answer(answer)
