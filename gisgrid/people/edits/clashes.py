"""Answers that met a changed register: staff settle them, members may ask that somebody looks again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Role
from gisgrid.areas.view import View
from gisgrid.days import day_of, local_text, local_text_or_none
from gisgrid.errors import Conflict, InvalidInput, NotFound
from gisgrid.people.core.edit_models import ClashState, FieldClash
from gisgrid.people.core.models import Resident
from gisgrid.people.core.scope import answerable
from gisgrid.people.edits.changes import EditAct, begin_edit
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import FIELDS
from gisgrid.people.edits.register import read_field
from gisgrid.people.edits.scope import EditSubject, editable_household, editable_person, reason_faults
from gisgrid.people.edits.service import check_open
from gisgrid.people.edits.values import Value, check_value, from_json
from gisgrid.places.models import Household


class ClashRow(TypedDict):
    """A clash that waits: whose field, what the register holds now, and the answer that met it.

    To heads both values and the name are told when they settle it with a reason, not in a list.
    """

    id: str
    household: str
    address: str
    person: str | None
    name: str | None
    field: str
    register: Value
    answer: Value
    is_shown: bool
    at: str
    by: str | None
    look_again_at: str | None


class SettledClash(TypedDict):
    """A clash that was settled: how, and the change where the answer was taken."""

    id: str
    state: ClashState
    change: str | None


def list_clashes(view: View, *, now: datetime) -> list[ClashRow]:
    """Clashes that wait, of households the actor may edit, the oldest first. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    """
    require(view.actor, Action.PERSONS_EDIT)
    statement = (
        select(FieldClash, Household, Resident, Account.name)
        .join(Household, Household.id == FieldClash.household_id)
        .outerjoin(Resident, Resident.id == FieldClash.resident_id)
        .outerjoin(Account, Account.id == FieldClash.account_id)
        .where(FieldClash.state == ClashState.WAITING, answerable(view))
        .order_by(FieldClash.at, FieldClash.id)
    )
    rows = [_row(view, *row) for row in view.session.execute(statement).all()]
    record(view.session, view.actor, "clashes:list", "household", now=now, count=len(rows))
    return rows


def _row(
    view: View, clash: FieldClash, household: Household, person: Resident | None, account: str | None
) -> ClashRow:
    field = FIELDS[clash.field]
    is_open = states_of(view.session, household, person)[field.purpose] == FieldState.OPEN
    is_shown = is_open and view.actor.role != Role.HEAD and clash.answer is not None
    subject = EditSubject(household=household, person=person)
    return ClashRow(
        id=clash.id,
        household=household.id,
        address=household.std_address,
        person=clash.resident_id,
        name=person.name if person is not None and is_shown else None,
        field=clash.field,
        register=read_field(view.session, subject, field, view.tz) if is_shown else None,
        answer=from_json(clash.answer) if is_shown and clash.answer else None,
        is_shown=is_shown,
        at=local_text(clash.at, view.tz),
        by=account,
        look_again_at=local_text_or_none(clash.look_again_at, view.tz),
    )


def settle_clash(
    view: View, clash_id: str, *, takes_answer: bool, reason: str | None = None, now: datetime
) -> SettledClash:
    """Keep the register, or take the answer in its place; either way the clash is over.

    Raises
    ------
    NotAllowed
        The role settles nothing.
    NotFound
        No such clash of a household or person within what the actor may edit.
    InvalidInput
        The reason can't be so, or the answer can't be taken any more.
    Conflict
        It was settled already, or what it was about is gone.
    """
    require(view.actor, Action.CLASHES_SETTLE)
    clash, subject = _waiting(view, clash_id)
    act = begin_edit(view, subject, reason, now)
    if faults := reason_faults(view, reason):
        raise InvalidInput(faults)
    change = _take(act, clash) if takes_answer else None
    clash.state = ClashState.TAKEN if takes_answer else ClashState.KEPT
    clash.settled_at, clash.settled_by = now, view.actor.account_id
    if takes_answer:
        act.close("clashes:take", [clash.field])
    else:
        act.close("clashes:keep", [clash.field])
    return SettledClash(id=clash.id, state=ClashState(clash.state), change=change)


def _take(act: EditAct, clash: FieldClash) -> str:
    field = FIELDS[clash.field]
    check_open(field, states_of(act.view.session, act.subject.household, act.subject.person))
    value = check_value(field, from_json(clash.answer or "null"), today=day_of(act.now, act.view.tz))
    return act.write(field, value)


def ask_to_check_again(view: View, clash_id: str, *, now: datetime) -> None:
    """Ask that somebody looks again at the door; the clash goes on waiting.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such clash of a household or person within what the actor may edit.
    Conflict
        It was settled already, or what it was about is gone.
    """
    require(view.actor, Action.PERSONS_EDIT)
    clash, subject = _waiting(view, clash_id)
    clash.look_again_at, clash.look_again_by = now, view.actor.account_id
    act = begin_edit(view, subject, None, now)
    act.close("clashes:look_again", [clash.field])


def _waiting(view: View, clash_id: str) -> tuple[FieldClash, EditSubject]:
    clash = view.session.scalar(select(FieldClash).where(FieldClash.id == clash_id))
    if clash is None:
        raise NotFound("no such clash")
    if clash.resident_id is None:
        subject = editable_household(view, clash.household_id)
    else:
        subject = editable_person(view, clash.resident_id)
    view.session.refresh(clash, with_for_update=True)
    if clash.state != ClashState.WAITING:
        raise Conflict("this clash is over")
    return clash, subject
