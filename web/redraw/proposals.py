"""Proposals for a plan: asked for, worked out in the background, looked at, accepted or put away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, cast

from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View
from gisgrid.geometry.edits.assignment import opened_codes
from gisgrid.redraw.impact.impact import grid_names
from gisgrid.redraw.plans import store
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.proposals import jobs
from gisgrid.redraw.proposals.answers import (
    CurvePoint,
    Note,
    ProposalChanges,
    ProposalFigures,
    ProposedGrid,
    SolvedProposal,
    StoredSentence,
)
from gisgrid.redraw.proposals.models import JobKind, JobState, ProposalJob
from gisgrid.redraw.proposals.processes import start_waiting
from gisgrid.redraw.proposals.wishes import Barriers, BarrierSource, FewChanges, ProposalWish, Start
from web.answers import json_answer, writing_view
from web.blueprints import Api
from web.context import close_reading, now, services, view_of
from web.i18n import tell
from web.redraw.api import EditedPlan, edited_answer
from web.request_models import Identified, PlaceQuery, SentNothing

proposals_api = Api("proposals", __name__, part=ApiPart.PLANS)


class ProposalAnswer(ProposalFigures[Note], Generic[Note]):
    """A proposal that is being worked out, and what can be said before."""

    job: str


class GoneProposal(TypedDict):
    """A proposal that has been put away."""

    job: str
    state: str


class ShownGrid(ProposedGrid):
    """A grid of a proposal, by the code and the name it gets."""

    is_new: bool
    name: str


class ProposalResult(ProposalChanges[Note], Generic[Note]):
    """What a proposal would change."""

    grids: list[ShownGrid]
    curve: list[CurvePoint] | None


class ProposalView(ProposalAnswer[Note], Generic[Note]):
    """How far a proposal is; `result` when it is done."""

    kind: str
    state: str
    progress: Annotated[float, Field(description="0 to 1")]
    options: dict[str, Any]
    is_stale: bool
    message: str | None
    result: ProposalResult[Note] | None


class SentWish(BaseModel):
    """What is to be proposed."""

    model_config = ConfigDict(extra="forbid")

    kind: JobKind = JobKind.BALANCE
    start: Start = Start.CURRENT
    grids: int | None = Field(default=None, ge=1, le=2000, description="Default: as many as there are.")
    norm: float | None = Field(default=None, gt=0, le=100_000, description="Households a grid.")
    scope: list[str] = Field(default=[], max_length=2000, description="Grids by code. Default: all unlocked.")
    compound: str | None = Field(default=None, max_length=120, description="A compound's id or name.")
    barriers: Barriers = Barriers.IGNORE
    barriers_from: list[BarrierSource] = [BarrierSource.COMPOUNDS]
    few_changes: FewChanges = FewChanges.BALANCED
    tolerance: float = Field(default=0.03, ge=0.005, le=0.5)
    seed: int = Field(default=1, ge=0, le=2**31)
    grid: str | None = Field(default=None, max_length=60, description="Which grid gets micro grids.")
    parts: int | None = Field(default=None, ge=2, le=200, description="How many micro grids.")
    curve: bool = Field(default=False, description="Also what would change hands at other tolerances.")

    def wish(self) -> ProposalWish:
        """In the core's form."""
        wish = self.model_dump()
        return ProposalWish(**wish | {"scope": tuple(self.scope), "barriers_from": tuple(self.barriers_from)})


class JobPath(Identified):
    """A proposal of a plan."""

    job: str = Field(max_length=36)


@proposals_api.post("/plans/<id>/proposals", right=Action.REDRAW_EDIT, responses={"202": ProposalAnswer[str]})
def ask(path: Identified, query: PlaceQuery, body: SentWish) -> Response:
    """Ask for a proposal: balanced grids, micro grids of one grid, or straighter borders.

    What nobody can better (the floor) is told at once, the rest when it is done.
    """
    site = services()
    with writing_view(query.view_request) as view:
        job = jobs.ask(
            view,
            path.id,
            body.wish(),
            caches=site.cache,
            micro_grids=site.settings.micro_grids,
            now=now(),
        )
        answer: ProposalAnswer[str] = {"job": job.id, **_describe(job)}
    start_waiting(site.database, now=now())
    return json_answer(answer, 202)


@proposals_api.get(
    "/plans/<id>/proposals/<job>", right=Action.REDRAW_EDIT, responses={"200": ProposalView[str]}
)
def show(path: JobPath, query: PlaceQuery) -> Response:
    """How far a proposal is; when it is done, what it would change."""
    site = services()
    if _waits(path, query, at=now()):
        close_reading()  # else it would go on showing the state before
        start_waiting(site.database, now=now())
    return json_answer(_answer(view_of(query.view_request), path))


def _waits(path: JobPath, query: PlaceQuery, *, at: datetime) -> bool:
    job = jobs.find_job(view_of(query.view_request), path.id, path.job, now=at)
    return job.state == JobState.QUEUED


@proposals_api.delete(
    "/plans/<id>/proposals/<job>", right=Action.REDRAW_EDIT, responses={"200": GoneProposal}
)
def put_away(path: JobPath, query: PlaceQuery) -> Response:
    """Cancel a proposal, or discard one that is done."""
    with writing_view(query.view_request) as view:
        jobs.put_away(view, path.id, path.job, now=now())
    start_waiting(services().database, now=now())
    return json_answer({"job": path.job, "state": JobState.CANCELLED})


@proposals_api.post(
    "/plans/<id>/proposals/<job>/accept", right=Action.REDRAW_EDIT, responses={"200": EditedPlan}
)
def accept(path: JobPath, query: PlaceQuery, body: SentNothing) -> Response:
    """Take a proposal into the plan as one edit; it can be undone like every other."""
    del body
    caches, at = services().cache, now()
    return edited_answer(
        path, query, lambda view: jobs.accept(view, path.id, path.job, caches=caches, now=at)
    )


def _answer(view: View, path: JobPath) -> ProposalView[str]:
    job = jobs.find_job(view, path.id, path.job, now=now())
    opened = store.open_plan(view, path.id, caches=services().cache)
    is_stale = job.state == JobState.DONE and jobs.is_stale(view, opened, job)
    return {
        "job": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "options": job.options,
        "is_stale": is_stale,
        "message": tell(jobs.said(job.failure)) if job.failure else None,
        **_describe(job),
        "result": None if job.result is None else _result(view, opened, job, is_stale=is_stale),
    }


def _describe(job: ProposalJob) -> ProposalFigures[str]:
    """What was known before, in the reader's language."""
    figures = cast("ProposalFigures[StoredSentence]", job.told)
    return {**figures, "notes": [tell(jobs.said(note)) for note in figures["notes"]]}


def _result(view: View, opened: OpenPlan, job: ProposalJob, *, is_stale: bool) -> ProposalResult[str]:
    """The proposal with the codes that new grids get; a stale one keeps their keys (+1, +2, …)."""
    kept = cast("SolvedProposal", job.result)
    codes = {} if is_stale else opened_codes(opened.drawing.ground, kept["opens"])
    names = grid_names(view, opened.drawing)
    grids: list[ShownGrid] = []
    for row in kept["grids"]:
        code = codes.get(row["code"], row["code"])
        is_new = row["code"] in kept["opens"]
        grids.append({**row, "code": code, "is_new": is_new, "name": names.get(code, code)})
    return {
        "before": kept["before"],
        "after": kept["after"],
        "moved_cells": kept["moved_cells"],
        "moved_households": kept["moved_households"],
        "closes": kept["closes"],
        "grids": grids,
        "cells": {cell: codes.get(code, code) for cell, code in kept["cells"].items()},
        "notes": [tell(jobs.said(note)) for note in kept["notes"]],
        "digest": kept["digest"],
        "curve": kept.get("curve"),
    }
