"""Rows of a repeat about people of a household: each becomes a record of that person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.forms.answers.checks import CheckedAnswers
from gisgrid.forms.answers.state import ROW_ID
from gisgrid.forms.tree import FormTree, Repeat, walk_items
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.records.entries.subject_scope import RecordSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class DividedAnswers:
    """Answers of a household without those of its people, and these by the id of the person."""

    own: Mapping[str, Any]
    people: Mapping[str, Mapping[str, Any]]


def divide(
    session: Session, tree: FormTree, subject: RecordSubject, checked: CheckedAnswers
) -> DividedAnswers:
    """Take rows about people out of a household's answers, so that each is erased with its person.

    Raises
    ------
    InvalidInput
        A row is about nobody of this household; people are added before they are noted.
    """
    own = dict(checked.answers)
    names = [item.name for item in walk_items(tree.items) if isinstance(item, Repeat) and item.register]
    if subject.household is None or not any(own.get(name) for name in names):
        return DividedAnswers(own=own, people={})
    home = Resident.household_id == subject.household.id
    residents = {
        person.id: person
        for person in session.scalars(select(Resident).where(home, Resident.erased_at.is_(None)))
    }
    faults: list[Fault] = []
    people: dict[str, dict[str, Any]] = {}
    for name in names:
        rows: Any = own.pop(name, [])
        for index, row in enumerate(rows):
            person = residents.get(str(row.get(ROW_ID)))
            if person is None:
                message = say("no such person in this household")
                faults.append(Fault(message=message, field=f"answers.{name}[{index}]"))
            elif person.consent not in NO_CONSENT:
                answers = {key: value for key, value in row.items() if key != ROW_ID}
                people.setdefault(person.id, {})[name] = answers
    if faults:
        raise InvalidInput(faults)
    return DividedAnswers(own=own, people=people)
