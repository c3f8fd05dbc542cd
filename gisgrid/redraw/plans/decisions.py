"""What is said and decided about a plan, and what an actor may do with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.view import Look
from gisgrid.errors import Conflict, InvalidInput, NotAllowed
from gisgrid.redraw.edits.cell_edits import TransferEdit
from gisgrid.redraw.edits.kinds import OUTLINE_EDITS
from gisgrid.redraw.plans.models import NoteKind, Plan, PlanEdit, PlanNote, PlanState
from gisgrid.redraw.plans.schedule import waiting_revisions
from gisgrid.redraw.plans.store import find_plan
from gisgrid.storage.base import new_id

_EDITABLE: Final = frozenset({PlanState.OPEN, PlanState.RETURNED})


def is_editable(plan: Plan) -> bool:
    """Whether a plan is in a state in which it may be changed."""
    return plan.state in _EDITABLE


def refuse_closed(plan: Plan) -> None:
    """Refuse to change a plan that has been handed in or decided."""
    if plan.state == PlanState.PUBLISHED:
        raise Conflict("this plan has been published: further changes need a new plan")
    if not is_editable(plan):
        raise Conflict("this plan has been submitted: it can be edited when it is taken back or returned")


def right_to_judge(session: Session, plan: Plan) -> Action:
    """What somebody must be allowed to approve a plan: one with another outline goes to those above."""
    is_outline = PlanEdit.op["op"].as_string().in_(OUTLINE_EDITS)
    outlines = select(func.count()).where(
        PlanEdit.plan_id == plan.id, PlanEdit.is_undone.is_(False), is_outline
    )
    return Action.REDRAW_OUTLINE_APPROVE if session.scalar(outlines) else Action.REDRAW_APPROVE


def taker_of(session: Session, plan_id: str) -> str | None:
    """The code of the community that a plan gives a grid to, if it gives one away."""
    statement = select(PlanEdit.op).where(PlanEdit.plan_id == plan_id, PlanEdit.is_undone.is_(False))
    return next(
        (str(op["to"]) for op in session.scalars(statement) if op.get("op") == TransferEdit.op_name()), None
    )


def is_over_both(look: Look, plan: Plan) -> bool:
    """Whether the actor sees the community that a plan gives a grid to as well, if it gives one away."""
    to = taker_of(look.session, plan.id)
    seen = visible_communities(look.session, look.actor, now=look.when.at) if to else []
    return to is None or to in {one.code for one in seen}


def refuse_one_sided(look: Look, plan: Plan) -> None:
    """Refuse to judge a plan that gives a grid to a community the actor has nothing to say in."""
    if not is_over_both(look, plan):
        raise NotAllowed("a grid goes to another community with the approval of those above both")


def is_own(session: Session, plan: Plan, account_id: str | None) -> bool:
    """Whether an account drew part of a plan: whoever added an edit can't approve it."""
    if plan.drafter_id == account_id:
        return True
    count = select(func.count()).where(PlanEdit.plan_id == plan.id, PlanEdit.account_id == account_id)
    return bool(session.scalar(count))


def submit(look: Look, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Hand a plan in for approval."""
    require(look.actor, Action.REDRAW_EDIT)
    plan = find_plan(look, plan_id, lock=True)
    refuse_closed(plan)
    return _decide(look, plan, PlanState.SUBMITTED, NoteKind.SUBMIT, text=text, now=now)


def approve(look: Look, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Approve a submitted plan that isn't one's own.

    Raises
    ------
    NotAllowed
        The actor drew part of it.
    """
    plan = _judged(look, plan_id)
    return _decide(look, plan, PlanState.APPROVED, NoteKind.APPROVE, text=text, now=now)


def send_back(look: Look, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Return a submitted plan with a reason."""
    plan = _judged(look, plan_id)
    if not text.strip():
        raise InvalidInput("a plan is returned with a reason", field="text")
    return _decide(look, plan, PlanState.RETURNED, NoteKind.RETURN, text=text, now=now)


def recall(look: Look, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Take a submitted plan back that one drew; it can be edited again.

    Raises
    ------
    NotAllowed
        The actor drew nothing of it.
    Conflict
        It isn't submitted, or decided by now.
    """
    require(look.actor, Action.REDRAW_EDIT)
    plan = find_plan(look, plan_id, lock=True)
    if not _drew(look, plan):
        raise NotAllowed("a plan is taken back by who drew it")
    if plan.state != PlanState.SUBMITTED:
        raise Conflict("only a plan that waits for a decision can be taken back")
    return _decide(look, plan, PlanState.OPEN, NoteKind.RECALL, text=text, now=now)


def discard(look: Look, plan_id: str, *, now: datetime) -> None:
    """Put a plan away; it can't be opened any more."""
    require(look.actor, Action.REDRAW_EDIT)
    plan = find_plan(look, plan_id, lock=True)
    if plan.state == PlanState.PUBLISHED:
        raise Conflict("a published plan stays in the history")
    plan.state = PlanState.DISCARDED
    record(look.session, look.actor, "plan:discard", "plan", now=now, object_id=plan.id)


def _judged(look: Look, plan_id: str) -> Plan:
    require(look.actor, Action.REDRAW_APPROVE)
    plan = find_plan(look, plan_id, lock=True)
    require(look.actor, right_to_judge(look.session, plan))
    if plan.state not in {PlanState.SUBMITTED, PlanState.APPROVED}:
        raise Conflict("only a submitted plan is judged")
    refuse_one_sided(look, plan)
    refuse_own(look, plan)
    return plan


def refuse_own(look: Look, plan: Plan) -> None:
    """Nobody approves what they drew; the command line's account may."""
    if look.actor.role != Role.LOCAL and is_own(look.session, plan, look.actor.account_id):
        raise NotAllowed("one's own plan is approved by somebody else")


def comment(look: Look, plan_id: str, text: str, *, now: datetime) -> None:
    """Say something about a plan."""
    plan = find_plan(look, plan_id)
    if not text.strip():
        raise InvalidInput("a comment says something", field="text")
    add_note(look, plan, NoteKind.COMMENT, text=text, now=now)


def _decide(look: Look, plan: Plan, state: PlanState, kind: NoteKind, *, text: str, now: datetime) -> Plan:
    plan.state = state
    add_note(look, plan, kind, text=text, now=now)
    record(look.session, look.actor, f"plan:{kind}", "plan", now=now, object_id=plan.id)
    look.session.flush()
    return plan


def add_note(
    look: Look,
    plan: Plan,
    kind: NoteKind,
    *,
    text: str,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Keep what was said or decided about a plan."""
    note = PlanNote(
        id=new_id(),
        plan_id=plan.id,
        kind=kind,
        account_id=look.actor.account_id,
        at=now,
        text=text.strip(),
        details=details,
    )
    look.session.add(note)


def allowed(look: Look, plan: Plan) -> list[str]:
    """What the actor may do with a plan in its present state."""
    if plan.state == PlanState.PUBLISHED:
        return ["withdraw"] if _may_withdraw(look, plan) else []
    if plan.state == PlanState.DISCARDED:
        return []
    edits = may(look.actor, Action.REDRAW_EDIT)
    judges = _may_judge(look, plan)
    drafts = plan.drafter_id == look.actor.account_id
    found = {
        "edit": edits and plan.state in _EDITABLE,
        "submit": edits and plan.state in _EDITABLE,
        "approve": judges and plan.state == PlanState.SUBMITTED,
        "return": judges and plan.state in {PlanState.SUBMITTED, PlanState.APPROVED},
        "publish": judges or (plan.state == PlanState.APPROVED and drafts),
        "recall": edits and plan.state == PlanState.SUBMITTED and _drew(look, plan),
        "discard": edits and (drafts or look.actor.role in {Role.HEAD, Role.LOCAL}),
    }
    return [word for word, holds in found.items() if holds]


def _drew(look: Look, plan: Plan) -> bool:
    """Whether the actor drew part of a plan; the command line's account counts as everybody."""
    return look.actor.role == Role.LOCAL or is_own(look.session, plan, look.actor.account_id)


def _may_judge(look: Look, plan: Plan) -> bool:
    """Whether the actor may approve what others drew, and others drew this; the cheapest is asked first."""
    if not may(look.actor, Action.REDRAW_APPROVE) or not may(look.actor, right_to_judge(look.session, plan)):
        return False
    if look.actor.role != Role.LOCAL and is_own(look.session, plan, look.actor.account_id):
        return False
    return is_over_both(look, plan)


def _may_withdraw(look: Look, plan: Plan) -> bool:
    """Whether a published plan still waits for its day and the actor drew it or may approve plans."""
    if look.when.is_past or plan.published_revision is None:
        return False
    waiting = waiting_revisions(look.session, plan.community_id, now=look.when.at)
    if not waiting or waiting[-1].number != plan.published_revision:
        return False
    return plan.drafter_id == look.actor.account_id or may(look.actor, Action.REDRAW_APPROVE)
