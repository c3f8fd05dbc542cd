"""Plans: drawing who serves which cells, judging and publishing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import Look
from gisgrid.redraw import service as plan_service
from gisgrid.redraw import submission
from gisgrid.redraw.impact.impact import impact, touched_grids
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.plans.list import list_plans
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.publication import publish
from gisgrid.redraw.rules.acceptance import Accepted
from gisgrid.redraw.rules.checks import findings_of
from gisgrid.redraw.views.changes import grids_before, moved_plots
from gisgrid.redraw.views.plan import changed_cells, plan_grids, plan_view
from gisgrid.redraw.withdrawal import withdraw
from web.answer_models import (
    EditedPlan,
    FindingRows,
    GoneThing,
    ImpactView,
    MadePlan,
    PlanChanges,
    PlanRows,
    PlanView,
    PublishedPlan,
)
from web.answers import feature_collection, json_answer, writing_look
from web.blueprints import Api
from web.context import look_at, now, services
from web.i18n import tell
from web.redraw.edits import SentEdit
from web.request_models import AskedPlace, Identified, SentNothing

redraw_api = Api("redraw", __name__, part=ApiPart.PLANS)
_TEXT_LIMIT: Final = 4000


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
            Accepted(rule=one) if isinstance(one, str) else Accepted(rule=one.rule, grid=one.grid)
            for one in self.accepts
        ]


@redraw_api.get("/plans", right=Action.REDRAW_VIEW, responses={"200": PlanRows})
def listing(query: AskedPlace) -> Response:
    """Plans of the community that aren't put away, the newest first."""
    return json_answer({"rows": list_plans(look_at(query.asked))})


@redraw_api.post("/plans", right=Action.REDRAW_EDIT, responses={"201": MadePlan})
def create(query: AskedPlace, body: SentPlan) -> Response:
    """Open a plan on the revision in force."""
    with writing_look(query.asked) as look:
        plan = store.new_plan(look, body.name, now=now())
        answer = {"id": plan.id, "revision": plan.base_revision, "name": plan.name, "state": plan.state}
    return json_answer(answer, 201)


@redraw_api.get("/plans/<id>", right=Action.REDRAW_VIEW, responses={"200": PlanView})
def show(path: Identified, query: AskedPlace) -> Response:
    """A plan with its edits and what may be done with it."""
    look = look_at(query.asked)
    return json_answer(_view(look, _opened(look, path.id)))


@redraw_api.delete("/plans/<id>", right=Action.REDRAW_EDIT, responses={"200": GoneThing})
def discard(path: Identified, query: AskedPlace) -> Response:
    """Put a plan away."""
    with writing_look(query.asked) as look:
        decisions.discard(look, path.id, now=now())
    return json_answer({"id": path.id})


def _opened(look: Look, plan_id: str) -> OpenPlan:
    return store.open_plan(look, plan_id, caches=services().cache)


def _view(look: Look, opened: OpenPlan) -> dict[str, Any]:
    """The plan, with the warnings it was published in spite of in the reader's language."""
    view = plan_view(look, opened)
    for note in view["notes"]:
        note["accepted"] = [{**one, "message": tell(one["message"])} for one in note["accepted"]]
    return view


def _findings(look: Look, opened: OpenPlan) -> list[dict[str, Any]]:
    """What is out of order, in the reader's language."""
    rows = findings_of(look, opened)
    return [{**row, "message": tell(row["message"])} for row in rows]


def edited_answer(path: Identified, query: AskedPlace, change: Callable[[Look], OpenPlan]) -> Response:
    """What an edit, an undo or a redo answers: the changed grids and cells, findings and impact."""
    with writing_look(query.asked) as look:
        before = _opened(look, path.id)
        after = change(look)
        grids = {*touched_grids(before.base, before.drawing), *touched_grids(after.base, after.drawing)}
        answer = {
            "plan": _view(look, after),
            "areas": feature_collection(plan_grids(look, after, codes=sorted(grids))),
            "cells": changed_cells(look, after, before.drawing),
            "findings": {"rows": _findings(look, after)},
            "impact": impact(look, after.base, after.drawing),
        }
    return json_answer(answer)


@redraw_api.post("/plans/<id>/edits", right=Action.REDRAW_EDIT, responses={"200": EditedPlan})
def edit(path: Identified, query: AskedPlace, body: SentEdit) -> Response:
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
        path, query, lambda look: plan_service.add_edit(look, path.id, op, caches=cache, now=at)
    )


@redraw_api.delete("/plans/<id>/edits/last", right=Action.REDRAW_EDIT, responses={"200": EditedPlan})
def undo(path: Identified, query: AskedPlace) -> Response:
    """Take the last edit back."""
    return edited_answer(path, query, lambda look: plan_service.undo(look, path.id, caches=services().cache))


@redraw_api.post("/plans/<id>/edits/redo", right=Action.REDRAW_EDIT, responses={"200": EditedPlan})
def redo(path: Identified, query: AskedPlace, body: SentNothing) -> Response:
    """Bring the edit back that was taken back last."""
    del body
    return edited_answer(path, query, lambda look: plan_service.redo(look, path.id, caches=services().cache))


@redraw_api.get("/plans/<id>/impact", right=Action.REDRAW_VIEW, responses={"200": ImpactView})
def show_impact(path: Identified, query: AskedPlace) -> Response:
    """What the plan changes: counts before and after, and what changes hands."""
    look = look_at(query.asked)
    opened = _opened(look, path.id)
    return json_answer(impact(look, opened.base, opened.drawing))


@redraw_api.get("/plans/<id>/changes", right=Action.REDRAW_VIEW, responses={"200": PlanChanges})
def changes(path: Identified, query: AskedPlace) -> Response:
    """What the plan changes on the map: touched grids as they are without it, and plots that change hands."""
    opened = _opened(look_at(query.asked), path.id)
    areas, plots = feature_collection(grids_before(opened)), feature_collection(moved_plots(opened))
    return json_answer({"areas": areas, "plots": plots})


@redraw_api.get("/plans/<id>/findings", right=Action.REDRAW_VIEW, responses={"200": FindingRows})
def show_findings(path: Identified, query: AskedPlace) -> Response:
    """What is out of order with the grids as the plan has them."""
    look = look_at(query.asked)
    opened = _opened(look, path.id)
    return json_answer({"rows": _findings(look, opened)})


def _judge(path: Identified, query: AskedPlace, act: Callable[[Look], object]) -> Response:
    with writing_look(query.asked) as look:
        act(look)
        answer = _view(look, _opened(look, path.id))
    return json_answer(answer)


def _submitted(look: Look, plan_id: str, text: str) -> object:
    return submission.submit(look, plan_id, text, caches=services().cache, now=now())


def _approved(look: Look, plan_id: str, text: str) -> object:
    return submission.approve(look, plan_id, text, caches=services().cache, now=now())


@redraw_api.post("/plans/<id>/submit", right=Action.REDRAW_EDIT, responses={"200": PlanView})
def submit(path: Identified, query: AskedPlace, body: SentNote) -> Response:
    """Hand a plan in for approval."""
    return _judge(path, query, lambda look: _submitted(look, path.id, body.text))


@redraw_api.post("/plans/<id>/approve", right=Action.REDRAW_APPROVE, responses={"200": PlanView})
def approve(path: Identified, query: AskedPlace, body: SentNote) -> Response:
    """Approve a plan that isn't one's own."""
    return _judge(path, query, lambda look: _approved(look, path.id, body.text))


@redraw_api.post("/plans/<id>/recall", right=Action.REDRAW_EDIT, responses={"200": PlanView})
def recall(path: Identified, query: AskedPlace, body: SentNote) -> Response:
    """Take a submitted plan back that one drew; it is open again. 409 where it is decided by now."""
    return _judge(path, query, lambda look: submission.recall(look, path.id, body.text, now=now()))


@redraw_api.post("/plans/<id>/return", right=Action.REDRAW_APPROVE, responses={"200": PlanView})
def send_back(path: Identified, query: AskedPlace, body: SentNote) -> Response:
    """Return a plan with a reason."""
    return _judge(path, query, lambda look: submission.send_back(look, path.id, body.text, now=now()))


@redraw_api.post("/plans/<id>/comments", right=Action.REDRAW_VIEW, responses={"200": PlanView})
def comment(path: Identified, query: AskedPlace, body: SentNote) -> Response:
    """Say something about a plan."""
    return _judge(path, query, lambda look: submission.comment(look, path.id, body.text, now=now()))


@redraw_api.post("/plans/<id>/publish", right=Action.REDRAW_VIEW, responses={"200": PublishedPlan})
def publish_plan(path: Identified, query: AskedPlace, body: SentPublishReason) -> Response:
    """Make a plan the division in force, at once or from a day to come."""
    with writing_look(query.asked) as look:
        done = publish(
            look,
            path.id,
            body.reason,
            caches=services().cache,
            now=now(),
            effective=body.effective,
            accepts=body.accepted(),
        )
        answer = {
            "revision": done.revision.number,
            "effective_at": done.revision.effective_at.astimezone(look.tz).isoformat(timespec="seconds"),
            "memberships": done.memberships,
        }
    return json_answer(answer)


@redraw_api.post("/plans/<id>/withdraw", right=Action.REDRAW_VIEW, responses={"200": PlanView})
def withdraw_plan(path: Identified, query: AskedPlace, body: SentWhy) -> Response:
    """Take a published plan back that waits for its day; it is an approved plan again."""
    return _judge(path, query, lambda look: withdraw(look, path.id, body.reason, now=now()))
