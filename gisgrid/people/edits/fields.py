"""The closed dictionary of register fields: what may be written by hand, of which type, for which purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import Leaving, ResidenceStatus
from gisgrid.places.models import HouseholdKind


class FieldSubject(StrEnum):
    """Whose field it is."""

    HOUSEHOLD = "household"
    PERSON = "person"


class FieldType(StrEnum):
    """What a value of a field is.

    ``leaving`` is ``{day, why}``, ``need`` is ``{grade, since, legal_basis}``; days are ISO dates.
    """

    TEXT = "text"
    PHONE = "phone"
    DAY = "day"
    CHOICE = "choice"
    COUNT = "count"
    LEAVING = "leaving"
    NEED = "need"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterField:
    """A field: its code, type and choices, and the purpose without which it doesn't exist at all.

    ``column`` is that of the household or resident, or the kind of a need. ``grades``: the lowest and the
    highest one of a need that has any. A field that isn't ``clearable`` always holds a value.
    """

    code: str
    subject: FieldSubject
    type: FieldType
    purpose: Purpose
    column: str
    choices: tuple[str, ...] = ()
    clearable: bool = True
    grades: tuple[int, int] | None = None

    @property
    def is_basic(self) -> bool:
        """Whether a newly added person brings it along."""
        return self.type not in {FieldType.LEAVING, FieldType.NEED}


_SEXES: Final = ("f", "m")
_REGISTRATION: Final = Purpose.REGISTRATION


def _of_household(column: str, kind: FieldType, purpose: Purpose = _REGISTRATION) -> RegisterField:
    choices = tuple(HouseholdKind) if kind == FieldType.CHOICE else ()
    return RegisterField(
        code=f"household.{column}",
        subject=FieldSubject.HOUSEHOLD,
        type=kind,
        purpose=purpose,
        column=column,
        choices=choices,
    )


def _of_person(
    column: str,
    kind: FieldType,
    purpose: Purpose = _REGISTRATION,
    *,
    choices: tuple[str, ...] = (),
    clearable: bool = True,
) -> RegisterField:
    return RegisterField(
        code=f"person.{column}",
        subject=FieldSubject.PERSON,
        type=kind,
        purpose=purpose,
        column=column,
        choices=choices,
        clearable=clearable,
    )


def _need(kind: str, purpose: Purpose, grades: tuple[int, int] | None = None) -> RegisterField:
    return RegisterField(
        code=f"person.need.{kind}",
        subject=FieldSubject.PERSON,
        type=FieldType.NEED,
        purpose=purpose,
        column=kind,
        grades=grades,
    )


_ALL: Final = (
    _of_household("kind", FieldType.CHOICE),
    _of_household("contact", FieldType.PHONE, Purpose.CONTACT),
    _of_household("people_told", FieldType.COUNT),
    _of_household("minors", FieldType.COUNT),
    _of_person("name", FieldType.TEXT),
    _of_person("sex", FieldType.CHOICE, choices=_SEXES),
    _of_person("birth_date", FieldType.DAY, clearable=False),
    _of_person("residence_status", FieldType.CHOICE, choices=tuple(ResidenceStatus), clearable=False),
    _of_person("phone", FieldType.PHONE, Purpose.CONTACT),
    _of_person("lived_to", FieldType.LEAVING, choices=tuple(Leaving)),
    _need("living_alone", Purpose.ELDER_VISITS),
    _need("empty_nest", Purpose.ELDER_VISITS),
    _need("ability_grade", Purpose.SENSITIVE_NEEDS, (0, 4)),
    _need("no_income", Purpose.SENSITIVE_NEEDS),
    _need("min_allowance", Purpose.SENSITIVE_NEEDS),
    _need("hardship", Purpose.SENSITIVE_NEEDS),
    _need("disabled", Purpose.SENSITIVE_NEEDS, (1, 4)),
)

FIELDS: Final[Mapping[str, RegisterField]] = {field.code: field for field in _ALL}
"""Every field by its code."""

NEEDS: Final[Mapping[str, RegisterField]] = {
    field.column: field for field in _ALL if field.type == FieldType.NEED
}
"""Fields of needs by the kind of need."""

LEFT: Final = FIELDS["person.lived_to"]
MINORS: Final = FIELDS["household.minors"]
PEOPLE_TOLD: Final = FIELDS["household.people_told"]
HOUSEHOLD_KIND: Final = FIELDS["household.kind"]


def fields_for(subject: FieldSubject) -> list[RegisterField]:
    """The fields of households, or of people."""
    return [field for field in _ALL if field.subject == subject]
