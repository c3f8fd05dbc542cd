"""The register's values as answers a form begins with, of a household, a person, and a household's people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.days import local_text_or_none
from gisgrid.forms.tree import FormTree
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT, is_listed
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import FieldSubject
from gisgrid.people.edits.register import read_field
from gisgrid.people.edits.scope import EditSubject
from gisgrid.people.edits.values import base_of
from gisgrid.places.models import Household
from gisgrid.records.bindings.confirmations import Confirmations, confirmations, is_fresh
from gisgrid.records.bindings.conversion import answer_for
from gisgrid.records.bindings.questions import Binding, bindings_of, closed_in_rows, people_repeats
from gisgrid.storage.base import lived_on


class KnownValue(TypedDict):
    """What the register holds for a question, as an answer to it.

    ``base``: its digest, to send back. ``confirmed_at``: when somebody said so last. ``is_fresh``: it is only
    shown, and nobody is asked again.
    """

    value: str | int | None
    base: str
    confirmed_at: str | None
    is_fresh: bool


class KnownRow(TypedDict):
    """A person of the household, by id, with what the register holds for the questions of the repeat."""

    _id: str
    values: dict[str, KnownValue]


@dataclass(frozen=True, kw_only=True)
class RegisterReader:
    """Reads the register for a form; people's fields as far as each of them agreed."""

    view: View
    tree: FormTree
    household: Household

    def outside(self, person: Resident | None, closed: frozenset[str]) -> dict[str, KnownValue]:
        """The values of the bound questions that stand in no repeat and may be asked."""
        bindings = [row for row in bindings_of(self.tree) if row.repeat is None]
        asked = [row for row in bindings if row.question.name not in closed]
        home = EditSubject(household=self.household)
        values = self._values(home, [row for row in asked if row.is_of_household], self._of_home())
        if person is not None:
            own = confirmations(self.view.session, FieldSubject.PERSON, [person.id])
            subject = EditSubject(household=self.household, person=person)
            values |= self._values(subject, [row for row in asked if not row.is_of_household], own)
        order = [row.question.name for row in asked]
        return {name: values[name] for name in order if name in values}

    def rows(self) -> dict[str, list[KnownRow]]:
        """By repeat of the household's people: each of them who lives there today and may be shown."""
        repeats = people_repeats(self.tree)
        people = self._people() if repeats else []
        known = confirmations(self.view.session, FieldSubject.PERSON, [person.id for person in people])
        return {name: [self._row(name, person, known) for person in people] for name in repeats}

    def closed(self) -> dict[str, dict[str, list[str]]]:
        """By repeat and person what may not be asked, and under ``""`` of somebody who is added."""
        people = self._people() if people_repeats(self.tree) else []
        closed = closed_in_rows(self.view.session, self.tree, self.household, people)
        return {name: {key: sorted(names) for key, names in rows.items()} for name, rows in closed.items()}

    def _row(self, repeat: str, person: Resident, known: Confirmations) -> KnownRow:
        states = states_of(self.view.session, self.household, person)
        bindings = [
            row
            for row in bindings_of(self.tree)
            if row.repeat == repeat and states[row.field.purpose] == FieldState.OPEN
        ]
        subject = EditSubject(household=self.household, person=person)
        return KnownRow(_id=person.id, values=self._values(subject, bindings, known))

    def _of_home(self) -> Confirmations:
        return confirmations(self.view.session, FieldSubject.HOUSEHOLD, [self.household.id])

    def _values(
        self, subject: EditSubject, bindings: Sequence[Binding], known: Confirmations
    ) -> dict[str, KnownValue]:
        return {row.question.name: self._value(subject, row, known) for row in bindings}

    def _value(self, subject: EditSubject, binding: Binding, known: Confirmations) -> KnownValue:
        view, of = self.view, binding.field
        held = read_field(view.session, subject, of, view.tz)
        confirmed = known.get((subject.id, of.code))
        return KnownValue(
            value=answer_for(self.tree, binding, held, was_confirmed=confirmed is not None),
            base=base_of(view.session, subject.id, of, held),
            confirmed_at=local_text_or_none(confirmed, view.tz),
            is_fresh=is_fresh(binding, confirmed, view.when.day, view.tz),
        )

    def _people(self) -> list[Resident]:
        today = self.view.when.day
        statement = select(Resident).where(
            Resident.household_id == self.household.id,
            Resident.erased_at.is_(None),
            Resident.consent.not_in(NO_CONSENT),
            lived_on(Resident.lived_from, Resident.lived_to, today),
        )
        people = self.view.session.scalars(statement.order_by(Resident.birth_date, Resident.id))
        return [person for person in people if is_listed(person.birth_date, today)]
