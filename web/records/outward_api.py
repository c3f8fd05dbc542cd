"""Tables of other offices: kept as templates, approved, filled."""

from __future__ import annotations

from flask import Response
from flask_openapi3.models.file import FileStorage
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.approval_queries import WaitingApproval, waiting_approvals
from gisgrid.records.outward.approvals import ask_approval, decide_approval
from gisgrid.records.outward.runs import read_fill
from gisgrid.records.outward.scope import OutwardRequest
from gisgrid.records.outward.sheets import OutwardPeople, OutwardSheet
from gisgrid.records.outward.template_queries import (
    TemplateListed,
    TemplateOpened,
    list_templates,
    open_template,
)
from gisgrid.records.outward.templates import TemplateInput, change_sheets, close_template
from gisgrid.records.rounds.drafts import draft_round
from gisgrid.records.rounds.gaps import gap_round
from web.answer_models import Responses
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.records.outward_files import COUNTS, FORMS, GAPS, WORKBOOK, filled_answer, keep_sent
from web.request_models import Coded, PlaceQuery

outward_api = Api("outward", __name__, part=ApiPart.PEOPLE)
_FILE: Responses = {
    "200": {
        "description": "The filled workbook; a header tells how its cells came to be",
        "headers": {name: {"schema": {"type": "string"}} for name in (COUNTS, GAPS, FORMS)},
        "content": {WORKBOOK: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class SentTemplate(BaseModel):
    """A department's own workbook, and what is said of it; the code of a template makes its next version."""

    file: FileStorage = Field(description="XLSX of at most 1 MB, without macros, pictures and formulas")
    department: str = Field(default="", max_length=200)
    title: str = Field(default="", max_length=200)
    legal_basis: str = Field(default="", max_length=200)
    code: str | None = Field(default=None, max_length=60)


class SentSheet(BaseModel):
    """What a sheet holds: a field by the letters of a column, and by single cell."""

    sheet: str = Field(max_length=60)
    rows: OutwardRows
    people: OutwardPeople = OutwardPeople.EVERYONE
    columns: dict[str, str] = Field(default_factory=dict, max_length=200)
    cells: dict[str, str] = Field(default_factory=dict, max_length=500)


class SentSheets(BaseModel):
    """Which place of a template is which field."""

    sheets: list[SentSheet] = Field(max_length=50)


class SentFill(BaseModel):
    """For which grid (none: all that one serves) and month a template is filled, and why."""

    area: str | None = Field(default=None, max_length=60)
    month: str | None = Field(default=None, max_length=7, description="2026-12; default: the present one")
    reason: str | None = Field(default=None, max_length=400)

    @property
    def wanted(self) -> OutwardRequest:
        """In the core's form."""
        return OutwardRequest(grid=self.area, month=self.month, reason=self.reason)


class SentGapRound(SentFill):
    """The same for a round about what is empty, with the form that asks; none: the one for most cells."""

    form: str | None = Field(default=None, max_length=60)


class ApprovalPath(Coded):
    """A request about a template."""

    id: str = Field(max_length=36)


class TemplateRows(TypedDict):
    """The templates of a community, and who waits for a second person."""

    rows: list[TemplateListed]
    waiting: list[WaitingApproval]


class KeptAnswer(TypedDict):
    """The version of a template that is kept."""

    code: str
    number: int


class RequestedAnswer(TypedDict):
    """The requests that wait, one for each area."""

    ids: list[str]


class DecidedAnswer(TypedDict):
    """What was decided; until which day it holds."""

    id: str
    is_approved: bool
    until: str | None


class GapRound(TypedDict):
    """The draft of a round for the empty cells of a table, and of how many subjects it is."""

    id: str
    count: int


class ClosedAnswer(TypedDict):
    """A template that is filled no more."""

    code: str


@outward_api.get("/outward", right=Action.OUTWARD_FILL, responses={"200": TemplateRows})
def listing(query: PlaceQuery) -> Response:
    """The templates of the community, and what waits for a second person."""
    with audited_view(query.view_request) as view:
        answer: TemplateRows = {"rows": list_templates(view), "waiting": waiting_approvals(view)}
    return json_answer(answer)


@outward_api.post("/outward", right=Action.OUTWARD_KEEP, takes_file=True, responses={"201": KeptAnswer})
def keep(query: PlaceQuery, form: SentTemplate) -> Response:
    """Keep a workbook as a template; what its heads say by themselves is written in."""
    sent = TemplateInput(
        department=form.department, title=form.title, legal_basis=form.legal_basis, code=form.code or None
    )
    kept = keep_sent(query.view_request, form.file, sent)
    answer: KeptAnswer = {"code": kept.code, "number": kept.number}
    return json_answer(answer, 201)


@outward_api.get("/outward/<code>", right=Action.OUTWARD_FILL, responses={"200": TemplateOpened})
def opened(path: Coded, query: PlaceQuery) -> Response:
    """A template: its places and their fields, which fields there are, approvals and runs."""
    with audited_view(query.view_request) as view:
        answer = open_template(view, path.code, now=now())
    return json_answer(answer)


@outward_api.post("/outward/<code>", right=Action.OUTWARD_FILL, responses=_FILE)
def fill(path: Coded, query: PlaceQuery, body: SentFill) -> Response:
    """Fill a template, as of the day asked for: the file, which is kept nowhere."""
    return filled_answer(query.view_request, path.code, body.wanted)


@outward_api.post("/outward/<code>/round", right=Action.ROUNDS_DRAFT, responses={"201": GapRound})
def draft_of_gaps(path: Coded, query: PlaceQuery, body: SentGapRound) -> Response:
    """Draft a round that asks for what is empty in a table; nothing of the table is handed out."""
    with audited_view(query.view_request) as view:
        sent = gap_round(view, read_fill(view, path.code, body.wanted, now=now()), form=body.form)
    with writing_view(query.view_request) as view:
        answer: GapRound = {"id": draft_round(view, sent, now=now()), "count": len(sent.selector.ids or ())}
    return json_answer(answer, 201)


@outward_api.post("/outward/<code>/sheets", right=Action.OUTWARD_KEEP, responses={"200": KeptAnswer})
def change(path: Coded, query: PlaceQuery, body: SentSheets) -> Response:
    """Say which place is which field: a new version, for which approvals are asked anew."""
    sheets = [OutwardSheet(**sheet.model_dump()) for sheet in body.sheets]
    with writing_view(query.view_request) as view:
        form = change_sheets(view, path.code, sheets, now=now())
        answer: KeptAnswer = {"code": form.code, "number": form.number}
    return json_answer(answer)


@outward_api.post("/outward/<code>/close", right=Action.OUTWARD_KEEP, responses={"200": ClosedAnswer})
def close(path: Coded, query: PlaceQuery) -> Response:
    """Close a template."""
    with writing_view(query.view_request) as view:
        close_template(view, path.code, now=now())
    answer: ClosedAnswer = {"code": path.code}
    return json_answer(answer)


@outward_api.post("/outward/<code>/approvals", right=Action.OUTWARD_FILL, responses={"201": RequestedAnswer})
def ask(path: Coded, query: PlaceQuery, body: SentFill) -> Response:
    """Ask a second person to let a template with rows of persons be filled for an area."""
    with writing_view(query.view_request) as view:
        asked = ask_approval(view, path.code, body.wanted, now=now())
        answer: RequestedAnswer = {"ids": [row.id for row in asked]}
    return json_answer(answer, 201)


@outward_api.post(
    "/outward/<code>/approvals/<id>/approve",
    right=Action.OUTWARD_APPROVE,
    responses={"200": DecidedAnswer},
)
def approve(path: ApprovalPath, query: PlaceQuery) -> Response:
    """Let a template be filled for an area and 30 days; never by who asked."""
    return _decided(path, query, is_approved=True)


@outward_api.post(
    "/outward/<code>/approvals/<id>/decline",
    right=Action.OUTWARD_APPROVE,
    responses={"200": DecidedAnswer},
)
def decline(path: ApprovalPath, query: PlaceQuery) -> Response:
    """Don't let it be filled."""
    return _decided(path, query, is_approved=False)


def _decided(path: ApprovalPath, query: PlaceQuery, *, is_approved: bool) -> Response:
    with writing_view(query.view_request) as view:
        row = decide_approval(view, path.code, path.id, is_approved=is_approved, now=now())
        until = row.until.isoformat() if row.until else None
        answer: DecidedAnswer = {"id": row.id, "is_approved": is_approved, "until": until}
    return json_answer(answer)
