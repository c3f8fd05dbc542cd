"""What many households and their people answered, purpose by purpose, read at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select

from gisgrid.areas.view import View
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT, NOT_ASKED
from gisgrid.people.edits.field_states import FieldState, state_of_answers
from gisgrid.places.models import Household
from gisgrid.records.outward.scope import OutwardScope

Answers = Mapping[tuple[str, str], str]
"""The last answer by the id of who gave it and the purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStates:
    """The last answers in a scope; each asks them for one household or person at a time."""

    answers: Answers

    def of_home(self, home: str, registration: str | None, purpose: Purpose) -> FieldState:
        """The state of a household's fields of a purpose; ``registration`` is its present answer."""
        return self._state(registration, purpose, shared=self.answers.get((home, purpose)), own=None)

    def of_person(
        self, home: str, registration: str | None, person: str, answer: str, purpose: Purpose
    ) -> FieldState:
        """The same of a person, whose own present answer to being registered is ``answer``."""
        own_registration = None if answer == NOT_ASKED else answer
        registered = state_of_answers(own_registration, registration)
        if purpose == Purpose.REGISTRATION or registered == FieldState.REFUSED:
            return registered
        return state_of_answers(self.answers.get((person, purpose)), self.answers.get((home, purpose)))

    @staticmethod
    def _state(registration: str | None, purpose: Purpose, shared: str | None, own: str | None) -> FieldState:
        if purpose == Purpose.REGISTRATION or registration in NO_CONSENT:
            return state_of_answers(None, registration)
        return state_of_answers(own, shared)


def read_states(view: View, scope: OutwardScope) -> ConsentStates:
    """The last answers of all households in a scope and of their people, by one query."""
    homes = select(Household.id).where(scope.homes(view))
    people = select(Resident.id).where(Resident.household_id.in_(homes))
    statement = (
        select(Consent.household_id, Consent.resident_id, Consent.purpose, Consent.status)
        .where(or_(Consent.household_id.in_(homes), Consent.resident_id.in_(people)))
        .order_by(Consent.asked_at, Consent.id)
    )
    rows = view.session.execute(statement)
    return ConsentStates(answers={(str(row[0] or row[1]), row[2]): row[3] for row in rows})
