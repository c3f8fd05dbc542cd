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
from gisgrid.areas.view import View
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


def recipient_of(session: Session, plan_id: str) -> str | None:
    """The code of the community that a plan gives a grid to, if it gives one away."""
    statement = select(PlanEdit.op).where(PlanEdit.plan_id == plan_id, PlanEdit.is_undone.is_(False))
    return next(
        (str(op["to"]) for op in session.scalars(statement) if op.get("op") == TransferEdit.op_name()), None
    )


def is_over_both(view: View, plan: Plan) -> bool:
    """Whether the actor sees the community that a plan gives a grid to as well, if it gives one away."""
    to = recipient_of(view.session, plan.id)
    communities = visible_communities(view.session, view.actor, now=view.when.at) if to else []
    return to is None or to in {community.code for community in communities}


def refuse_one_sided(view: View, plan: Plan) -> None:
    """Refuse to judge a plan that gives a grid to a community the actor has nothing to say in."""
    if not is_over_both(view, plan):
        raise NotAllowed("a grid goes to another community with the approval of those above both")


def is_own(session: Session, plan: Plan, account_id: str | None) -> bool:
    """Whether an account drew part of a plan: whoever added an edit can't approve it."""
    if plan.drafter_id == account_id:
        return True
    count = select(func.count()).where(PlanEdit.plan_id == plan.id, PlanEdit.account_id == account_id)
    return bool(session.scalar(count))


def submit(view: View, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Hand a plan in for approval."""
    require(view.actor, Action.REDRAW_EDIT)
    plan = find_plan(view, plan_id, lock=True)
    refuse_closed(plan)
    return _decide(view, plan, PlanState.SUBMITTED, NoteKind.SUBMIT, text=text, now=now)


def approve(view: View, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Approve a submitted plan that isn't one's own.

    Raises
    ------
    NotAllowed
        The actor drew part of it.
    """
    plan = _judged(view, plan_id)
    return _decide(view, plan, PlanState.APPROVED, NoteKind.APPROVE, text=text, now=now)


def send_back(view: View, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Return a submitted plan with a reason."""
    plan = _judged(view, plan_id)
    if not text.strip():
        raise InvalidInput("a plan is returned with a reason", field="text")
    return _decide(view, plan, PlanState.RETURNED, NoteKind.RETURN, text=text, now=now)


def recall(view: View, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Take a submitted plan back that one drew; it can be edited again.

    Raises
    ------
    NotAllowed
        The actor drew nothing of it.
    Conflict
        It isn't submitted, or decided by now.
    """
    require(view.actor, Action.REDRAW_EDIT)
    plan = find_plan(view, plan_id, lock=True)
    if not _drew(view, plan):
        raise NotAllowed("a plan is taken back by who drew it")
    if plan.state != PlanState.SUBMITTED:
        raise Conflict("only a plan that waits for a decision can be taken back")
    return _decide(view, plan, PlanState.OPEN, NoteKind.RECALL, text=text, now=now)


def discard(view: View, plan_id: str, *, now: datetime) -> None:
    """Put a plan away; it can't be opened any more."""
    require(view.actor, Action.REDRAW_EDIT)
    plan = find_plan(view, plan_id, lock=True)
    if plan.state == PlanState.PUBLISHED:
        raise Conflict("a published plan stays in the history")
    plan.state = PlanState.DISCARDED
    record(view.session, view.actor, "plan:discard", "plan", now=now, object_id=plan.id)


def _judged(view: View, plan_id: str) -> Plan:
    require(view.actor, Action.REDRAW_APPROVE)
    plan = find_plan(view, plan_id, lock=True)
    require(view.actor, right_to_judge(view.session, plan))
    if plan.state not in {PlanState.SUBMITTED, PlanState.APPROVED}:
        raise Conflict("only a submitted plan is judged")
    refuse_one_sided(view, plan)
    refuse_own(view, plan)
    return plan


def refuse_own(view: View, plan: Plan) -> None:
    """Nobody approves what they drew; the command line's account may."""
    if view.actor.role != Role.LOCAL and is_own(view.session, plan, view.actor.account_id):
        raise NotAllowed("one's own plan is approved by somebody else")


def comment(view: View, plan_id: str, text: str, *, now: datetime) -> None:
    """Say something about a plan."""
    plan = find_plan(view, plan_id)
    if not text.strip():
        raise InvalidInput("a comment says something", field="text")
    add_note(view, plan, NoteKind.COMMENT, text=text, now=now)


def _decide(view: View, plan: Plan, state: PlanState, kind: NoteKind, *, text: str, now: datetime) -> Plan:
    plan.state = state
    add_note(view, plan, kind, text=text, now=now)
    record(view.session, view.actor, f"plan:{kind}", "plan", now=now, object_id=plan.id)
    view.session.flush()
    return plan


def add_note(
    view: View,
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
        account_id=view.actor.account_id,
        at=now,
        text=text.strip(),
        details=details,
    )
    view.session.add(note)


def allowed(view: View, plan: Plan) -> list[str]:
    """What the actor may do with a plan in its present state."""
    if plan.state == PlanState.PUBLISHED:
        return ["withdraw"] if _may_withdraw(view, plan) else []
    if plan.state == PlanState.DISCARDED:
        return []
    edits = may(view.actor, Action.REDRAW_EDIT)
    judges = _may_judge(view, plan)
    drafts = plan.drafter_id == view.actor.account_id
    actions = {
        "edit": edits and plan.state in _EDITABLE,
        "submit": edits and plan.state in _EDITABLE,
        "approve": judges and plan.state == PlanState.SUBMITTED,
        "return": judges and plan.state in {PlanState.SUBMITTED, PlanState.APPROVED},
        "publish": judges or (plan.state == PlanState.APPROVED and drafts),
        "recall": edits and plan.state == PlanState.SUBMITTED and _drew(view, plan),
        "discard": edits and (drafts or view.actor.role in {Role.HEAD, Role.LOCAL}),
    }
    return [word for word, holds in actions.items() if holds]


def _drew(view: View, plan: Plan) -> bool:
    """Whether the actor drew part of a plan; the command line's account counts as everybody."""
    return view.actor.role == Role.LOCAL or is_own(view.session, plan, view.actor.account_id)


def _may_judge(view: View, plan: Plan) -> bool:
    """Whether the actor may approve what others drew, and others drew this; the cheapest is asked first."""
    if not may(view.actor, Action.REDRAW_APPROVE) or not may(view.actor, right_to_judge(view.session, plan)):
        return False
    if view.actor.role != Role.LOCAL and is_own(view.session, plan, view.actor.account_id):
        return False
    return is_over_both(view, plan)


def _may_withdraw(view: View, plan: Plan) -> bool:
    """Whether a published plan still waits for its day and the actor drew it or may approve plans."""
    if view.when.is_past or plan.published_revision is None:
        return False
    waiting = waiting_revisions(view.session, plan.community_id, now=view.when.at)
    if not waiting or waiting[-1].number != plan.published_revision:
        return False
    return plan.drafter_id == view.actor.account_id or may(view.actor, Action.REDRAW_APPROVE)
