"""Moving a household's request on, and the rest that a refusal gives it. Asks no right."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, say
from gisgrid.people.core.models import DataRequest, DataRequestStep
from gisgrid.people.core.request_rules import (
    RUNNING,
    Mediator,
    RequestOutcome,
    RequestProgress,
    RequestState,
    after,
    may_ask,
)
from gisgrid.storage.base import new_id


def running_request(session: Session, household_id: str) -> DataRequest | None:
    """The request of a household that isn't closed."""
    statement = select(DataRequest).where(
        DataRequest.household_id == household_id, DataRequest.closed_at.is_(None)
    )
    return session.scalar(statement)


def progress_of(request: DataRequest) -> RequestProgress:
    """Where a request stands, for the rules."""
    return RequestProgress(
        state=RequestState(request.state),
        attempts=request.attempts,
        remind_on=request.remind_on,
        ask_again_from=request.ask_again_from,
    )


def check_rest(view: View, household_id: str) -> None:
    """Refuse to ask a household that rests, or that has refused as often as one may ask.

    Raises
    ------
    Conflict
        It does; the sentence says until when.
    """
    request = running_request(view.session, household_id)
    if request is None or may_ask(progress_of(request), view.when.day):
        return
    if request.state == RequestState.ENDED:
        raise Conflict(
            "this household has said no often enough: it is not asked again, it may come by itself"
        )
    again = request.ask_again_from
    raise Conflict(say("this household has refused and is not asked again before {day}", day=again))


def take_step(
    view: View,
    household_id: str,
    outcome: RequestOutcome,
    *,
    mediator_kind: Mediator | None = None,
    mediator: str | None = None,
    now: datetime,
) -> DataRequest:
    """Note a step of a household's request, opening one where none runs, and move the request on."""
    request = running_request(view.session, household_id) or _opened(view, household_id, now=now)
    today = day_of(now, view.tz)
    moved = after(progress_of(request), outcome, today)
    request.state, request.attempts = moved.state, moved.attempts
    request.remind_on, request.ask_again_from = moved.remind_on, moved.ask_again_from
    if moved.state not in RUNNING:
        request.closed_at = now
    step = DataRequestStep(
        id=new_id(),
        request_id=request.id,
        at=now,
        account_id=view.actor.account_id,
        outcome=outcome,
        mediator_kind=mediator_kind,
        mediator=mediator,
    )
    view.session.add(step)
    view.session.flush()
    return request


def _opened(view: View, household_id: str, *, now: datetime) -> DataRequest:
    request = DataRequest(
        id=new_id(),
        household_id=household_id,
        state=RequestState.OPEN,
        attempts=0,
        opened_at=now,
        opened_by=view.actor.account_id,
    )
    view.session.add(request)
    view.session.flush()
    return request
