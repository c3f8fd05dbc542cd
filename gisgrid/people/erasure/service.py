"""Erasure from the asking to the deed: a household asks, a head confirms, a list remembers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.erasures import Erased, note_erased
from gisgrid.access.spool import drain_into
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotFound
from gisgrid.people.core.erasure_rules import ErasureState
from gisgrid.people.core.models import ErasureRequest, Resident
from gisgrid.people.core.scope import answerable_household
from gisgrid.people.erasure.blanks import BLANKED, erase_resident
from gisgrid.storage.base import new_id

_LONGEST_REASON: Final = 200


def ask_erasure(view: View, household_id: str, *, resident_id: str | None = None, now: datetime) -> str:
    """Keep that a household, or one person of it, asks to be erased; the id of the request.

    A member may note it for somebody without an account. Asking twice is one request.

    Raises
    ------
    NotAllowed
        The role may not ask.
    NotFound
        No such household within what the actor may ask, or no such person in it.
    Conflict
        There is nobody to erase.
    """
    require(view.actor, Action.ERASURE_ASK)
    household = answerable_household(view, household_id, lock=True)
    if not _people(view.session, household.id, resident_id):
        if resident_id is not None:
            raise NotFound("no such person in this household")
        raise Conflict("nobody is registered in this household")
    waiting = select(ErasureRequest.id).where(
        ErasureRequest.household_id == household.id,
        ErasureRequest.state == ErasureState.ASKED,
        ErasureRequest.resident_id == resident_id if resident_id else ErasureRequest.resident_id.is_(None),
    )
    if (known := view.session.scalar(waiting)) is not None:
        return known
    row = ErasureRequest(
        id=new_id(),
        community_id=household.community_id,
        household_id=household.id,
        resident_id=resident_id,
        state=ErasureState.ASKED,
        asked_at=now,
        asked_by=view.actor.account_id,
    )
    view.session.add(row)
    record(view.session, view.actor, "erasure:ask", "household", now=now, object_id=household.id)
    view.session.flush()
    return row.id


def take_back(view: View, request_id: str, *, now: datetime) -> None:
    """Take a request back as long as nothing was erased.

    Raises
    ------
    NotAllowed
        The role may not ask.
    NotFound
        No such request of a household that the actor may ask.
    Conflict
        It has been decided.
    """
    require(view.actor, Action.ERASURE_ASK)
    request = _waiting(view, request_id)
    answerable_household(view, request.household_id, lock=True)
    _decide(view, request, ErasureState.TAKEN_BACK, now=now)
    _log(view, request, "erasure:take_back", now=now)


def decline(view: View, request_id: str, reason: str, *, now: datetime) -> None:
    """Decline a request, with the reason that who asked is told.

    Raises
    ------
    NotAllowed
        The role decides nothing here.
    NotFound
        No such request in the community.
    InvalidInput
        The reason is missing or too long.
    Conflict
        It has been decided.
    """
    require(view.actor, Action.ERASURE_DECIDE)
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise InvalidInput("a reason has 1 to 200 characters", field="reason")
    request = _waiting(view, request_id)
    request.reason = reason.strip()
    _decide(view, request, ErasureState.DECLINED, now=now)
    _log(view, request, "erasure:decline", now=now, fields=("reason",))


def carry_out(view: View, request_id: str, *, erasures: Path, now: datetime) -> int:
    """Erase for good what a request asks for; how many people were erased.

    Names, phones, birth dates, sex and needs go; what stays is a count of age bands in the grid, the address,
    and the ids in the list outside the backup, by which a restore erases again.

    Parameters
    ----------
    erasures
        The list (:mod:`gisgrid.access.erasures`), written before the transaction ends.

    Raises
    ------
    NotAllowed
        The role decides nothing here.
    NotFound
        No such request in the community.
    Conflict
        It has been decided.
    """
    require(view.actor, Action.ERASURE_DECIDE)
    request = _waiting(view, request_id)
    drain_into(view.session)
    people = _people(view.session, request.household_id, request.resident_id)
    count = sum(erase_resident(view.session, person, at=now, tz=view.tz) for person in people)
    _decide(view, request, ErasureState.DONE, now=now)
    _log(view, request, "erasure:carry_out", now=now, count=count, fields=[column.key for column in BLANKED])
    touch(view.session, [request.community_id])
    view.session.flush()
    note_erased(erasures, [Erased(table=Resident.__tablename__, id=person, at=now) for person in people])
    return count


def _people(session: Session, household_id: str, resident_id: str | None) -> Sequence[str]:
    people = select(Resident.id).where(Resident.household_id == household_id, Resident.erased_at.is_(None))
    if resident_id is not None:
        people = people.where(Resident.id == resident_id)
    return session.scalars(people.order_by(Resident.id)).all()


def _waiting(view: View, request_id: str) -> ErasureRequest:
    wait_for_others(view.session, view.community.id)
    statement = (
        select(ErasureRequest)
        .where(ErasureRequest.id == request_id, ErasureRequest.community_id == view.community.id)
        .with_for_update()
    )
    request = view.session.scalar(statement)
    if request is None:
        raise NotFound("no such request")
    if request.state != ErasureState.ASKED:
        raise Conflict("this request has been decided")
    return request


def _decide(view: View, request: ErasureRequest, state: ErasureState, *, now: datetime) -> None:
    request.state, request.decided_at, request.decided_by = state, now, view.actor.account_id
    view.session.flush()


def _log(
    view: View,
    request: ErasureRequest,
    action: str,
    *,
    now: datetime,
    count: int = 1,
    fields: Sequence[str] = (),
) -> None:
    record(
        view.session,
        view.actor,
        action,
        "household",
        now=now,
        object_id=request.household_id,
        count=count,
        fields=fields,
    )
