"""Edits of a plan: adding one, undo and redo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import Caches, View
from gisgrid.errors import Conflict
from gisgrid.redraw.edit_inputs import prepared
from gisgrid.redraw.edits.cell_edits import TransferEdit
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.edit import Edit
from gisgrid.redraw.edits.kinds import kind_of, right_to_draw
from gisgrid.redraw.edits.repair import mending
from gisgrid.redraw.edits.replay import drawn
from gisgrid.redraw.plans.decisions import refuse_closed
from gisgrid.redraw.plans.models import PlanEdit
from gisgrid.redraw.plans.store import OpenPlan, open_plan
from gisgrid.redraw.transfer.recipient import reception_of
from gisgrid.storage.base import new_id


def add_edit(view: View, plan_id: str, op: Mapping[str, Any], *, caches: Caches, now: datetime) -> OpenPlan:
    """Add an edit; what had been taken back before is gone for good then.

    Raises
    ------
    Mendable
        A grid would fall apart; the fault has the edit that takes the plots between along.
    Conflict, InvalidInput
        The edit is refused: one sentence says why, and nothing has changed. So is one that would change
        nothing: undo takes back what can be seen.
    """
    require(view.actor, right_to_draw(op))
    sent = kind_of(op).sent(op)
    opened = open_plan(view, plan_id, caches=caches, lock=True)
    refuse_closed(opened.plan)
    edit = prepared(sent, view, opened.base, opened.drawing)
    row = PlanEdit(
        id=new_id(),
        plan_id=plan_id,
        position=1 + (opened.edits[-1].position if opened.edits else 0),
        op=edit.kept,
        account_id=view.actor.account_id,
        at=now,
    )
    # Under the edit's own id it is remembered: opening the plan afterwards need not draw it again.
    with mending(view, opened.base, opened.drawing, edit):
        after = drawn(view, [(edit_row.id, edit_row.op) for edit_row in (*opened.edits, row)])
    _refuse_idle(opened.drawing, after, edit)
    if isinstance(edit, TransferEdit) and after.transfer is not None:
        reception_of(view, opened, after.transfer, caches=caches, now=now)
    view.session.execute(delete(PlanEdit).where(PlanEdit.plan_id == plan_id, PlanEdit.is_undone.is_(True)))
    view.session.add(row)
    opened.plan.base_revision = view.version.revision
    view.session.flush()
    return open_plan(view, plan_id, caches=caches)


def _refuse_idle(before: Drawing, after: Drawing, edit: Edit) -> None:
    """Refuse an edit after which everything is as it was."""
    keys = ("names", "locked", "duties", "codes", "transfer")
    if after.ground is not before.ground or any(getattr(before, key) != getattr(after, key) for key in keys):
        return
    raise edit.idle()


def undo(view: View, plan_id: str, *, caches: Caches) -> OpenPlan:
    """Take the last edit back.

    Raises
    ------
    Conflict
        There is none.
    """
    return _turn(view, plan_id, caches=caches, is_undone=True)


def redo(view: View, plan_id: str, *, caches: Caches) -> OpenPlan:
    """Bring the edit back that was taken back last.

    Raises
    ------
    Conflict
        There is none.
    """
    return _turn(view, plan_id, caches=caches, is_undone=False)


def _turn(view: View, plan_id: str, *, caches: Caches, is_undone: bool) -> OpenPlan:
    require(view.actor, Action.REDRAW_EDIT)
    opened = open_plan(view, plan_id, caches=caches, lock=True)
    refuse_closed(opened.plan)
    candidates = opened.edits[-1:] if is_undone else opened.undone[:1]
    if not candidates:
        raise Conflict("there is nothing to take back" if is_undone else "there is nothing to bring back")
    require(view.actor, right_to_draw(candidates[0].op))
    candidates[0].is_undone = is_undone
    view.session.flush()
    return open_plan(view, plan_id, caches=caches)
