"""Assigning visitors, ending that, and passing them on when a grid changes hands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import Look
from gisgrid.errors import InvalidInput
from gisgrid.welfare.models import AssignedVisitor
from gisgrid.welfare.queries import open_assignments, people_on_duty, resident_to_visit
from gisgrid.welfare.rules import VisitorInput, VisitorKind, to_agree_with

_FIELDS = ("kind", "worker_id", "name")


def assign_visitor(look: Look, resident_id: str, visitor: VisitorInput, *, now: datetime) -> None:
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
    require(look.actor, Action.VISITORS_ASSIGN)
    resident = resident_to_visit(look, resident_id, lock=True)
    if visitor.kind == VisitorKind.WORKER:
        on_duty = {one["id"] for one in people_on_duty(look, at=now)}
        if visitor.worker not in on_duty:
            raise InvalidInput("nobody on duty in this community has this id", field="worker")
    name = None if visitor.name is None else visitor.name.strip() or None
    known = _present(look, resident.id)
    if known and (known.kind, known.worker_id, known.name) == (visitor.kind, visitor.worker, name):
        known.agree_with_id = None
    else:
        _close(look, known, now=now)
        row = AssignedVisitor(
            resident_id=resident.id,
            kind=visitor.kind,
            worker_id=visitor.worker,
            name=name,
            account_id=look.actor.account_id,
            valid_from=now,
        )
        look.session.add(row)
    _keep(look, "visitors:assign", resident.id, now=now)


def end_visitor(look: Look, resident_id: str, *, now: datetime) -> None:
    """A resident has no visitor from now on; nothing happens where there is none.

    Raises
    ------
    NotAllowed
        The role assigns no visitors.
    NotFound
        No such resident within what the actor may see.
    """
    require(look.actor, Action.VISITORS_ASSIGN)
    resident = resident_to_visit(look, resident_id, lock=True)
    known = _present(look, resident.id)
    if known is not None:
        _close(look, known, now=now)
        _keep(look, "visitors:end", resident.id, now=now)


def hand_visitors_over(
    look: Look, households: Mapping[str, tuple[str | None, str | None]], *, now: datetime
) -> int:
    """Note with whom it is to be agreed who visits in households that went from one member to another.

    No visitor ends by it. Leaves one audit entry; gives how many are to be agreed anew.

    Parameters
    ----------
    households
        For each household's id the workers who gave it up and who took it.
    """
    count = 0
    for household, row in open_assignments(look, sorted(households)):
        giver, taker = households[household]
        wanted = to_agree_with(row.worker_id, row.agree_with_id, giver=giver, taker=taker)
        if wanted != row.agree_with_id:
            row.agree_with_id = wanted
            count += 1
    if count:
        record(look.session, look.actor, "visitors:hand_over", "resident", now=now, count=count)
        look.session.flush()
    return count


def _present(look: Look, resident_id: str) -> AssignedVisitor | None:
    statement = select(AssignedVisitor).where(
        AssignedVisitor.resident_id == resident_id, AssignedVisitor.valid_to.is_(None)
    )
    return look.session.scalar(statement)


def _close(look: Look, row: AssignedVisitor | None, *, now: datetime) -> None:
    """End an assignment; one of this very moment never held."""
    if row is None:
        return
    if row.valid_from < now:
        row.valid_to = now
    else:
        look.session.delete(row)
    look.session.flush()


def _keep(look: Look, action: str, resident_id: str, *, now: datetime) -> None:
    record(look.session, look.actor, action, "resident", now=now, object_id=resident_id, fields=_FIELDS)
    touch(look.session, [look.community.id])
    look.session.flush()
