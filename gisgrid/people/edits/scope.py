"""Whom an actor may edit: households and people in one's own grids, for heads anywhere after a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT, is_listed
from gisgrid.people.core.scope import answerable_household
from gisgrid.places.models import Household

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSubject:
    """A household that is edited, or one person of it."""

    household: Household
    person: Resident | None = None

    @property
    def id(self) -> str:
        """The id of the person, else of the household."""
        return self.household.id if self.person is None else self.person.id


def checked_reason(view: View, reason: str | None) -> str | None:
    """Why something is edited: heads say it, others may.

    Raises
    ------
    InvalidInput
        It is missing, or too long.
    """
    if faults := reason_faults(view, reason):
        raise InvalidInput(faults)
    return (reason or "").strip() or None


def reason_faults(view: View, reason: str | None) -> list[Fault]:
    """What is wrong with a reason, to be told with other faults."""
    text = (reason or "").strip()
    if not text and view.actor.role == Role.HEAD:
        return [Fault(message="a reason is needed", field="reason")]
    if len(text) > _LONGEST:
        said = say("a reason has at most {most} characters", most=_LONGEST)
        return [Fault(message=said, field="reason")]
    return []


def editable_household(view: View, household_id: str, *, lock: bool = True) -> EditSubject:
    """A household the actor may edit, locked against a second writer.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such household within what the actor may edit.
    """
    require(view.actor, Action.PERSONS_EDIT)
    return EditSubject(household=answerable_household(view, household_id, lock=lock))


def editable_person(view: View, person_id: str, *, lock: bool = True) -> EditSubject:
    """A person the actor may edit, with the household, both locked.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit; nobody below 14 is.
    Conflict
        The person was erased or has refused to be registered.
    """
    require(view.actor, Action.PERSONS_EDIT)
    home = view.session.scalar(select(Resident.household_id).where(Resident.id == person_id))
    if home is None:
        raise NotFound("no such person")
    household = answerable_household(view, home, lock=lock)
    statement = select(Resident).where(Resident.id == person_id, Resident.household_id == household.id)
    if lock:
        statement = statement.with_for_update()
    person = view.session.scalar(statement.execution_options(populate_existing=True))
    if person is None or not is_listed(person.birth_date, view.when.day):
        raise NotFound("no such person")
    _check_kept(household, person)
    return EditSubject(household=household, person=person)


def _check_kept(household: Household, person: Resident) -> None:
    if person.erased_at is not None:
        raise Conflict("this person was erased")
    if NO_CONSENT & {person.consent, household.consent}:
        raise Conflict("this person has not agreed to be registered: there is nothing to edit")
