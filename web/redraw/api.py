"""Plans: drawing who serves which cells, judging and publishing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View
from gisgrid.redraw import service as plan_service
from gisgrid.redraw import submission
from gisgrid.redraw.impact.answers import ImpactView
from gisgrid.redraw.impact.impact import impact, touched_grids
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.plans.list import MadePlan, PlanRow, list_plans, made_plan
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.publication import publish
from gisgrid.redraw.rules.acceptance import Accepted
from gisgrid.redraw.rules.checks import findings_of
from gisgrid.redraw.rules.rules import FindingRow
from gisgrid.redraw.views.changes import grids_before, moved_plots
from gisgrid.redraw.views.plan import CellChange, PlanView, changed_cells, plan_grids, plan_view
from gisgrid.redraw.withdrawal import withdraw
from web.answer_models import Rows, Shapes
from web.answers import feature_collection, json_answer, writing_view
from web.blueprints import Api
from web.context import now, services, view_of
from web.i18n import tell
from web.redraw.edits import SentEdit
from web.request_models import Identified, PlaceQuery, SentNothing

redraw_api = Api("redraw", __name__, part=ApiPart.PLANS)
_TEXT_LIMIT: Final = 4000


class EditedPlan(TypedDict):
    """What an edit, an undo or a redo changes."""

    plan: PlanView
    areas: Shapes
    cells: list[CellChange]
    findings: Rows[FindingRow]
    impact: ImpactView


class PlanChanges(TypedDict):
    """`areas`: touched grids without the plan (`code`); `plots`: what gets another grid (`from`, `to`)."""

    areas: Shapes
    plots: Shapes


class GoneThing(TypedDict):
    """Something that has been put away."""

    id: str


class PublishedPlan(TypedDict):
    """The revision a plan has become; `waits` where it holds from a later day on."""

    revision: int
    effective_at: str
    waits: bool
    memberships: int


class SentPlan(BaseModel):
    """A plan's name."""

    name: str = Field(max_length=200)


class SentNote(BaseModel):
    """A few words."""

    text: str = Field(default="", max_length=_TEXT_LIMIT)


class SentAccepted(BaseModel):
    """A warning that is taken into account: a rule, on one grid or on all."""

    rule: str = Field(max_length=10)
    grid: str | None = Field(default=None, max_length=60)


class SentWhy(BaseModel):
    """Why something is done."""

    reason: str = Field(max_length=_TEXT_LIMIT)


class SentPublishReason(BaseModel):
    """Why a plan is published, and for which warnings that is the reason (default: all there are)."""

    reason: str = Field(max_length=_TEXT_LIMIT)
    accepts: list[str | SentAccepted] | None = Field(default=None, max_length=500)
    effective: date | None = Field(default=None, description="In force from 00:00 of that day; default: now.")

    def accepted(self) -> list[Accepted] | None:
        """In the core's form."""
        if self.accepts is None:
            return None
        return [
            Accepted(rule=accept) if isinstance(accept, str) else Accepted(rule=accept.rule, grid=accept.grid)
            for accept in self.accepts
        ]


@redraw_api.get("/plans", right=Action.REDRAW_VIEW, responses={"200": Rows[PlanRow]})
def listing(query: PlaceQuery) -> Response:
    """Plans of the community that aren't put away, the newest first."""
    return json_answer({"rows": list_plans(view_of(query.view_request))})


@redraw_api.post("/plans", right=Action.REDRAW_EDIT, responses={"201": MadePlan})
def create(query: PlaceQuery, body: SentPlan) -> Response:
    """Open a plan on the revision in force."""
    with writing_view(query.view_request) as view:
        plan = store.new_plan(view, body.name, now=now())
        answer = made_plan(plan)
    return json_answer(answer, 201)


@redraw_api.get("/plans/<id>", right=Action.REDRAW_VIEW, responses={"200": PlanView})
def show(path: Identified, query: PlaceQuery) -> Response:
    """A plan with its edits and what may be done with it."""
    view = view_of(query.view_request)
    return json_answer(_view(view, _opened(view, path.id)))


@redraw_api.delete("/plans/<id>", right=Action.REDRAW_EDIT, responses={"200": GoneThing})
def discard(path: Identified, query: PlaceQuery) -> Response:
    """Put a plan away."""
    with writing_view(query.view_request) as view:
        decisions.discard(view, path.id, now=now())
    return json_answer({"id": path.id})


def _opened(view: View, plan_id: str) -> OpenPlan:
    return store.open_plan(view, plan_id, caches=services().cache)


def _view(view: View, opened: OpenPlan) -> PlanView:
    """The plan, with the warnings it was published in spite of in the reader's language."""
    answer = plan_view(view, opened)
    for note in answer["notes"]:
        note["accepted"] = [{**warning, "message": tell(warning["message"])} for warning in note["accepted"]]
    return answer


def _findings(view: View, opened: OpenPlan) -> list[FindingRow]:
    """What is out of order, in the reader's language."""
    rows = findings_of(view, opened)
    return [{**row, "message": tell(row["message"])} for row in rows]


def edited_answer(path: Identified, query: PlaceQuery, change: Callable[[View], OpenPlan]) -> Response:
    """What an edit, an undo or a redo answers: the changed grids and cells, findings and impact."""
    with writing_view(query.view_request) as view:
        before = _opened(view, path.id)
        after = change(view)
        grids = {*touched_grids(before.base, before.drawing), *touched_grids(after.base, after.drawing)}
        answer: EditedPlan = {
            "plan": _view(view, after),
            "areas": feature_collection(plan_grids(view, after, codes=sorted(grids))),
            "cells": changed_cells(view, after, before.drawing),
            "findings": {"rows": _findings(view, after)},
            "impact": impact(view, after.base, after.drawing),
        }
    return json_answer(answer)


@redraw_api.post("/plans/<id>/edits", right=Action.REDRAW_EDIT, responses={"200": EditedPlan})
def edit(path: Identified, query: PlaceQuery, body: SentEdit) -> Response:
    """Add an edit; each `op` has its fields, and one that is unknown is refused with its name.

    An edit after which everything would be as it is becomes no step of the plan: 422 where it is about
    cells, 409 where it is about a name, a lock, a duty or codes.

    `{"op": "transfer", "grid": CODE, "to": COMMUNITY, "parent": AREA}` gives a whole grid to the community
    beside this one, under an area there (default: that of the grid beside it). As for `outline`, a head draws
    it and those above both communities approve it; the impact tells what goes along under `transfers`.
    """
    op: dict[str, Any] = body.model_dump()
    cache, at = services().cache, now()
    return edited_answer(
        path, query, lambda view: plan_service.add_edit(view, path.id, op, caches=cache, now=at)
    )


@redraw_api.delete("/plans/<id>/edits/last", right=Action.REDRAW_EDIT, responses={"200": EditedPlan})
def undo(path: Identified, query: PlaceQuery) -> Response:
    """Take the last edit back."""
    return edited_answer(path, query, lambda view: plan_service.undo(view, path.id, caches=services().cache))


@redraw_api.post("/plans/<id>/edits/redo", right=Action.REDRAW_EDIT, responses={"200": EditedPlan})
def redo(path: Identified, query: PlaceQuery, body: SentNothing) -> Response:
    """Bring the edit back that was taken back last."""
    del body
    return edited_answer(path, query, lambda view: plan_service.redo(view, path.id, caches=services().cache))


@redraw_api.get("/plans/<id>/impact", right=Action.REDRAW_VIEW, responses={"200": ImpactView})
def show_impact(path: Identified, query: PlaceQuery) -> Response:
    """What the plan changes: counts before and after, and what changes hands."""
    view = view_of(query.view_request)
    opened = _opened(view, path.id)
    return json_answer(impact(view, opened.base, opened.drawing))


@redraw_api.get("/plans/<id>/changes", right=Action.REDRAW_VIEW, responses={"200": PlanChanges})
def changes(path: Identified, query: PlaceQuery) -> Response:
    """What the plan changes on the map: touched grids as they are without it, and plots that change hands."""
    opened = _opened(view_of(query.view_request), path.id)
    areas, plots = feature_collection(grids_before(opened)), feature_collection(moved_plots(opened))
    return json_answer({"areas": areas, "plots": plots})


@redraw_api.get("/plans/<id>/findings", right=Action.REDRAW_VIEW, responses={"200": Rows[FindingRow]})
def show_findings(path: Identified, query: PlaceQuery) -> Response:
    """What is out of order with the grids as the plan has them."""
    view = view_of(query.view_request)
    opened = _opened(view, path.id)
    return json_answer({"rows": _findings(view, opened)})


def _judge(path: Identified, query: PlaceQuery, act: Callable[[View], object]) -> Response:
    with writing_view(query.view_request) as view:
        act(view)
        answer = _view(view, _opened(view, path.id))
    return json_answer(answer)


def _submitted(view: View, plan_id: str, text: str) -> object:
    return submission.submit(view, plan_id, text, caches=services().cache, now=now())


def _approved(view: View, plan_id: str, text: str) -> object:
    return submission.approve(view, plan_id, text, caches=services().cache, now=now())


@redraw_api.post("/plans/<id>/submit", right=Action.REDRAW_EDIT, responses={"200": PlanView})
def submit(path: Identified, query: PlaceQuery, body: SentNote) -> Response:
    """Hand a plan in for approval."""
    return _judge(path, query, lambda view: _submitted(view, path.id, body.text))


@redraw_api.post("/plans/<id>/approve", right=Action.REDRAW_APPROVE, responses={"200": PlanView})
def approve(path: Identified, query: PlaceQuery, body: SentNote) -> Response:
    """Approve a plan that isn't one's own."""
    return _judge(path, query, lambda view: _approved(view, path.id, body.text))


@redraw_api.post("/plans/<id>/recall", right=Action.REDRAW_EDIT, responses={"200": PlanView})
def recall(path: Identified, query: PlaceQuery, body: SentNote) -> Response:
    """Take a submitted plan back that one drew; it is open again. 409 where it is decided by now."""
    return _judge(path, query, lambda view: submission.recall(view, path.id, body.text, now=now()))


@redraw_api.post("/plans/<id>/return", right=Action.REDRAW_APPROVE, responses={"200": PlanView})
def send_back(path: Identified, query: PlaceQuery, body: SentNote) -> Response:
    """Return a plan with a reason."""
    return _judge(path, query, lambda view: submission.send_back(view, path.id, body.text, now=now()))


@redraw_api.post("/plans/<id>/comments", right=Action.REDRAW_VIEW, responses={"200": PlanView})
def comment(path: Identified, query: PlaceQuery, body: SentNote) -> Response:
    """Say something about a plan."""
    return _judge(path, query, lambda view: submission.comment(view, path.id, body.text, now=now()))


@redraw_api.post("/plans/<id>/publish", right=Action.REDRAW_VIEW, responses={"200": PublishedPlan})
def publish_plan(path: Identified, query: PlaceQuery, body: SentPublishReason) -> Response:
    """Make a plan the division in force, at once or from a day to come."""
    with writing_view(query.view_request) as view:
        done = publish(
            view,
            path.id,
            body.reason,
            caches=services().cache,
            now=now(),
            effective=body.effective,
            accepts=body.accepted(),
        )
        answer: PublishedPlan = {
            "revision": done.revision.number,
            "effective_at": done.revision.effective_at.astimezone(view.tz).isoformat(timespec="seconds"),
            "waits": done.revision.effective_at > done.revision.published_at,
            "memberships": done.memberships,
        }
    return json_answer(answer)


@redraw_api.post("/plans/<id>/withdraw", right=Action.REDRAW_VIEW, responses={"200": PlanView})
def withdraw_plan(path: Identified, query: PlaceQuery, body: SentWhy) -> Response:
    """Take a published plan back that waits for its day; it is an approved plan again."""
    return _judge(path, query, lambda view: withdraw(view, path.id, body.reason, now=now()))
