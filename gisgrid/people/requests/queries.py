"""Which households are to be asked, to be looked after, or left in peace until a day; scoped in the SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import case, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.areas.view import View
from gisgrid.people.core.models import DataRequest, DataRequestStep
from gisgrid.people.core.request_progress import progress_of, running_request
from gisgrid.people.core.request_rules import MANNERS, RequestState, may_ask
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.core.scope import answerable, answerable_household
from gisgrid.places.models import Household

PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A running request: the address, where it stands, and the days that count."""

    household: str
    address: str
    grid: str | None
    state: RequestState
    attempts: int
    remind_on: date | None
    ask_again_from: date | None
    is_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of a request; the name of who mediated is for those who may know the household."""

    at: datetime
    by: str | None
    outcome: str
    mediator_kind: str | None
    mediator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCourse:
    """The asking of one household: what may be done now, and what was done."""

    state: RequestState | None
    attempts: int
    most: int
    remind_on: date | None
    ask_again_from: date | None
    may_ask: bool
    steps: list[StepRow]


def list_requests(view: View, *, page: int = 1, now: datetime) -> tuple[list[RequestRow], int]:
    """Running requests of the households the actor may ask: what is due comes first, rest by its end.

    Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role asks nobody.
    """
    require(view.actor, Action.REQUESTS_WORK)
    running = (DataRequest.closed_at.is_(None), answerable(view))
    joined = (
        select(func.count())
        .select_from(DataRequest)
        .join(Household, Household.id == DataRequest.household_id)
    )
    total = view.session.scalar(joined.where(*running)) or 0
    order = case((DataRequest.state == RequestState.ENDED, 1), else_=0)
    statement = (
        select(DataRequest, Household.std_address, Household.cell_id)
        .join(Household, Household.id == DataRequest.household_id)
        .where(*running)
        .order_by(order, DataRequest.remind_on.asc().nulls_last(), Household.std_address)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    rows = [_row(view, *row) for row in view.session.execute(statement)]
    record(view.session, view.actor, "requests:list", "household", now=now, count=len(rows))
    return rows, total


def _row(view: View, request: DataRequest, address: str, cell_id: str | None) -> RequestRow:
    grid = view.division.grid_of(cell_id)
    return RequestRow(
        household=request.household_id,
        address=address,
        grid=(grid.name or grid.code) if grid else None,
        state=RequestState(request.state),
        attempts=request.attempts,
        remind_on=request.remind_on,
        ask_again_from=request.ask_again_from,
        is_due=request.remind_on is not None and request.remind_on <= view.when.day,
    )


def course_of(view: View, household_id: str) -> RequestCourse:
    """The asking of one household, for its page.

    Raises
    ------
    NotAllowed
        The role asks nobody.
    NotFound
        No such household within what the actor may ask.
    """
    require(view.actor, Action.REQUESTS_WORK)
    household = answerable_household(view, household_id)
    request = running_request(view.session, household.id)
    progress = progress_of(request) if request else None
    is_open = household.consent is None or household.consent in NO_CONSENT
    return RequestCourse(
        state=progress.state if progress else None,
        attempts=progress.attempts if progress else 0,
        most=MANNERS.attempts,
        remind_on=progress.remind_on if progress else None,
        ask_again_from=progress.ask_again_from if progress else None,
        may_ask=is_open and may_ask(progress, view.when.day),
        steps=_steps(view, household.id),
    )


def _steps(view: View, household_id: str) -> list[StepRow]:
    statement = (
        select(DataRequestStep, Account.name)
        .join(DataRequest, DataRequest.id == DataRequestStep.request_id)
        .outerjoin(Account, Account.id == DataRequestStep.account_id)
        .where(DataRequest.household_id == household_id)
        .order_by(DataRequestStep.at.desc(), DataRequestStep.id.desc())
    )
    return [
        StepRow(
            at=step.at,
            by=name,
            outcome=step.outcome,
            mediator_kind=step.mediator_kind,
            mediator=step.mediator,
        )
        for step, name in view.session.execute(statement)
    ]
