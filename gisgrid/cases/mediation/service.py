"""Taking a step with a dispute: the right, the scope, the table, what it needs, then case and dispute.

Where the workflow of cases knows a step of the same meaning that one is taken too, as the same person:
sorting accepts the case, asking dispatches it, settling finishes it, closing closes it. What goes into its
log says nothing of what the dispute is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import GIVEN_CHANNELS
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.parties import who_is
from gisgrid.cases.core.requirements import MOST_TEXT, StepInput
from gisgrid.cases.core.rules import parse_case_number
from gisgrid.cases.core.scope import opened_cases
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import OPEN_STATES, CaseAction, CaseState, allowed_actions
from gisgrid.cases.core.workflow import STEPS as CASE_STEPS
from gisgrid.cases.disputes.grades import grades_of, planned_days
from gisgrid.cases.disputes.models import Dispute
from gisgrid.cases.disputes.pipeline import (
    FAILURES,
    OPEN_STAGES,
    DisputeNeed,
    DisputeSnapshot,
    DisputeStage,
    DisputeStep,
    Grade,
    MediationOutcome,
    PipelineStep,
    against,
    allowed_steps,
    pipeline_step,
)
from gisgrid.cases.disputes.scope import dispute_within
from gisgrid.cases.disputes.store import (
    SealedTexts,
    dispute_snapshot,
    entries_of,
    entry_moment,
    event,
    write_dispute,
)
from gisgrid.cases.mediation.mediators import is_able
from gisgrid.cases.steps import take
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, say
from gisgrid.labels.disputes import MEDIATION_RESULTS

_MOST_LINE: Final = 300
_AGAIN: Final = "纠纷重新调解 · mediated again"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeStepInput:
    """What comes with a step; each takes what it needs.

    ``text``, ``place`` and ``people`` are sealed. ``into`` is the id or number of another dispute,
    ``mediator`` the id of somebody on duty, ``channel`` how a follow-up was made, ``holds`` what it found.
    """

    text: str = ""
    place: str = ""
    people: str = ""
    grade: str | None = None
    into: str | None = None
    mediator: str | None = None
    met_at: datetime | None = None
    outcome: str | None = None
    channel: str | None = None
    holds: bool | None = None


@dataclass(frozen=True, kw_only=True)
class _Asking:
    view: View
    case: Case
    snapshot: DisputeSnapshot
    given: DisputeStepInput
    at: datetime


@dataclass(slots=True, kw_only=True)
class _FoundDispute:
    details: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, message: str, name: str) -> None:
        self.faults.append(Fault(message=message, field=name))


def take_dispute(
    view: View, case_id: str, step: DisputeStep, given: DisputeStepInput, *, now: datetime
) -> Case:
    """Take a step with a dispute, and with its case where that has one of the same meaning.

    Raises
    ------
    NotAllowed
        The role handles no disputes, or the actor is nothing to this one that could take the step.
    NotFound
        No such dispute within what the actor may see.
    Conflict
        The step isn't allowed at this stage, or not yet, or the case itself doesn't allow it.
    InvalidInput
        What the step needs is missing or wrong: every fault at once.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    session = view.session
    case = dispute_within(view, case_id, lock=True)
    snapshot = dispute_snapshot(session.get(Dispute, case.id))
    line = pipeline_step(snapshot.stage, step)
    if line.who.isdisjoint(who_is(view, case, case_snapshot(session, case))):
        raise NotAllowed("this account may not do that")
    message = _hindrance(case, snapshot, step)
    if message is not None:
        raise Conflict(message)
    at = entry_moment(session, case.id, max(now, case.reported_at))
    checked = _checked(_Asking(view=view, case=case, snapshot=snapshot, given=given, at=at), line)
    logged = event(snapshot, step, line.leads_to(snapshot.stage), at, checked.details)
    with session.begin_nested():  # the case may refuse what the dispute allows: then neither is written
        write_dispute(session, view.actor, case.id, logged, _sealed(given))
        _case_step(_Going(view=view, case=case, before=snapshot, details=checked.details, now=now), step)
    record(session, view.actor, f"disputes:{step}", "case", now=now, object_id=case.id)
    touch(session, [case.community_id])
    session.flush()
    return case


def open_dispute_steps(view: View, case: Case) -> tuple[DisputeStep, ...]:
    """What the actor may do with a dispute now, in the order of the table."""
    snapshot = dispute_snapshot(view.session.get(Dispute, case.id))
    who = who_is(view, case, case_snapshot(view.session, case))
    return tuple(
        step for step in allowed_steps(snapshot.stage, who) if _hindrance(case, snapshot, step) is None
    )


def _hindrance(case: Case, snapshot: DisputeSnapshot, step: DisputeStep) -> str | None:
    is_again = step is DisputeStep.RESUME and snapshot.stage is DisputeStage.CLOSED
    if not is_again and case.state not in OPEN_STATES:
        return say("the case of this dispute has ended")
    return against(snapshot, step)


def _sealed(given: DisputeStepInput) -> SealedTexts:
    return SealedTexts(
        text=given.text.strip() or None,
        place=given.place.strip() or None,
        people=given.people.strip() or None,
    )


def _checked(asking: _Asking, line: PipelineStep) -> _FoundDispute:
    checked = _FoundDispute()
    lengths = (("text", MOST_TEXT), ("place", _MOST_LINE), ("people", MOST_TEXT))
    for name, most in lengths:
        if len(getattr(asking.given, name)) > most:
            checked.refuse(say("a text has 1 to {most} characters", most=most), name)
    for need in line.needs:
        _CHECKS[need](asking, checked)
    if checked.faults:
        raise InvalidInput(checked.faults)
    return checked


def _text(asking: _Asking, checked: _FoundDispute) -> None:
    if not asking.given.text.strip():
        checked.refuse(say("say in a few words what there is to know"), "text")


def _grade(asking: _Asking, checked: _FoundDispute) -> None:
    if asking.given.grade not in set(Grade):
        checked.refuse(say("say how much the dispute weighs: general, complex or major"), "grade")
    checked.details["grade"] = asking.given.grade


def _other(asking: _Asking, checked: _FoundDispute) -> None:
    number, view = (asking.given.into or "").strip(), asking.view
    try:
        other = dispute_by(view, number)
    except NotFound:
        checked.refuse(say("no such dispute"), "into")
        return
    stage = dispute_snapshot(view.session.get(Dispute, other.id)).stage
    if other.id == asking.case.id:
        checked.refuse(say("a clue is not merged with itself"), "into")
    elif stage not in OPEN_STAGES or other.state not in OPEN_STATES:
        checked.refuse(say("the other dispute has ended or was merged itself"), "into")
    checked.details["into"] = other.id


def dispute_by(view: View, text: str) -> Case:
    """A dispute by its id or its number, within what the actor may see.

    Raises
    ------
    NotFound
        There is none.
    """
    try:
        number: str | None = parse_case_number(text)
    except InvalidInput:
        return dispute_within(view, text, lock=False)
    case_id = view.session.scalar(select(Case.id).where(Case.number == number, opened_cases(view)))
    return dispute_within(view, case_id or "", lock=False)


def _mediator(asking: _Asking, checked: _FoundDispute) -> None:
    worker = asking.given.mediator
    if not worker:
        checked.refuse(say("say who is to mediate"), "mediator")
    elif worker == asking.snapshot.mediator_id and asking.snapshot.stage is DisputeStage.MEDIATING:
        checked.refuse(say("this person mediates here already"), "mediator")
    elif not is_able(asking.view, worker, now=asking.at):
        checked.refuse(
            say("this person can't be asked: not a mediator on duty here who can sign in"), "mediator"
        )
    checked.details["mediator"] = worker


def _session(asking: _Asking, checked: _FoundDispute) -> None:
    given, first = asking.given, day_of(asking.case.reported_at, asking.view.tz)
    if given.met_at is None or given.met_at > asking.at or day_of(given.met_at, asking.view.tz) < first:
        message = say("a session was held on the day of the report or later, and not in the future")
        checked.refuse(message, "met_at")
    else:
        checked.details["met_at"] = given.met_at.isoformat()
    for name in ("place", "people"):
        if not getattr(given, name).strip():
            checked.refuse(say("a session has a place and the people who were there"), name)


def _agreement(asking: _Asking, checked: _FoundDispute) -> None:
    if not asking.given.text.strip():
        checked.refuse(say("write down what was agreed"), "text")
    _settled(asking, checked, MediationOutcome.AGREED)


def _outcome(asking: _Asking, checked: _FoundDispute) -> None:
    if asking.given.outcome not in FAILURES:
        checked.refuse(say("say where it goes: court, higher, police or withdrawn"), "outcome")
        return
    _settled(asking, checked, MediationOutcome(asking.given.outcome))


def _settled(asking: _Asking, checked: _FoundDispute, outcome: MediationOutcome) -> None:
    day = day_of(asking.at, asking.view.tz)
    rules = grades_of(asking.view.session, asking.case.community_id)
    rule = rules[asking.snapshot.grade or Grade.GENERAL]
    checked.details |= {
        "outcome": outcome.value,
        "settled_on": day.isoformat(),
        "planned": [planned_day.isoformat() for planned_day in planned_days(rule, day)],
    }


def _channel(asking: _Asking, checked: _FoundDispute) -> None:
    if asking.given.channel not in GIVEN_CHANNELS:
        checked.refuse(say("there is no such way of feedback"), "channel")
    checked.details["channel"] = asking.given.channel


def _holds(asking: _Asking, checked: _FoundDispute) -> None:
    if asking.given.holds is None:
        checked.refuse(say("say whether it still holds"), "holds")
    checked.details["holds"] = asking.given.holds


_CHECKS: Final[Mapping[DisputeNeed, Callable[[_Asking, _FoundDispute], None]]] = {
    DisputeNeed.TEXT: _text,
    DisputeNeed.GRADE: _grade,
    DisputeNeed.OTHER: _other,
    DisputeNeed.MEDIATOR: _mediator,
    DisputeNeed.SESSION: _session,
    DisputeNeed.AGREEMENT: _agreement,
    DisputeNeed.OUTCOME: _outcome,
    DisputeNeed.CHANNEL: _channel,
    DisputeNeed.HOLDS: _holds,
}


@dataclass(frozen=True, kw_only=True)
class _Going:
    """A case that goes along with its dispute."""

    view: View
    case: Case
    before: DisputeSnapshot
    details: Mapping[str, Any]
    now: datetime

    def must(self, action: CaseAction, **given: Any) -> None:
        """Take a step of the case, or take none of both."""
        take(self.view, self.case.id, action, StepInput(**given), now=self.now)

    def may(self, action: CaseAction, **given: Any) -> None:
        """Take a step of the case where its workflow lets the same person take it now."""
        snapshot = case_snapshot(self.view.session, self.case)
        if action in allowed_actions(snapshot.state, who_is(self.view, self.case, snapshot)):
            self.must(action, **given)


def _case_step(going: _Going, step: DisputeStep) -> None:
    """The step of the case that goes with one of the dispute."""
    follow = _GOES_WITH.get(step)
    if follow is not None:
        follow(going)


def _accept(going: _Going) -> None:
    if going.case.state == CaseState.REPORTED:
        going.may(CaseAction.ACCEPT)


def _double(going: _Going) -> None:
    going.must(CaseAction.DUPLICATE, duplicate_of=going.details["into"])


def _start(going: _Going) -> None:
    """A session starts the case for the mediator who has it, whoever of its staff notes it."""
    is_given = going.case.handler_id is not None
    if is_given and going.case.state in (CaseState.DISPATCHED, CaseState.RECEIPTED):
        going.may(CaseAction.START, keeps_handler=True)


def _finish(going: _Going) -> None:
    going.may(CaseAction.FINISH, result=MEDIATION_RESULTS[MediationOutcome(going.details["outcome"])])


def _tell(going: _Going) -> None:
    going.may(CaseAction.FEEDBACK, feedback=going.details["channel"])


def _go_back(going: _Going) -> None:
    if going.before.stage is DisputeStage.CLOSED:
        going.must(CaseAction.REOPEN, reason=_AGAIN)
    else:
        going.may(CaseAction.REWORK, reason=_AGAIN)


def _close(going: _Going) -> None:
    case, outcome = going.case, going.before.outcome or MediationOutcome.AGREED
    visits = [row for row in entries_of(going.view.session, case.id) if row.step == DisputeStep.VISIT]
    channel = None if case.feedback_channel else visits[-1].details["channel"]
    going.must(CaseAction.CLOSE, result=MEDIATION_RESULTS[outcome], feedback=channel)


def _dispatch(going: _Going) -> None:
    """Dispatch a case to a mediator; one that is being handled already gets a helper."""
    worker, snapshot = going.details["mediator"], case_snapshot(going.view.session, going.case)
    if snapshot.handler_id == worker or any(helper.worker_id == worker for helper in snapshot.co_handlers):
        return
    if (snapshot.state, CaseAction.DISPATCH) in CASE_STEPS:
        going.must(CaseAction.DISPATCH, handler=worker)
    else:
        going.must(CaseAction.INVOLVE, worker=worker)


_GOES_WITH: Final[Mapping[DisputeStep, Callable[[_Going], None]]] = {
    DisputeStep.SORT: _accept,
    DisputeStep.MERGE: _double,
    DisputeStep.ASK: _dispatch,
    DisputeStep.MEET: _start,
    DisputeStep.AGREE: _finish,
    DisputeStep.FAIL: _finish,
    DisputeStep.VISIT: _tell,
    DisputeStep.RESUME: _go_back,
    DisputeStep.CLOSE: _close,
}
