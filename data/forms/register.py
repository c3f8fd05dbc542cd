"""The fields of the register as questions of a form may stand for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from data.forms.bindings import RegisterColumn
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.fields import FIELDS, FieldType, RegisterField

_TYPES: Final[Mapping[FieldType, frozenset[str]]] = {
    FieldType.TEXT: frozenset({"text"}),
    FieldType.PHONE: frozenset({"text"}),
    FieldType.DAY: frozenset({"date"}),
    FieldType.CHOICE: frozenset({"select_one"}),
    FieldType.COUNT: frozenset({"integer"}),
    FieldType.LEAVING: frozenset({"date"}),
    FieldType.NEED: frozenset({"select_one"}),
}


def register_columns() -> dict[str, RegisterColumn]:
    """What ``read_form`` wants to know of the register, by the code of the field."""
    return {code: _column(field) for code, field in FIELDS.items()}


def _column(field: RegisterField) -> RegisterColumn:
    return RegisterColumn(
        types=_TYPES[field.type],
        purpose=field.purpose,
        # A day of leaving is answered with a day, not with why.
        choices=field.choices if field.type == FieldType.CHOICE else (),
        is_sensitive=field.purpose == Purpose.SENSITIVE_NEEDS,
    )
