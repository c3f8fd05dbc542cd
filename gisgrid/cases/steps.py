"""Taking a step with a case: the right, the scope, the table, what it needs, then row and log together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import NOBODY, Actor, may, require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch, visible_communities, wait_for_others
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import areas_of
from gisgrid.cases.core.case_state import CaseSnapshot, CoHandler, Event, Route
from gisgrid.cases.core.idempotency import Repeatable, keep_use, known_use
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.notifications import tell_step
from gisgrid.cases.core.parties import TYPING_FOR_OTHERS, who_is
from gisgrid.cases.core.requirements import StepInput, StepRequest, checked
from gisgrid.cases.core.routes import HelperRow, next_route, people_for
from gisgrid.cases.core.rules import WorkPolicy, parse_receipt
from gisgrid.cases.core.scope import case_within, claimable_cases, visible_cases
from gisgrid.cases.core.store import case_snapshot, log_details, moment_for, write
from gisgrid.cases.core.workflow import ENDED_STATES, CaseAction, CaseState, Who, allowed_actions, step_of
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.step_effects import deadline_after
from gisgrid.cases.disputes.case_guard import after_step, against_ending
from gisgrid.cases.public.reporters import case_of_follower
from gisgrid.cases.referrals.clock import go_on
from gisgrid.cases.referrals.completion import against_errands, end_errands
from gisgrid.errors import Conflict, NotAllowed, NotFound, say

_RIGHTS: Final = {
    CaseAction.RECEIPT: Action.CASES_HELP,
    CaseAction.START: Action.CASES_HELP,
    CaseAction.FINISH: Action.CASES_HELP,
    CaseAction.SUPERVISE: Action.CASES_SUPERVISE,
    CaseAction.RATE: Action.CASES_FOLLOW,
    CaseAction.REOPEN: Action.CASES_FOLLOW,
}
_NOTHING: Final = StepInput()
_DEFAULT: Final = WorkPolicy()


def right_for(action: CaseAction) -> Action:
    """The right a step asks for; who is something to a case may take it, the others of the role not."""
    return _RIGHTS.get(action, Action.CASES_HANDLE)


def take(
    view: View,
    case_id: str,
    action: CaseAction,
    given: StepInput = _NOTHING,
    *,
    now: datetime,
    policy: WorkPolicy = _DEFAULT,
    repeat: Repeatable | None = None,
) -> Case:
    """Take a step with a case. The same key with the same step is taken once, however the case went on since.

    Raises
    ------
    NotAllowed
        The role lacks the right, or the actor is nothing to this case that could take the step.
    NotFound
        No such case within what the actor may see.
    Conflict
        The step isn't allowed in this state, or not any more; the key was used for something else before.
    InvalidInput
        What the step needs is missing or wrong: every fault at once.
    """
    require(view.actor, right_for(action))
    wait_for_others(view.session, view.community.id)
    content = _content(view, case_id, action, given)
    known = known_use(view.session, repeat, content)
    if known is not None:
        return view.session.scalars(select(Case).where(Case.id == known.case_id)).one()
    case = _locked(view, case_id, action)
    snapshot = case_snapshot(view.session, case)
    who = who_is(view, case, snapshot)
    at = moment_for(view.session, case, now)
    taken = _taken(StepContext(view=view, who=who, now=now, policy=policy), case, snapshot, action, given)
    keep_use(view.session, repeat, content, case_id=case.id, at=at)
    view.session.flush()
    return taken


def _content(view: View, case_id: str, action: CaseAction, given: StepInput) -> list[str]:
    """What makes two steps the same: whose they are, the case, the step and what came with it."""
    said = {name: value for name, value in asdict(given).items() if value != getattr(_NOTHING, name)}
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    return [view.actor.account_id or "", case_id, action.value, text]


def helpers_for(view: View, case_id: str, *, now: datetime) -> list[HelperRow]:
    """Who may be given a case or asked to help with it; see :func:`gisgrid.cases.core.routes.people_for`.

    Raises
    ------
    NotAllowed
        The role handles no cases.
    NotFound
        No such case within what the actor may see.
    """
    require(view.actor, Action.CASES_HANDLE)
    return people_for(view, case_within(view, case_id, lock=False), now=now)


def take_by_clock(
    view: View, case: Case, action: CaseAction, given: StepInput = _NOTHING, *, now: datetime
) -> Case:
    """Take a step because a time limit has passed. ``view`` is that of the built-in account.

    Raises
    ------
    NotAllowed
        It is no step that comes by itself.
    Conflict, InvalidInput
        As for any step.
    """
    snapshot = case_snapshot(view.session, case)
    who = frozenset({Who.CLOCK})
    return _taken(StepContext(view=view, who=who, now=now), case, snapshot, action, given)


def open_steps(
    view: View, case: Case, *, now: datetime, policy: WorkPolicy = _DEFAULT
) -> tuple[CaseAction, ...]:
    """What the actor may do with a case now, in the order of the table."""
    snapshot = case_snapshot(view.session, case)
    taking = StepContext(view=view, who=who_is(view, case, snapshot), now=now, policy=policy)
    return tuple(
        action
        for action in allowed_actions(snapshot.state, taking.who)
        if may(view.actor, right_for(action))
        and hindrance(snapshot, action, taking) is None
        and _against_case(view, case, action) is None
    )


def _locked(view: View, case_id: str, action: CaseAction) -> Case:
    scope = visible_cases(view)
    if action is CaseAction.CLAIM:
        scope = or_(scope, claimable_cases(view))
    case = view.session.scalar(select(Case).where(Case.id == case_id, scope).with_for_update())
    if case is None:
        raise NotFound("no such case")
    return case


@dataclass(frozen=True, kw_only=True)
class StepContext:
    """Who is about to take a step, and when: what the actor is to the case, the settings of the workflow."""

    view: View
    who: frozenset[Who]
    now: datetime
    policy: WorkPolicy = _DEFAULT


def _taken(
    taking: StepContext, case: Case, snapshot: CaseSnapshot, action: CaseAction, given: StepInput
) -> Case:
    view = taking.view
    step = step_of(snapshot.state, action)
    if step.who.isdisjoint(taking.who):
        raise NotAllowed("this account may not do that")
    at = moment_for(view.session, case, taking.now)
    message = hindrance(snapshot, action, replace(taking, now=at)) or _against_case(view, case, action)
    if message is not None:
        raise Conflict(message)
    asking = StepRequest(view=view, case=case, snapshot=snapshot, step=step, given=given, at=at)
    checked_step = checked(asking)
    deadline = deadline_after(view, case, action, until=given.due, at=at)
    checked_step.details |= _more(asking) | (log_details(due=deadline.due_at) if deadline else {})
    event = Event(
        action=action.value,
        at=at,
        from_state=snapshot.state.value,
        to_state=step.leads_to(snapshot.state, snapshot.suspended_from).value,
        text=checked_step.text,
        details=checked_step.details,
    )
    after = write(view.session, view.actor, case, event, snapshot)
    if deadline is not None:
        deadline.keep(case)
    elif case.state in ENDED_STATES:
        case.escalates_at = None
    after_step(view.session, view.actor, case, action, now=taking.now)
    if snapshot.suspended_at is not None and case.suspended_at is None:
        go_on(view.session, Books(view.session, view.tz), {case.id: snapshot.suspended_at}, now=at)
    end_errands(view, case, action, now=taking.now)
    tell_step(
        view.session,
        case,
        action,
        after,
        where=frozenset() if Who.CLOCK in taking.who else areas_of(view.present, case.cell_id),
        now=taking.now,
        but=view.actor.account_id,
        policy=taking.policy,
    )
    record(view.session, view.actor, f"cases:{action}", "case", now=taking.now, object_id=case.id)
    touch(view.session, [case.community_id])
    view.session.flush()
    return case


def _against_case(view: View, case: Case, action: CaseAction) -> str | None:
    """What hangs on a case and has to end before it."""
    return against_ending(view.session, case, action) or against_errands(view, case, action)


def hindrance(snapshot: CaseSnapshot, action: CaseAction, taking: StepContext) -> str | None:
    """What stands against a step that the table allows; nothing if it can be taken."""
    check = _HINDRANCES.get(action)
    return check(snapshot, taking) if check else None


def _against_claim(snapshot: CaseSnapshot, taking: StepContext) -> str | None:
    if snapshot.handler_id is not None:
        return say("somebody has this case already")
    if snapshot.claim_until is None or taking.now > snapshot.claim_until:
        return say("the time to claim this case is over")
    return None


def _against_escalation(snapshot: CaseSnapshot, taking: StepContext) -> str | None:
    del taking
    return say("the case is with the subdistrict already") if next_route(snapshot.route) is None else None


def _against_closing(snapshot: CaseSnapshot, taking: StepContext) -> str | None:
    del taking
    if any(helper.signed_at is None for helper in snapshot.co_handlers):
        return say("not all who help with the case have signed off")
    return None


def _against_reopening(snapshot: CaseSnapshot, taking: StepContext) -> str | None:
    is_low = taking.policy.is_low(snapshot.rating_speed, snapshot.rating_result)
    if snapshot.state is CaseState.RATED and is_low:
        return None
    within = taking.policy.reopen_within
    if snapshot.closed_at is None or taking.now - snapshot.closed_at <= within:
        return None
    return say("a case is reopened within {days} days, or after a low rating", days=within.days)


def _against_co_receipt(snapshot: CaseSnapshot, taking: StepContext) -> str | None:
    own = _own(snapshot, taking)
    return None if own and own.receipted_at is None else say("this has been receipted already")


def _against_co_sign(snapshot: CaseSnapshot, taking: StepContext) -> str | None:
    own = _own(snapshot, taking)
    if own and own.receipted_at is not None and own.signed_at is None:
        return None
    return say("who helps with a case receipts it once, then signs off once")


def _against_release(snapshot: CaseSnapshot, taking: StepContext) -> str | None:
    del taking
    return None if snapshot.co_handlers else say("nobody helps with this case")


def _own(snapshot: CaseSnapshot, taking: StepContext) -> CoHandler | None:
    worker = taking.view.actor.worker_id
    return next((helper for helper in snapshot.co_handlers if helper.worker_id == worker), None)


_HINDRANCES: Final[Mapping[CaseAction, Callable[[CaseSnapshot, StepContext], str | None]]] = {
    CaseAction.CLAIM: _against_claim,
    CaseAction.ESCALATE: _against_escalation,
    CaseAction.CLOSE: _against_closing,
    CaseAction.REOPEN: _against_reopening,
    CaseAction.RELEASE: _against_release,
    CaseAction.CO_RECEIPT: _against_co_receipt,
    CaseAction.CO_SIGN: _against_co_sign,
}


def _more(asking: StepRequest) -> dict[str, object]:
    """What follows from the case itself."""
    view, action = asking.view, asking.step.action
    if action is CaseAction.START and asking.given.keeps_handler:
        return {}
    if action in (CaseAction.CLAIM, CaseAction.START):
        return log_details(handler=view.actor.worker_id)
    if action is CaseAction.CLOSE and asking.snapshot.handler_id is None:
        return log_details(handler=view.actor.worker_id)
    if action is CaseAction.ESCALATE:
        route = next_route(asking.snapshot.route) or Route.SUBDISTRICT
        return log_details(route=route.value)
    if action in (CaseAction.CO_RECEIPT, CaseAction.CO_SIGN):
        return log_details(worker=view.actor.worker_id)
    return {}


def take_by_receipt(  # noqa: PLR0913 - whoever has a code has no view to bring
    session: Session,
    actor: Actor,
    receipt: str,
    action: CaseAction,
    given: StepInput,
    *,
    opened: Callable[[str], View],
    now: datetime,
    policy: WorkPolicy = _DEFAULT,
) -> Case:
    """Rate a case or ask for it to be opened again by its receipt code, without logging in.

    ``opened`` makes a view of the community of a code.

    Raises
    ------
    NotAllowed
        The actor handles cases: it reads the codes of others and speaks for none of them.
    NotFound
        No case has this receipt code.
    Conflict, InvalidInput
        As for any step; the code was given for saying the same of a case; the text can't be a receipt code.
    """
    require(actor, Action.CASES_FOLLOW)
    if actor.role in TYPING_FOR_OTHERS:
        raise NotAllowed("log out first: a case is rated and opened again by who reported it")
    code = parse_receipt(receipt)
    by_receipt = select(Case).where(Case.receipt == code)
    community_id = session.scalar(by_receipt.with_only_columns(Case.community_id))
    codes = {community.id: community.code for community in visible_communities(session, NOBODY, now=now)}
    if community_id is None and case_of_follower(session, code) is not None:
        raise Conflict("a case is rated and opened again by who reported it first")
    if (
        community_id is None
        or community_id not in codes
        or action not in (CaseAction.RATE, CaseAction.REOPEN)
    ):
        raise NotFound("no such case")
    wait_for_others(session, community_id)
    case = session.scalars(by_receipt.with_for_update()).one()
    view = opened(codes[case.community_id])
    snapshot = case_snapshot(session, case)
    taking = StepContext(view=view, who=frozenset({Who.REPORTER}), now=now, policy=policy)
    return _taken(taking, case, snapshot, action, given)


def open_by_receipt(
    view: View, actor: Actor, case: Case, *, now: datetime, policy: WorkPolicy = _DEFAULT
) -> tuple[CaseAction, ...]:
    """What who has the receipt code may do with a case now; nothing for those who handle cases."""
    if actor.role in TYPING_FOR_OTHERS:
        return ()
    snapshot = case_snapshot(view.session, case)
    taking = StepContext(view=view, who=frozenset({Who.REPORTER}), now=now, policy=policy)
    actions = (CaseAction.RATE, CaseAction.REOPEN)
    allowed = allowed_actions(snapshot.state, taking.who)
    return tuple(act for act in actions if act in allowed and hindrance(snapshot, act, taking) is None)
