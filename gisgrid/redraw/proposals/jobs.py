"""Asking for a proposal, looking at it, putting it away or taking it into the plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import Caches, View
from gisgrid.errors import Conflict, NotFound, Sentence, say
from gisgrid.geometry.balance import floor_of, floors_by_count
from gisgrid.redraw.plans.decisions import refuse_closed
from gisgrid.redraw.plans.store import OpenPlan, find_plan, open_plan
from gisgrid.redraw.proposals.answers import GridSuggestion, ProposalFigures, StoredSentence
from gisgrid.redraw.proposals.models import JobKind, JobState, ProposalJob
from gisgrid.redraw.proposals.solver import figures
from gisgrid.redraw.proposals.task import Task
from gisgrid.redraw.proposals.task_source import read_task
from gisgrid.redraw.proposals.wishes import ProposalWish
from gisgrid.redraw.service import add_edit
from gisgrid.storage.base import new_id

SILENCE: Final = timedelta(seconds=30)
"""A process that says nothing for so long is taken for dead."""
_KEPT: Final = timedelta(days=1)
_AROUND: Final = 5
_SUGGESTIONS: Final = 3
ACTIVE: Final = (JobState.QUEUED, JobState.RUNNING)


def ask(
    view: View, plan_id: str, wish: ProposalWish, *, caches: Caches, micro_grids: int, now: datetime
) -> ProposalJob:
    """Keep a wish to be worked out; what can be said before is told with it.

    ``told``: how many ``grids``, the ``floor`` (the greatest deviation nobody can better), ``notes`` why,
    ``suggestions`` (numbers of grids that fit better) where the floor is above the tolerance, and the
    figures ``before``. Starting it is somebody else's job: see `gisgrid.redraw.proposals.processes`.

    Raises
    ------
    InvalidInput
        There is no answer whatever the effort: one sentence says why.
    Conflict
        Another proposal for the plan is being worked out, or the plan is closed.
    """
    require(view.actor, Action.REDRAW_EDIT)
    opened = open_plan(view, plan_id, caches=caches, lock=True)
    refuse_closed(opened.plan)
    _refuse_second(view, plan_id, now=now)
    task = read_task(view, opened, wish, micro_grids=micro_grids)
    job = ProposalJob(
        id=new_id(),
        plan_id=plan_id,
        community_id=view.community.id,
        account_id=view.actor.account_id,
        kind=wish.kind,
        options=_options(wish),
        stand=stand_of(view, opened),
        told=before_solving(task),
        task=task.packed(),
        state=JobState.QUEUED,
        created_at=now,
    )
    view.session.add(job)
    view.session.flush()
    return job


def _options(wish: ProposalWish) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in ProposalWish.__dataclass_fields__}


def _refuse_second(view: View, plan_id: str, *, now: datetime) -> None:
    """One proposal at a time for a plan; old ones that nobody took are cleared away."""
    for job in view.session.scalars(
        select(ProposalJob).where(ProposalJob.plan_id == plan_id, ProposalJob.state.in_(ACTIVE))
    ):
        if not _is_silent(job, now=now):
            raise Conflict("a proposal for this plan is being worked out: wait for it or cancel it")
        job.state = JobState.FAILED
    view.session.flush()
    over = ProposalJob.state.not_in(ACTIVE) & (ProposalJob.created_at < now - _KEPT)
    view.session.execute(delete(ProposalJob).where(ProposalJob.plan_id == plan_id, over))


def before_solving(task: Task) -> ProposalFigures[StoredSentence]:
    """What can be said at once: the floor and why, numbers of grids that fit better, today's figures.

    Raises
    ------
    InvalidInput
        There is no answer.
    """
    today = figures(task, task.current)
    free = int(task.free.sum())
    if task.kind == JobKind.TIDY:
        return {
            "grids": task.grids,
            "before": today,
            "tolerance": task.tolerance,
            "floor": None,
            "notes": [],
            "suggestions": [],
            "free_cells": free,
        }
    floor = floor_of(task.problem())
    least = max(floor.deviation, floor.cell_bound)
    notes = [stored(note) for note in floor.notes(task.tolerance)]
    suggestions = [] if least <= task.tolerance else _suggestions(task, least)
    return {
        "grids": task.grids,
        "before": today,
        "tolerance": task.tolerance,
        "floor": least,
        "parts": len(floor.parts),
        "notes": notes,
        "suggestions": suggestions,
    }


def _suggestions(task: Task, least: float) -> list[GridSuggestion]:
    around = range(max(1, task.grids - _AROUND), task.grids + _AROUND + 1)
    floors = floors_by_count(task.problem(), around)
    best = sorted((floor, count) for count, floor in floors.items() if floor < least)[:_SUGGESTIONS]
    return [{"grids": count, "floor": floor} for floor, count in best]


def stored(sentence: Sentence) -> StoredSentence:
    """A sentence as JSON; `said` makes it a sentence again."""
    return {"template": sentence.template, "values": dict(sentence.values)}


def said(kept: Mapping[str, Any]) -> Sentence:
    """A sentence from its JSON."""
    return say(kept["template"], **kept["values"])


def stand_of(view: View, opened: OpenPlan) -> str:
    """What a plan stands on: its edits in force and the revision. Another stand is another plan."""
    parts = (view.version.revision, *(edit.id for edit in opened.edits))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def find_job(view: View, plan_id: str, job_id: str, *, now: datetime, lock: bool = False) -> ProposalJob:
    """A proposal for a plan. One whose process has died shows as failed.

    Raises
    ------
    NotFound
        No such plan or proposal.
    """
    require(view.actor, Action.REDRAW_EDIT)
    find_plan(view, plan_id)
    statement = select(ProposalJob).where(ProposalJob.id == job_id, ProposalJob.plan_id == plan_id)
    statement = statement.options(undefer(ProposalJob.result)).execution_options(populate_existing=True)
    job = view.session.scalar(statement.with_for_update() if lock else statement)
    if job is None:
        raise NotFound("no such proposal")
    if _is_silent(job, now=now):
        view.session.expunge(job)
        job.state = JobState.FAILED
        job.failure = dict(stored(say("the process that worked on it has stopped: ask again")))
    return job


def _is_silent(job: ProposalJob, *, now: datetime) -> bool:
    return job.state == JobState.RUNNING and (job.heartbeat is None or job.heartbeat < now - SILENCE)


def put_away(view: View, plan_id: str, job_id: str, *, now: datetime) -> None:
    """Cancel a proposal that is being worked out, or discard one that is done.

    Raises
    ------
    Conflict
        It is part of the plan already.
    """
    job = find_job(view, plan_id, job_id, now=now, lock=True)
    if job.state == JobState.ACCEPTED:
        raise Conflict("this proposal is part of the plan: undo the edit instead")
    kept = view.session.get(ProposalJob, job_id)
    if kept is not None:
        kept.state, kept.result = JobState.CANCELLED, None
        view.session.flush()


def accept(view: View, plan_id: str, job_id: str, *, caches: Caches, now: datetime) -> OpenPlan:
    """Take a proposal into the plan as one edit, by the same rules as every other.

    Raises
    ------
    Conflict
        It is not done, changes nothing, or the plan has been edited since it was asked for.
    """
    job = find_job(view, plan_id, job_id, now=now, lock=True)
    if job.state != JobState.DONE or job.result is None:
        raise Conflict("only a proposal that is done can be taken")
    if not job.result["owners"]:
        raise Conflict("this proposal changes nothing")
    if is_stale(view, open_plan(view, plan_id, caches=caches, lock=True), job):
        raise Conflict("the plan has been edited since this was proposed: ask for a new proposal")
    op = {"op": "assign", "by": job.kind, "owners": job.result["owners"], "opens": job.result["opens"]}
    opened = add_edit(view, plan_id, op, caches=caches, now=now)
    job.state = JobState.ACCEPTED
    view.session.flush()
    return opened


def is_stale(view: View, opened: OpenPlan, job: ProposalJob) -> bool:
    """Whether the plan is another than when the proposal was asked for."""
    return stand_of(view, opened) != job.stand
