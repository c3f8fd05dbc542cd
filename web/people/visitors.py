"""Who visits a resident."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.welfare.queries import VisitorCard, visitor_card
from gisgrid.welfare.rules import VisitorInput, VisitorKind
from gisgrid.welfare.service import assign_visitor, end_visitor
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.request_models import Identified, PlaceQuery

visitors_api = Api("visitors", __name__, part=ApiPart.PEOPLE)


class SentVisitor(BaseModel):
    """A person on duty by the worker's id, or a volunteer or an organisation by name."""

    kind: VisitorKind
    worker: str | None = Field(default=None, max_length=36)
    name: str | None = Field(default=None, max_length=200)


@visitors_api.get("/residents/<id>/visitor", right=Action.VISITORS_VIEW, responses={"200": VisitorCard})
def shown(path: Identified, query: PlaceQuery) -> Response:
    """The visitor of a resident, the former ones, and who on duty in the community could be chosen.

    `near`: who serves the grid the resident lives in; they come first.
    """
    with audited_view(query.view_request) as view:
        card = visitor_card(view, path.id, now=now())
    return json_answer(card)


@visitors_api.post("/residents/<id>/visitor", right=Action.VISITORS_ASSIGN, responses={"200": VisitorCard})
def assigned(path: Identified, query: PlaceQuery, body: SentVisitor) -> Response:
    """Say who visits from now on; the same visitor again settles what was to be agreed."""
    at = now()
    visitor = VisitorInput(kind=body.kind, worker=body.worker, name=body.name)
    with writing_view(query.view_request) as view:
        assign_visitor(view, path.id, visitor, now=at)
        card = visitor_card(view, path.id, now=at)
    return json_answer(card)


@visitors_api.delete("/residents/<id>/visitor", right=Action.VISITORS_ASSIGN, responses={"200": VisitorCard})
def ended(path: Identified, query: PlaceQuery) -> Response:
    """Nobody visits from now on; who did stays in the history."""
    at = now()
    with writing_view(query.view_request) as view:
        end_visitor(view, path.id, now=at)
        card = visitor_card(view, path.id, now=at)
    return json_answer(card)
