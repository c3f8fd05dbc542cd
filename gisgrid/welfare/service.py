"""Assigning visitors, ending that, and passing them on when a grid changes hands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.welfare.models import AssignedVisitor
from gisgrid.welfare.queries import open_assignments, people_on_duty, resident_to_visit
from gisgrid.welfare.rules import VisitorInput, VisitorKind, to_agree_with

_FIELDS = ("kind", "worker_id", "name")


def assign_visitor(view: View, resident_id: str, visitor: VisitorInput, *, now: datetime) -> None:
    """Say who visits a resident from now on; who did until now stays in the history.

    The same visitor again settles what was to be agreed and changes nothing else.

    Raises
    ------
    NotAllowed
        The role assigns no visitors.
    NotFound
        No such resident within what the actor may see.
    InvalidInput
        The worker is not on duty in this community.
    """
    require(view.actor, Action.VISITORS_ASSIGN)
    resident = resident_to_visit(view, resident_id, lock=True)
    if visitor.kind == VisitorKind.WORKER:
        on_duty = {person["id"] for person in people_on_duty(view, at=now)}
        if visitor.worker not in on_duty:
            raise InvalidInput("nobody on duty in this community has this id", field="worker")
    name = None if visitor.name is None else visitor.name.strip() or None
    present = _present(view, resident.id)
    if present and (present.kind, present.worker_id, present.name) == (visitor.kind, visitor.worker, name):
        present.agree_with_id = None
    else:
        _close(view, present, now=now)
        row = AssignedVisitor(
            resident_id=resident.id,
            kind=visitor.kind,
            worker_id=visitor.worker,
            name=name,
            account_id=view.actor.account_id,
            valid_from=now,
        )
        view.session.add(row)
    _keep(view, "visitors:assign", resident.id, now=now)


def end_visitor(view: View, resident_id: str, *, now: datetime) -> None:
    """A resident has no visitor from now on; nothing happens where there is none.

    Raises
    ------
    NotAllowed
        The role assigns no visitors.
    NotFound
        No such resident within what the actor may see.
    """
    require(view.actor, Action.VISITORS_ASSIGN)
    resident = resident_to_visit(view, resident_id, lock=True)
    known = _present(view, resident.id)
    if known is not None:
        _close(view, known, now=now)
        _keep(view, "visitors:end", resident.id, now=now)


def hand_visitors_over(
    view: View, households: Mapping[str, tuple[str | None, str | None]], *, now: datetime
) -> int:
    """Note with whom it is to be agreed who visits in households that went from one member to another.

    No visitor ends by it. Leaves one audit entry; gives how many are to be agreed anew.

    Parameters
    ----------
    households
        For each household's id the workers who gave it up and who took it.
    """
    count = 0
    for household, row in open_assignments(view, sorted(households)):
        giver, taker = households[household]
        wanted = to_agree_with(row.worker_id, row.agree_with_id, giver=giver, taker=taker)
        if wanted != row.agree_with_id:
            row.agree_with_id = wanted
            count += 1
    if count:
        record(view.session, view.actor, "visitors:hand_over", "resident", now=now, count=count)
        view.session.flush()
    return count


def _present(view: View, resident_id: str) -> AssignedVisitor | None:
    statement = select(AssignedVisitor).where(
        AssignedVisitor.resident_id == resident_id, AssignedVisitor.valid_to.is_(None)
    )
    return view.session.scalar(statement)


def _close(view: View, row: AssignedVisitor | None, *, now: datetime) -> None:
    """End an assignment; one of this very moment never held."""
    if row is None:
        return
    if row.valid_from < now:
        row.valid_to = now
    else:
        view.session.delete(row)
    view.session.flush()


def _keep(view: View, action: str, resident_id: str, *, now: datetime) -> None:
    record(view.session, view.actor, action, "resident", now=now, object_id=resident_id, fields=_FIELDS)
    touch(view.session, [view.community.id])
    view.session.flush()
