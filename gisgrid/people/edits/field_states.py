"""Which fields exist for a household and a person: by what they answered to each field's purpose."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy.orm import Session

from gisgrid.people.core.answers import last_answers
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT, NOT_ASKED
from gisgrid.places.models import Household


class FieldState(StrEnum):
    """Whether a field exists: with a consent or by duty, not before somebody has asked, not after a no."""

    OPEN = "open"
    NOT_ASKED = "not_asked"
    REFUSED = "refused"


def states_of(
    session: Session, household: Household, person: Resident | None = None
) -> Mapping[Purpose, FieldState]:
    """The state of the fields of each purpose, of a household or of one person in it.

    The person's own last answer counts, else the household's; the household's no speaks for everybody, and a
    no to being registered for every purpose.
    """
    registered = _registration(household, person)
    if registered == FieldState.REFUSED:
        return dict.fromkeys(Purpose, FieldState.REFUSED)
    shared = last_answers(session, Consent.household_id, [household.id])
    own = last_answers(session, Consent.resident_id, [person.id]) if person is not None else {}
    states = {
        purpose: state_of_answers(
            own.get((person.id, purpose)) if person is not None else None,
            shared.get((household.id, purpose)),
        )
        for purpose in Purpose
    }
    return states | {Purpose.REGISTRATION: registered}


def _registration(household: Household, person: Resident | None) -> FieldState:
    """By the present answers: they may have come without a history."""
    own = person.consent if person is not None and person.consent != NOT_ASKED else None
    return state_of_answers(own, household.consent)


def state_of_answers(own: str | None, shared: str | None) -> FieldState:
    """The state by the last answers of a person and of the household; a no of either holds."""
    if shared in NO_CONSENT or own in NO_CONSENT:
        return FieldState.REFUSED
    return FieldState.OPEN if own or shared else FieldState.NOT_ASKED
