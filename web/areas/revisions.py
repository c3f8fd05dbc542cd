"""The divisions there have been: what each changed, and laying one over today's cells again as a plan."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.revisions import list_withdrawn
from gisgrid.areas.view import Look
from gisgrid.figures.history import revision_history
from gisgrid.redraw.restoration import restore
from web.answer_models import UNCHANGED, RestoredPlan, RevisionRows
from web.answers import fresh_answer, json_answer, writing_look
from web.blueprints import Api
from web.context import look_at, now, services
from web.request_models import AskedPlace

revisions_api = Api("revisions", __name__, part=ApiPart.MAPS)


class Numbered(BaseModel):
    """A revision by its number."""

    number: int = Field(ge=1, le=1_000_000)


class SentName(BaseModel):
    """The name of the new plan; without one it is called after the revision."""

    name: str | None = Field(default=None, max_length=200)


@revisions_api.get("/revisions", right=Action.AREAS_VIEW, responses={"200": RevisionRows, **UNCHANGED})
def revisions(query: AskedPlace) -> Response:
    """Every division there has been, the newest first, with what it changed; and what waits for its day.

    `withdrawn`: scheduled ones that were taken back before their day, with who did so, when and why. They
    are no divisions: nothing can be asked for by their numbers, which are not given again.
    """
    look = look_at(query.asked)
    return fresh_answer(look, Action.AREAS_VIEW, lambda: _history(look))


def _history(look: Look) -> dict[str, Any]:
    return {"rows": revision_history(look), "withdrawn": list_withdrawn(look)}


@revisions_api.post(
    "/revisions/<int:number>/restore", right=Action.REDRAW_EDIT, responses={"201": RestoredPlan}
)
def restore_revision(path: Numbered, query: AskedPlace, body: SentName) -> Response:
    """A new plan that gives every cell to the grid that held it in a revision.

    `reopened` names the grids that are closed today: they come back under a new code.
    """
    with writing_look(query.asked) as look:
        done = restore(look, path.number, caches=services().cache, now=now(), name=body.name)
        plan = done.plan
        answer = {
            "id": plan.id,
            "revision": plan.base_revision,
            "name": plan.name,
            "state": plan.state,
            "restores": path.number,
            "reopened": [asdict(one) for one in done.reopened],
        }
    return json_answer(answer, 201)
