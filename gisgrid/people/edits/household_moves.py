"""A whole household moves out in one act: everybody who lives there, and the counts of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT, Leaving
from gisgrid.people.edits.changes import EditAct, begin_edit
from gisgrid.people.edits.field_states import states_of
from gisgrid.people.edits.fields import LEFT, MINORS, PEOPLE_TOLD
from gisgrid.people.edits.head_counts import head_count
from gisgrid.people.edits.households import HouseholdAnswer
from gisgrid.people.edits.scope import EditSubject, editable_household, reason_faults
from gisgrid.people.edits.service import check_open, check_stay
from gisgrid.people.edits.values import Value, check_value
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on


def move_household_out(
    view: View, household_id: str, day: str, *, reason: str | None = None, now: datetime
) -> HouseholdAnswer:
    """Note that nobody of a household lives here from a day on; each person's leaving is undone by itself.

    Those who have left or refused stay as they are; the counts of the household become none.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such household within what the actor may edit.
    InvalidInput
        The day or the reason can't be so, or consent is missing: all faults at once.
    Conflict
        Nobody who is registered lives here.
    """
    subject = editable_household(view, household_id)
    act = begin_edit(view, subject, reason, now)
    leaving: Value = {"day": day, "why": Leaving.MOVED.value}
    people = _people_of(act)
    value = _check(act, people, leaving)
    if not people:
        raise Conflict("nobody who is registered lives here")
    changes = [
        replace(act, subject=EditSubject(household=subject.household, person=person)).write(LEFT, value)
        for person in people
    ]
    changes += [act.write(count, 0) for count in (MINORS, PEOPLE_TOLD) if act.read(count)]
    act.close("households:leave", [LEFT.code])
    return HouseholdAnswer(
        household=household_id,
        address=subject.household.std_address,
        changes=changes,
        count=head_count(view, subject.household),
    )


def _people_of(act: EditAct) -> Sequence[Resident]:
    household: Household = act.subject.household
    statement = (
        select(Resident)
        .where(
            Resident.household_id == household.id,
            Resident.erased_at.is_(None),
            Resident.consent.not_in(NO_CONSENT),
            lived_on(Resident.lived_from, Resident.lived_to, day_of(act.now, act.view.tz)),
        )
        .order_by(Resident.birth_date, Resident.id)
        .with_for_update()
    )
    return act.view.session.scalars(statement.execution_options(populate_existing=True)).all()


def _check(act: EditAct, people: Sequence[Resident], leaving: Value) -> Value:
    """The day and why; every fault is told, one of several people once."""
    faults = reason_faults(act.view, act.reason)
    household, session = act.subject.household, act.view.session
    try:
        check_open(LEFT, states_of(session, household))
        leaving = check_value(LEFT, leaving, today=day_of(act.now, act.view.tz))
    except InvalidInput as error:
        raise InvalidInput([*faults, *error.faults]) from None
    for person in people:
        try:
            check_open(LEFT, states_of(session, household, person))
            check_stay(EditSubject(household=household, person=person), leaving)
        except InvalidInput as error:
            faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        raise InvalidInput(faults)
    return leaving
