"""What is to be done at whose door until when, computed, and notes to it."""

from __future__ import annotations

from datetime import date

from flask import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.records.core.rules import TaskNoteKind
from gisgrid.records.lists.visits import (
    UnfinishedInGrid,
    UnfinishedVisit,
    unfinished_by_grid,
    unfinished_visits,
)
from gisgrid.records.work.notes import NoteInput, note_task
from gisgrid.records.work.overdue import OverdueRow, overdue_by_grid
from gisgrid.records.work.queries import WorkList, list_work
from web.answer_models import Rows
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now
from web.request_models import PlaceQuery, SentReason

work_api = Api("work", __name__, part=ApiPart.PEOPLE)


class WorkQuery(PlaceQuery):
    """Which community, and on which day."""

    day: date | None = Field(default=None, description="Today or a day up to a month ahead; default: today.")


class TaskPath(BaseModel):
    """A task by its key."""

    key: str = Field(max_length=160)


class SentTaskNote(BaseModel):
    """A note to a task: put off until a day, impossible for a reason, or given to somebody on duty there."""

    kind: TaskNoteKind
    until: date | None = None
    worker: str | None = Field(default=None, max_length=36)
    reason: str | None = Field(default=None, max_length=400)


class NoteAnswer(TypedDict):
    """The note that was kept."""

    id: str


@work_api.get("/work", right=Action.TASKS_VIEW, responses={"200": WorkList})
def work(query: WorkQuery) -> Response:
    """The tasks of the account on a day, late ones first, computed from rules, the register and records.

    Members have those of their own grids that no other visitor on duty there has; staff and heads those that
    nobody has; stewards and grid leaders those they were given or whose form names their duty.
    """
    with audited_view(query.view_request) as view:
        answer = list_work(view, day=query.day, now=now())
    return json_answer(answer)


@work_api.get("/work/overdue", right=Action.TASKS_VIEW, responses={"200": Rows[OverdueRow]})
def overdue(query: PlaceQuery) -> Response:
    """What is late in which grid, and why, for staff and heads: counts by grid, by code, never by person."""
    with audited_view(query.view_request) as view:
        rows = overdue_by_grid(view)
    return json_answer({"rows": rows})


@work_api.get("/work/visits", right=Action.TASKS_VIEW, responses={"200": Rows[UnfinishedVisit]})
def visits(query: PlaceQuery) -> Response:
    """Visits in five steps that wait for a step, of one's own grids, for members and staff."""
    with audited_view(query.view_request) as view:
        rows = unfinished_visits(view, now=now())
    return json_answer({"rows": rows})


@work_api.post("/work/visits", right=Action.TASKS_VIEW, reads=True, responses={"200": Rows[UnfinishedVisit]})
def visits_opened(query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads those of the community and is kept."""
    with audited_view(query.view_request) as view:
        rows = unfinished_visits(view, reason=body.reason, now=now())
    return json_answer({"rows": rows})


@work_api.get("/work/visits/grids", right=Action.TASKS_VIEW, responses={"200": Rows[UnfinishedInGrid]})
def visits_by_grid(query: PlaceQuery) -> Response:
    """How many visits wait in which grid and for what, for staff and heads; never by person."""
    with audited_view(query.view_request) as view:
        rows = unfinished_by_grid(view)
    return json_answer({"rows": rows})


@work_api.post("/tasks/<key>/note", right=Action.TASKS_VIEW, responses={"201": NoteAnswer})
def note(path: TaskPath, query: PlaceQuery, body: SentTaskNote) -> Response:
    """Note something to a task that waits: a task is put off once, by at most two weeks."""
    sent = NoteInput(kind=body.kind, until=body.until, worker=body.worker, reason=body.reason)
    with writing_view(query.view_request) as view:
        answer: NoteAnswer = {"id": note_task(view, path.key, sent, now=now())}
    return json_answer(answer, 201)
