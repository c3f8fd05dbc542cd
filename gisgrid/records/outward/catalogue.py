"""The closed catalogue of what a department's table can hold, and how each is read.

A field with a purpose exists for those alone who agreed to it, or whose data a law requires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gisgrid.labels.files import YES_NO
from gisgrid.labels.outward import (
    ABILITY_GRADES,
    DISABILITY_GRADES,
    HARDSHIPS,
    INCOME,
    OUTWARD_FIELDS,
    UNREGISTERED,
)
from gisgrid.labels.people import RESIDENCE, SEXES
from gisgrid.labels.places import HOUSEHOLD_KINDS
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import age_or_none
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.cell_values import CellValue
from gisgrid.records.outward.home_facts import OutwardBuilding
from gisgrid.records.outward.person_facts import PersonFacts

Reader = Callable[[Any], CellValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardField:
    """A field: its code and word, the purpose without which it stays empty, and how it is read of a row."""

    code: str
    word: str
    read: Reader
    purpose: Purpose | None = None


def _fields(purpose: Purpose | None, **readers: Reader) -> dict[str, OutwardField]:
    """Fields by code; ``person__name`` is ``person.name``."""
    codes = {name.replace("__", "."): read for name, read in readers.items()}
    return {
        code: OutwardField(code=code, word=OUTWARD_FIELDS[code], read=read, purpose=purpose)
        for code, read in codes.items()
    }


def _grid(facts: Any) -> dict[str, str | None]:
    return {"name": facts.grid.name, "code": facts.grid.code} if facts.grid else {"name": None, "code": None}


_GRID: Final = _fields(
    None, grid__name=lambda row: _grid(row)["name"], grid__code=lambda row: _grid(row)["code"]
)
_DOOR: Final = {
    **_fields(
        None,
        household__address=lambda row: row.address,
        household__unit=lambda row: row.unit,
        household__room=lambda row: row.room,
        household__building=lambda row: row.building,
    ),
    **_GRID,
}


def _income(person: PersonFacts) -> str:
    return INCOME["no" if "no_income" in person.needs else "yes"]


def _ability(person: PersonFacts) -> CellValue:
    grade = person.needs.get("ability_grade")
    return None if grade is None else ABILITY_GRADES[grade]


def _disability(person: PersonFacts) -> CellValue:
    if "disabled" not in person.needs:
        return DISABILITY_GRADES[0]
    grade = person.needs["disabled"]
    return YES_NO["yes"] if grade is None else DISABILITY_GRADES[grade]


def _hardships(person: PersonFacts) -> CellValue:
    return "、".join(word for kind, word in HARDSHIPS.items() if kind in person.needs) or None


def _has_need(kind: str) -> Reader:
    return lambda person: kind in person.needs


PERSON: Final[Mapping[str, OutwardField]] = {
    **_fields(
        Purpose.REGISTRATION,
        person__name=lambda person: person.name,
        person__sex=lambda person: SEXES.get(person.sex or ""),
        person__birth_date=lambda person: person.birth_date,
        person__age=lambda person: age_or_none(person.birth_date, person.on),
        person__residence_status=lambda person: RESIDENCE[person.residence_status],
    ),
    **_fields(Purpose.CONTACT, person__phone=lambda person: person.phone),
    **_DOOR,
    **_fields(None, person__station=lambda person: person.station),
    **_fields(
        Purpose.ELDER_VISITS,
        person__need__living_alone=_has_need("living_alone"),
        person__need__empty_nest=_has_need("empty_nest"),
        person__visitor=lambda person: person.visitor,
    ),
    **_fields(
        Purpose.SENSITIVE_NEEDS,
        person__need__ability_grade=_ability,
        person__need__no_income=_has_need("no_income"),
        person__need__min_allowance=_has_need("min_allowance"),
        person__need__hardship=_has_need("hardship"),
        person__need__disabled=_disability,
        person__hardship_kinds=_hardships,
        person__has_income=_income,
    ),
}
HOUSEHOLD: Final[Mapping[str, OutwardField]] = {
    **_DOOR,
    **_fields(
        None,
        household__consent=lambda home: UNREGISTERED.get(home.why_unregistered or ""),
        household__registered=lambda home: len(home.persons),
        household__elders=lambda home: sum(person.is_elder for person in home.persons),
        household__elders_80=lambda home: sum(person.is_old_elder for person in home.persons),
        household__verified_day=lambda home: home.verified_day,
    ),
    **_fields(
        Purpose.REGISTRATION,
        household__kind=lambda home: HOUSEHOLD_KINDS.get(home.kind or ""),
        household__people_told=lambda home: home.people_told,
        household__minors=lambda home: home.minors,
    ),
    **_fields(
        Purpose.CONTACT,
        household__contact=lambda home: home.contact,
        household__contact_name=lambda home: home.contact_name,
    ),
}


def _of_building(column: str) -> Reader:
    return lambda facts: getattr(facts.building, column)


def _lift(facts: OutwardBuilding) -> CellValue:
    return facts.building.has_lift


BUILDING: Final[Mapping[str, OutwardField]] = {
    **_fields(
        None,
        building__address=_of_building("address"),
        building__code=_of_building("code"),
        building__name=_of_building("name"),
        building__compound=lambda facts: facts.compound,
        building__floors=_of_building("floors"),
        building__built_year=_of_building("built_year"),
        building__condition=_of_building("condition"),
        building__lift=_lift,
        building__dwellings=_of_building("dwellings"),
        count__households=lambda facts: len(facts.homes),
        count__residents=lambda facts: sum(len(home.persons) for home in facts.homes),
        count__elders=lambda facts: sum(person.is_elder for home in facts.homes for person in home.persons),
    ),
    **_GRID,
}


def _count(code: str) -> Reader:
    return lambda facts: facts.counts.get(code, 0)


COUNTS: Final[Mapping[str, OutwardField]] = {
    code: OutwardField(code=code, word=word, read=_count(code))
    for code, word in OUTWARD_FIELDS.items()
    if code.startswith("count.")
}
GRID: Final[Mapping[str, OutwardField]] = {
    **_fields(
        None,
        grid__name=lambda facts: facts.area.name,
        grid__code=lambda facts: facts.area.code,
        grid__member=lambda facts: facts.member,
    ),
    **COUNTS,
}
CONSTANTS: Final = (
    "community.name",
    "community.code",
    "today",
    "month",
    "filler.name",
    "grid.name",
    "grid.code",
)
"""What a single cell holds beside counts; the same in every row where a column is wanted."""
REGISTER_FIELDS: Final[Mapping[OutwardRows, Mapping[str, OutwardField]]] = {
    OutwardRows.PERSON: PERSON,
    OutwardRows.HOUSEHOLD: HOUSEHOLD,
    OutwardRows.BUILDING: BUILDING,
    OutwardRows.GRID: GRID,
}
