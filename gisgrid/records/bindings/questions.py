"""Which questions of a form stand for fields of the register, and which may not be asked of somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import FormTree, Item, Question, Repeat, walk_items
from gisgrid.people.core.models import Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import FIELDS, FieldSubject, RegisterField
from gisgrid.places.models import Household

FRESH_DAYS: Final = 180
"""How long a value that was confirmed is only shown, where the question says nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A question with the field it stands for; ``repeat`` is that of the household's people it stands in."""

    question: Question
    field: RegisterField
    repeat: str | None = None

    @property
    def is_of_household(self) -> bool:
        """Whether the field is one of the household itself."""
        return self.field.subject == FieldSubject.HOUSEHOLD

    @property
    def fresh_days(self) -> int:
        """How many days a confirmed value isn't asked again."""
        return FRESH_DAYS if self.question.fresh_days is None else self.question.fresh_days


def bindings_of(tree: FormTree) -> list[Binding]:
    """The bound questions of a form, in its order; those of a repeat that isn't of people count for nothing.

    A question about a person that stands in no repeat is bound where the form is about a person.
    """
    repeats = {
        question.name: item
        for item in walk_items(tree.items)
        if isinstance(item, Repeat)
        for question in walk_items(item.items)
    }
    bindings = []
    for item in walk_items(tree.items):
        field = FIELDS.get(item.register or "") if isinstance(item, Question) else None
        repeat = repeats.get(item.name)
        if isinstance(item, Question) and field is not None and _is_bound(tree, field, repeat):
            bindings.append(Binding(question=item, field=field, repeat=repeat.name if repeat else None))
    return bindings


def _is_bound(tree: FormTree, field: RegisterField, repeat: Repeat | None) -> bool:
    if repeat is not None:
        return repeat.register is not None and field.subject == FieldSubject.PERSON
    return field.subject == FieldSubject.HOUSEHOLD or tree.settings.subject == FieldSubject.PERSON


def people_repeats(tree: FormTree) -> list[str]:
    """The names of the repeats that ask for each person of a household."""
    return [item.name for item in walk_items(tree.items) if isinstance(item, Repeat) and item.register]


def closed_questions(bindings: list[Binding], states: Mapping[Purpose, FieldState]) -> frozenset[str]:
    """The bound questions outside of repeats whose own purpose was refused, or asked of nobody yet."""
    outside = (binding for binding in bindings if binding.repeat is None)
    return frozenset(
        binding.question.name for binding in outside if states[binding.field.purpose] != FieldState.OPEN
    )


def closed_in_rows(
    session: Session, tree: FormTree, household: Household, people: Iterable[Resident]
) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By repeat of people and id of a person the bound questions that the person may not be asked.

    Whoever is added has what the household answered, under ``""``.
    """
    repeats = people_repeats(tree)
    if not repeats:
        return {}
    states = {person.id: states_of(session, household, person) for person in people}
    states[""] = states_of(session, household)
    return {name: {key: _closed_in(tree, name, of) for key, of in states.items()} for name in repeats}


def _closed_in(tree: FormTree, repeat: str, states: Mapping[Purpose, FieldState]) -> frozenset[str]:
    within = (binding for binding in bindings_of(tree) if binding.repeat == repeat)
    return frozenset(row.question.name for row in within if states[row.field.purpose] != FieldState.OPEN)


def without_questions(tree: FormTree, names: frozenset[str]) -> FormTree:
    """The form with some questions never relevant: not asked, not required, and not kept if sent."""
    return replace(tree, items=tuple(_closed(item, names) for item in tree.items)) if names else tree


def _closed(item: Item, names: frozenset[str]) -> Item:
    if isinstance(item, Question):
        return replace(item, relevant=parse("false()")) if item.name in names else item
    return replace(item, items=tuple(_closed(inner, names) for inner in item.items))
