"""The divisions there have been: what each changed, and laying one over today's cells again as a plan."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.answers import WithdrawnRow
from gisgrid.areas.revisions import list_withdrawn
from gisgrid.areas.view import View
from gisgrid.figures.history import RevisionRow, revision_history
from gisgrid.redraw.plans.list import MadePlan, made_plan
from gisgrid.redraw.restoration import Reopened, restore
from web.answer_models import UNCHANGED
from web.answers import fresh_answer, json_answer, writing_view
from web.blueprints import Api
from web.context import now, services, view_of
from web.request_models import PlaceQuery

revisions_api = Api("revisions", __name__, part=ApiPart.MAPS)


class RevisionHistory(TypedDict):
    """The divisions there have been, and what was withdrawn, each with the newest first."""

    rows: list[RevisionRow]
    withdrawn: list[WithdrawnRow]


class RestoredPlan(MadePlan):
    """A plan that lays a revision over today's cells."""

    restores: int
    reopened: list[Reopened]


class Numbered(BaseModel):
    """A revision by its number."""

    number: int = Field(ge=1, le=1_000_000)


class SentName(BaseModel):
    """The name of the new plan; without one it is called after the revision."""

    name: str | None = Field(default=None, max_length=200)


@revisions_api.get("/revisions", right=Action.AREAS_VIEW, responses={"200": RevisionHistory, **UNCHANGED})
def revisions(query: PlaceQuery) -> Response:
    """Every division there has been, the newest first, with what it changed; and what waits for its day.

    `withdrawn`: scheduled ones that were taken back before their day, with who did so, when and why. They
    are no divisions: nothing can be asked for by their numbers, which are not given again.
    """
    view = view_of(query.view_request)
    return fresh_answer(view, Action.AREAS_VIEW, lambda: _history(view))


def _history(view: View) -> RevisionHistory:
    return {"rows": revision_history(view), "withdrawn": list_withdrawn(view)}


@revisions_api.post(
    "/revisions/<int:number>/restore", right=Action.REDRAW_EDIT, responses={"201": RestoredPlan}
)
def restore_revision(path: Numbered, query: PlaceQuery, body: SentName) -> Response:
    """A new plan that gives every cell to the grid that held it in a revision.

    `reopened` names the grids that are closed today: they come back under a new code.
    """
    with writing_view(query.view_request) as view:
        done = restore(view, path.number, caches=services().cache, now=now(), name=body.name)
        answer: RestoredPlan = {
            **made_plan(done.plan),
            "restores": path.number,
            "reopened": list(done.reopened),
        }
    return json_answer(answer, 201)
