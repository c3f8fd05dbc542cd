"""What a step is given, and whether that is all it needs; every fault is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select

from gisgrid.access.models import Account, AccountScope, Duty, Worker
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import GIVEN_CHANNELS, CaseSnapshot, Resolution, Supervision
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.routes import against_giving, against_helping, proposed_handler
from gisgrid.cases.core.rules import parse_case_number
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.core.store import log_details
from gisgrid.cases.core.workflow import CaseAction, CaseState, Requirement, WorkflowStep
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.places.models import Building
from gisgrid.storage.base import valid_at

MOST_TEXT: Final = 4000
_MOST_STARS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInput:
    """What comes with a step; each step takes what it needs.

    ``handler`` and ``worker`` are ids of people on duty, ``duplicate_of`` the id or number of another case;
    ``speed`` and ``effect`` are 1 to 5; ``settled_at`` is when it was settled, where it is noted later.
    ``keeps_handler``: what is started stays with whom it was given to.
    """

    reason: str = ""
    result: str = ""
    feedback: str | None = None
    feedback_at: datetime | None = None
    settled_at: datetime | None = None
    handler: str | None = None
    worker: str | None = None
    due: datetime | None = None
    duplicate_of: str | None = None
    speed: int | None = None
    effect: int | None = None
    kind: str | None = None
    keeps_handler: bool = False


@dataclass(slots=True, kw_only=True)
class CheckedStep:
    """The text and the details a step leaves in the log; ``faults`` where something is missing."""

    text: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, message: str, name: str) -> None:
        """One more thing that is missing or wrong."""
        self.faults.append(Fault(message=message, field=name))


@dataclass(frozen=True, kw_only=True)
class StepRequest:
    """A step that is about to be taken."""

    view: View
    case: Case
    snapshot: CaseSnapshot
    step: WorkflowStep
    given: StepInput
    at: datetime


def checked(asking: StepRequest) -> CheckedStep:
    """Text and details of a step.

    Raises
    ------
    InvalidInput
        Everything the step needs and isn't given, or that is wrong, at once.
    """
    checked_step = CheckedStep(text=asking.given.reason.strip() or None)
    if len(asking.given.reason) > MOST_TEXT:
        checked_step.refuse(say("a text has 1 to {most} characters", most=MOST_TEXT), "reason")
    for need in asking.step.needs:
        _CHECKS[need](asking, checked_step)
    if checked_step.faults:
        raise InvalidInput(checked_step.faults)
    return checked_step


def _reason(asking: StepRequest, checked_step: CheckedStep) -> None:
    del asking
    if checked_step.text is None:
        checked_step.refuse(say("this step needs a reason"), "reason")


def _result(asking: StepRequest, checked_step: CheckedStep) -> None:
    result = asking.given.result.strip()
    if len(result) > MOST_TEXT:
        checked_step.refuse(say("a text has 1 to {most} characters", most=MOST_TEXT), "result")
    checked_step.text = result or asking.snapshot.result
    if checked_step.text is None:
        checked_step.refuse(say("a case is closed with its result"), "result")


def _feedback(asking: StepRequest, checked_step: CheckedStep) -> None:
    """How and when the person served was told.

    Where that was waited for, it is asked for; who closes a case otherwise and says nothing of it has told
    nobody yet, as far as is known.
    """
    given, snapshot = asking.given, asking.snapshot
    is_closing = asking.step.action is CaseAction.CLOSE
    if given.feedback is not None:
        if given.feedback not in GIVEN_CHANNELS:
            checked_step.refuse(say("there is no such way of feedback"), "feedback")
    elif not is_closing or given.feedback_at is not None or _is_awaited(snapshot):
        checked_step.refuse(say("say how the person served was told, or that nobody is known"), "feedback")
    for name, moment in (("feedback_at", given.feedback_at), ("settled_at", given.settled_at)):
        if moment is not None and not asking.case.reported_at <= moment <= asking.at:
            checked_step.refuse(say("this lies between the report and now"), name)
    if given.feedback is not None:
        at = given.feedback_at or given.settled_at or asking.at
        checked_step.details |= log_details(channel=given.feedback, told_at=at)
    if is_closing:
        at_once = snapshot.state in (CaseState.REPORTED, CaseState.ACCEPTED)
        how = Resolution.ON_SPOT if at_once else Resolution.HANDLED
        checked_step.details |= log_details(resolution=how.value, settled_at=given.settled_at or asking.at)


def _is_awaited(snapshot: CaseSnapshot) -> bool:
    """Whether a case waits for the person served to be told."""
    return snapshot.feedback_channel is None and snapshot.state in (CaseState.FEEDBACK, CaseState.CHECKING)


def _handler(asking: StepRequest, checked_step: CheckedStep) -> None:
    worker_id = asking.given.handler
    worker = worker_id or proposed_handler(asking.view, asking.case, now=asking.at)
    if worker is None:
        message = say("nobody who can open the case serves its grid: name who is to handle it")
        checked_step.refuse(message, "handler")
    elif worker_id is not None and not serves_here(asking.view, worker_id, now=asking.at):
        checked_step.refuse(say("there is nobody of that id on duty in this community"), "handler")
    elif worker_id and (against := against_giving(asking.view, asking.case, worker_id, now=asking.at)):
        checked_step.refuse(against, "handler")
    elif worker == asking.snapshot.handler_id and asking.snapshot.state is CaseState.DISPATCHED:
        checked_step.refuse(say("the case is with this person already"), "handler")
    checked_step.details |= log_details(handler=worker)


def _due(asking: StepRequest, checked_step: CheckedStep) -> None:
    due, former = asking.given.due, asking.snapshot.due_at
    if due is None:
        checked_step.refuse(say("say until when"), "due")
    elif due <= asking.at or (former is not None and due <= former):
        checked_step.refuse(say("the new time limit lies after the former one and after now"), "due")
    else:
        checked_step.details |= log_details(due=due)


def _original(asking: StepRequest, checked_step: CheckedStep) -> None:
    text = (asking.given.duplicate_of or "").strip()
    if not text:
        checked_step.refuse(say("name the other case by its number"), "duplicate_of")
        return
    try:
        number = parse_case_number(text)
    except InvalidInput:
        number = text
    other = asking.view.session.scalar(
        select(Case).where(or_(Case.id == text, Case.number == number), visible_cases(asking.view))
    )
    if other is None:
        checked_step.refuse(say("no such case"), "duplicate_of")
    elif other.id == asking.case.id:
        checked_step.refuse(say("a case is no duplicate of itself"), "duplicate_of")
    elif other.duplicate_of_id is not None:
        checked_step.refuse(say("the other case is a duplicate itself"), "duplicate_of")
    else:
        checked_step.details |= log_details(of=other.id)


def _speed(asking: StepRequest, checked_step: CheckedStep) -> None:
    checked_step.details |= log_details(speed=_stars(asking.given.speed, "speed", checked_step))


def _effect(asking: StepRequest, checked_step: CheckedStep) -> None:
    checked_step.details |= log_details(result=_stars(asking.given.effect, "effect", checked_step))


def _stars(stars: int | None, name: str, checked_step: CheckedStep) -> int | None:
    if stars is None or not 1 <= stars <= _MOST_STARS:
        checked_step.refuse(say("a rating has 1 to 5 stars"), name)
    return stars


def _kind(asking: StepRequest, checked_step: CheckedStep) -> None:
    if asking.given.kind not in set(Supervision):
        checked_step.refuse(say("say why it is supervised: timeout, leader or important"), "kind")
    checked_step.details |= log_details(kind=asking.given.kind)


def _worker(asking: StepRequest, checked_step: CheckedStep) -> None:
    worker, snapshot = asking.given.worker, asking.snapshot
    is_helping = any(helper.worker_id == worker for helper in snapshot.co_handlers)
    if worker is None:
        checked_step.refuse(say("say who"), "worker")
    elif is_helping or worker == snapshot.handler_id:
        checked_step.refuse(say("this person handles the case already"), "worker")
    elif not serves_here(asking.view, worker, now=asking.at):
        checked_step.refuse(say("there is nobody of that id on duty in this community"), "worker")
    elif against := against_helping(asking.view, worker, now=asking.at):
        checked_step.refuse(against, "worker")
    checked_step.details |= log_details(worker=worker)


def _helper(asking: StepRequest, checked_step: CheckedStep) -> None:
    worker = asking.given.worker
    if worker is None:
        checked_step.refuse(say("say who"), "worker")
    elif not any(helper.worker_id == worker for helper in asking.snapshot.co_handlers):
        checked_step.refuse(say("this person does not help with the case"), "worker")
    checked_step.details |= log_details(worker=worker)


def serves_here(view: View, worker_id: str, *, now: datetime) -> bool:
    """Whether somebody has a duty or a scope in the community, or serves a building of it."""
    areas = view.present.tree.areas
    by_duty = select(Duty.worker_id).where(Duty.area_id.in_(areas), valid_at(Duty, now))
    by_scope = (
        select(Account.worker_id)
        .join(AccountScope, AccountScope.account_id == Account.id)
        .where(AccountScope.area_id.in_(areas), Account.disabled_at.is_(None))
    )
    stewards = (
        select(Duty.worker_id)
        .join(Building, Building.id == Duty.building_id)
        .where(Building.community_id == view.community.id, valid_at(Duty, now))
    )
    known = Worker.id.in_(by_duty) | Worker.id.in_(by_scope) | Worker.id.in_(stewards)
    return view.session.scalar(select(Worker.id).where(Worker.id == worker_id, known)) is not None


_CHECKS: Final[Mapping[Requirement, Callable[[StepRequest, CheckedStep], None]]] = {
    Requirement.REASON: _reason,
    Requirement.RESULT: _result,
    Requirement.FEEDBACK: _feedback,
    Requirement.HANDLER: _handler,
    Requirement.DUE: _due,
    Requirement.ORIGINAL: _original,
    Requirement.SPEED: _speed,
    Requirement.EFFECT: _effect,
    Requirement.KIND: _kind,
    Requirement.WORKER: _worker,
    Requirement.HELPER: _helper,
}
