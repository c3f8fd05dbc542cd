"""Plans as they are kept: opening one, its edits with undo and redo, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Role
from gisgrid.areas.look import Caches, Look
from gisgrid.areas.models import Revision
from gisgrid.days import AsOf
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound, say
from gisgrid.geometry.editing import Ground
from gisgrid.redraw.drawing import Base, Drawing, base_of, drawn, edited, passed_on
from gisgrid.redraw.models import NoteKind, Plan, PlanEdit, PlanNote, PlanState
from gisgrid.storage.base import new_id

_EDITABLE: Final = frozenset({PlanState.OPEN, PlanState.RETURNED})
_NAME_LIMIT: Final = 120


@dataclass(frozen=True, kw_only=True)
class OpenPlan:
    """A plan with its edits in force and how it is drawn on today's revision."""

    plan: Plan
    edits: tuple[PlanEdit, ...]
    undone: tuple[PlanEdit, ...]
    base: Base
    drawing: Drawing


def new_plan(look: Look, name: str, *, now: datetime) -> Plan:
    """Open a plan on the revision in force.

    Raises
    ------
    InvalidInput
        It has no name, or a very long one.
    """
    require(look.actor, Action.REDRAW_EDIT)
    if not 0 < len(name.strip()) <= _NAME_LIMIT:
        raise InvalidInput("a plan has a name of 1 to 120 characters", field="name")
    plan = Plan(
        id=new_id(),
        community_id=look.community.id,
        base_revision=look.version.revision,
        name=name.strip(),
        state=PlanState.OPEN,
        drafter_id=look.actor.account_id,
        created_at=now,
    )
    look.session.add(plan)
    look.session.flush()
    record(look.session, look.actor, "plan:create", "plan", now=now, object_id=plan.id)
    return plan


def find_plan(look: Look, plan_id: str, *, lock: bool = False) -> Plan:
    """A plan of the community that the actor may see.

    Raises
    ------
    NotFound
        No such plan.
    """
    require(look.actor, Action.REDRAW_VIEW)
    statement = select(Plan).where(Plan.id == plan_id, Plan.community_id == look.community.id)
    plan = look.session.scalar(statement.with_for_update() if lock else statement)
    if plan is None or plan.state == PlanState.DISCARDED:
        raise NotFound("no such plan")
    return plan


def open_plan(look: Look, plan_id: str, *, caches: Caches, lock: bool = False) -> OpenPlan:
    """A plan as it looks on today's revision.

    Raises
    ------
    Conflict
        The division has changed since where the plan draws; both lists of grids are named.
    """
    plan = find_plan(look, plan_id, lock=lock)
    rows = look.session.scalars(
        select(PlanEdit).where(PlanEdit.plan_id == plan.id).order_by(PlanEdit.position)
    ).all()
    kept = tuple(row for row in rows if not row.is_undone)
    steps = [(row.id, row.op) for row in kept]
    if plan.base_revision != look.version.revision and plan.state != PlanState.PUBLISHED:
        _refuse_overtaken(look, plan, steps, caches)
    shown = _look_at_base(look, plan, caches) if plan.state == PlanState.PUBLISHED else look
    return OpenPlan(
        plan=plan,
        edits=kept,
        undone=tuple(row for row in rows if row.is_undone),
        base=base_of(shown),
        drawing=drawn(shown, steps),
    )


def _look_at_base(look: Look, plan: Plan, caches: Caches) -> Look:
    """The look through which a plan was drawn at first: the division of its own revision."""
    effective = look.session.scalar(
        select(Revision.effective_at).where(
            Revision.community_id == plan.community_id, Revision.number == plan.base_revision
        )
    )
    if effective is None:
        return look
    return replace(
        look,
        division=caches.divisions.get(look.session, plan.community_id, at=effective),
        version=replace(look.version, revision=plan.base_revision),
        when=AsOf(at=look.when.at, day=look.when.day, is_past=False),
    )


def _refuse_overtaken(
    look: Look, plan: Plan, steps: Sequence[tuple[str, Mapping[str, Any]]], caches: Caches
) -> None:
    """Plans that share no cell and no grid with what was published since go on; others are refused."""
    then = _look_at_base(look, plan, caches)
    drawing, before = drawn(then, steps), base_of(then).drawing.ground
    today = base_of(look).drawing.ground
    own, theirs = _grids_of(before, drawing.ground), _grids_of(before, today)
    if own & theirs:
        message = say(
            "the division has changed since: this plan draws {own}, published was {theirs}",
            own=", ".join(sorted(own)),
            theirs=", ".join(sorted(theirs)),
        )
        raise Conflict(message)


def _grids_of(before: Ground, after: Ground) -> set[str]:
    """Codes of the grids between which cells passed, before and after."""
    return {
        ground.grid_at(cell)
        for cell in passed_on(before, after)
        for ground in (before, after)
        if cell in ground.owner
    }


def add_edit(look: Look, plan_id: str, op: Mapping[str, Any], *, caches: Caches, now: datetime) -> OpenPlan:
    """Add an edit; what had been taken back before is gone for good then.

    Raises
    ------
    Conflict, InvalidInput
        The edit is refused: one sentence says why, and nothing has changed.
    """
    require(look.actor, Action.REDRAW_EDIT)
    opened = open_plan(look, plan_id, caches=caches, lock=True)
    _refuse_closed(opened.plan)
    edited(opened.base, opened.drawing, op)
    look.session.execute(delete(PlanEdit).where(PlanEdit.plan_id == plan_id, PlanEdit.is_undone.is_(True)))
    look.session.add(
        PlanEdit(
            id=new_id(),
            plan_id=plan_id,
            position=1 + (opened.edits[-1].position if opened.edits else 0),
            op=dict(op),
            account_id=look.actor.account_id,
            at=now,
        )
    )
    opened.plan.base_revision = look.version.revision
    look.session.flush()
    return open_plan(look, plan_id, caches=caches)


def undo(look: Look, plan_id: str, *, caches: Caches) -> OpenPlan:
    """Take the last edit back.

    Raises
    ------
    Conflict
        There is none.
    """
    return _turn(look, plan_id, caches=caches, is_undone=True)


def redo(look: Look, plan_id: str, *, caches: Caches) -> OpenPlan:
    """Bring the edit back that was taken back last.

    Raises
    ------
    Conflict
        There is none.
    """
    return _turn(look, plan_id, caches=caches, is_undone=False)


def _turn(look: Look, plan_id: str, *, caches: Caches, is_undone: bool) -> OpenPlan:
    require(look.actor, Action.REDRAW_EDIT)
    opened = open_plan(look, plan_id, caches=caches, lock=True)
    _refuse_closed(opened.plan)
    candidates = opened.edits[-1:] if is_undone else opened.undone[:1]
    if not candidates:
        raise Conflict("there is nothing to take back" if is_undone else "there is nothing to bring back")
    candidates[0].is_undone = is_undone
    look.session.flush()
    return open_plan(look, plan_id, caches=caches)


def discard(look: Look, plan_id: str, *, now: datetime) -> None:
    """Put a plan away; it can't be opened any more."""
    require(look.actor, Action.REDRAW_EDIT)
    plan = find_plan(look, plan_id, lock=True)
    if plan.state == PlanState.PUBLISHED:
        raise Conflict("a published plan stays in the history")
    plan.state = PlanState.DISCARDED
    record(look.session, look.actor, "plan:discard", "plan", now=now, object_id=plan.id)


def _refuse_closed(plan: Plan) -> None:
    if plan.state not in _EDITABLE:
        raise Conflict("this plan has been submitted: it can be edited again when it is returned")


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
    _refuse_closed(plan)
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


def _judged(look: Look, plan_id: str) -> Plan:
    require(look.actor, Action.REDRAW_APPROVE)
    plan = find_plan(look, plan_id, lock=True)
    if plan.state not in {PlanState.SUBMITTED, PlanState.APPROVED}:
        raise Conflict("only a submitted plan is judged")
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


def add_note(look: Look, plan: Plan, kind: NoteKind, *, text: str, now: datetime) -> None:
    """Keep what was said or decided about a plan."""
    note = PlanNote(
        id=new_id(), plan_id=plan.id, kind=kind, account_id=look.actor.account_id, at=now, text=text.strip()
    )
    look.session.add(note)


def allowed(look: Look, plan: Plan) -> list[str]:
    """What the actor may do with a plan in its present state."""
    if plan.state in {PlanState.PUBLISHED, PlanState.DISCARDED}:
        return []
    edits, approves = may(look.actor, Action.REDRAW_EDIT), may(look.actor, Action.REDRAW_APPROVE)
    own = is_own(look.session, plan, look.actor.account_id)
    judges = approves and (not own or look.actor.role == Role.LOCAL)
    drafts = plan.drafter_id == look.actor.account_id
    found = {
        "edit": edits and plan.state in _EDITABLE,
        "submit": edits and plan.state in _EDITABLE,
        "approve": judges and plan.state == PlanState.SUBMITTED,
        "return": judges and plan.state in {PlanState.SUBMITTED, PlanState.APPROVED},
        "publish": judges or (plan.state == PlanState.APPROVED and drafts),
        "discard": edits and (drafts or look.actor.role in {Role.HEAD, Role.LOCAL}),
    }
    return [word for word, holds in found.items() if holds]


def list_plans(look: Look) -> list[dict[str, Any]]:
    """Plans of the community that aren't put away, the newest first."""
    require(look.actor, Action.REDRAW_VIEW)
    rows = look.session.execute(
        select(Plan, Account.name, func.count(PlanEdit.id).filter(PlanEdit.is_undone.is_(False)))
        .outerjoin(Account, Account.id == Plan.drafter_id)
        .outerjoin(PlanEdit, PlanEdit.plan_id == Plan.id)
        .where(Plan.community_id == look.community.id, Plan.state != PlanState.DISCARDED)
        .group_by(Plan.id, Account.name)
        .order_by(Plan.created_at.desc())
    )
    return [
        {
            "id": plan.id,
            "name": plan.name,
            "state": plan.state,
            "revision": plan.base_revision,
            "drafter": drafter,
            "created_at": plan.created_at.astimezone(look.tz).isoformat(),
            "edits": edits,
            "may": allowed(look, plan),
        }
        for plan, drafter, edits in rows
    ]
