"""Who visits a resident."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.welfare.queries import visitor_card
from gisgrid.welfare.rules import VisitorInput, VisitorKind
from gisgrid.welfare.service import assign_visitor, end_visitor
from web.answer_models import VisitorView
from web.answers import audited_look, json_answer, writing_look
from web.blueprints import Api
from web.context import now
from web.request_models import AskedPlace, Identified

visitors_api = Api("visitors", __name__, part=ApiPart.PEOPLE)


class SentVisitor(BaseModel):
    """A person on duty by the worker's id, or a volunteer or an organisation by name."""

    kind: VisitorKind
    worker: str | None = Field(default=None, max_length=36)
    name: str | None = Field(default=None, max_length=200)


@visitors_api.get("/residents/<id>/visitor", right=Action.VISITORS_VIEW, responses={"200": VisitorView})
def shown(path: Identified, query: AskedPlace) -> Response:
    """The visitor of a resident, the former ones, and who on duty in the community could be chosen.

    `near`: who serves the grid the resident lives in; they come first.
    """
    with audited_look(query.asked) as look:
        found = visitor_card(look, path.id, now=now())
    return json_answer(found)


@visitors_api.post("/residents/<id>/visitor", right=Action.VISITORS_ASSIGN, responses={"200": VisitorView})
def assigned(path: Identified, query: AskedPlace, body: SentVisitor) -> Response:
    """Say who visits from now on; the same visitor again settles what was to be agreed."""
    at = now()
    visitor = VisitorInput(kind=body.kind, worker=body.worker, name=body.name)
    with writing_look(query.asked) as look:
        assign_visitor(look, path.id, visitor, now=at)
        found = visitor_card(look, path.id, now=at)
    return json_answer(found)


@visitors_api.delete("/residents/<id>/visitor", right=Action.VISITORS_ASSIGN, responses={"200": VisitorView})
def ended(path: Identified, query: AskedPlace) -> Response:
    """Nobody visits from now on; who did stays in the history."""
    at = now()
    with writing_look(query.asked) as look:
        end_visitor(look, path.id, now=at)
        found = visitor_card(look, path.id, now=at)
    return json_answer(found)
