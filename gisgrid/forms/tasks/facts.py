"""What a rule may ask about a subject when it chooses: the names of facts, and what kind of value each is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class FactKind(StrEnum):
    """What kind of value a fact is."""

    NUMBER = "number"
    TRUTH = "truth"
    TEXT = "text"


FACTS: Final[Mapping[str, FactKind]] = MappingProxyType(
    {
        "age": FactKind.NUMBER,
        "sex": FactKind.TEXT,
        "residence": FactKind.TEXT,
        "household_kind": FactKind.TEXT,
        "living_alone": FactKind.TRUTH,
        "empty_nest": FactKind.TRUTH,
        "ability_grade": FactKind.NUMBER,
        "no_income": FactKind.TRUTH,
        "min_allowance": FactKind.TRUTH,
        "disabled": FactKind.TRUTH,
        "hardship": FactKind.TRUTH,
        "has_visitor": FactKind.TRUTH,
        "contracted": FactKind.TRUTH,
        "verified_days": FactKind.NUMBER,
        "lived_days": FactKind.NUMBER,
        "building_year": FactKind.NUMBER,
        "condition": FactKind.TEXT,
        "repeat_cases_90": FactKind.NUMBER,
        "facility_kind": FactKind.TEXT,
    }
)
"""Facts of persons, households, buildings and facilities; one that isn't known is blank."""
