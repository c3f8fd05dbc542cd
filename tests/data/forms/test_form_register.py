"""Every field of the register can be asked for in a form, by questions that a form knows."""

from __future__ import annotations

from data.forms.register import register_columns
from gisgrid.forms.tree import QUESTION_TYPES
from gisgrid.people.edits.fields import FIELDS


def test_every_field_has_questions_of_known_types() -> None:
    columns = register_columns()
    assert columns.keys() == FIELDS.keys()
    assert all(column.types and column.types <= QUESTION_TYPES for column in columns.values())


def test_choices_and_purpose_are_those_of_the_field() -> None:
    columns = register_columns()
    assert columns["person.sex"].choices == ("f", "m")
    assert columns["person.lived_to"].choices == ()
    assert {code for code, column in columns.items() if column.is_sensitive} == {
        "person.need.ability_grade",
        "person.need.no_income",
        "person.need.min_allowance",
        "person.need.hardship",
        "person.need.disabled",
    }
    assert (columns["person.phone"].purpose, columns["household.kind"].purpose) == ("contact", "registration")
