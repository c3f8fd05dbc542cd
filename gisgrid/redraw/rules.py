"""The rules a division is held against. Pure: counts and shapes in, findings out.

What can't be drawn at all (a gap, an overlap, a household without a grid, a grid in two pieces) is refused
when it is tried and needs no finding here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gisgrid.analysis.workload import NormClass, norm_class
from gisgrid.errors import Sentence, say

LEAST_COMPACT: Final = 0.25
MICRO_GRIDS: Final = (2, 8)
"""How many micro grids a divided grid has, at least and at most, before it is said."""


class Weight(StrEnum):
    """What a finding means for publishing: it stops it, asks for a reason, or only says."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFacts:
    """What the rules need to know of a grid as the plan has it."""

    code: str
    name: str
    households: int
    residents: int
    has_member: bool
    parts: int
    parts_before: int
    micro_grids: int
    compactness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that a grid breaks, by the rule's code, with one sentence."""

    rule: str
    level: Weight
    grid: str
    name: str
    message: Sentence | str


def findings(facts: GridFacts) -> list[Finding]:
    """What is out of order with a grid; nothing where all is well."""
    return [found for rule in (_size, _staff, _one_part, _micro, _shape) if (found := rule(facts))]


def _finding(facts: GridFacts, rule: str, level: Weight, message: Sentence | str) -> Finding:
    return Finding(rule=rule, level=level, grid=facts.code, name=facts.name, message=message)


def _size(facts: GridFacts) -> Finding | None:
    kind, name, count = norm_class(facts.households), facts.name, facts.households
    if count == 0:
        return _finding(facts, "G08", Weight.WARN, say("{name} has no household", name=name))
    if kind == NormClass.LOW:
        few = say("{name} has {count} households: fewer than 300", name=name, count=count)
        return _finding(facts, "G08", Weight.HINT, few)
    if kind == NormClass.HIGH:
        many = say("{name} has {count} households: more than 500", name=name, count=count)
        return _finding(facts, "G08", Weight.WARN, many)
    if kind == NormClass.OVER:
        over = say(
            "{name} has {count} households: more than the 600 one member serves", name=name, count=count
        )
        return _finding(facts, "G08", Weight.WARN, over)
    return None


def _staff(facts: GridFacts) -> Finding | None:
    if facts.has_member:
        return None
    return _finding(facts, "G09", Weight.WARN, say("{name} has no primary grid member", name=facts.name))


def _one_part(facts: GridFacts) -> Finding | None:
    if facts.parts <= 1:
        return None
    level = Weight.WARN if facts.parts <= facts.parts_before else Weight.BLOCK
    return _finding(
        facts, "G06", level, say("{name} lies in {count} pieces", name=facts.name, count=facts.parts)
    )


def _micro(facts: GridFacts) -> Finding | None:
    least, most = MICRO_GRIDS
    if facts.micro_grids == 1 or least <= facts.micro_grids <= most:
        return None
    said = say("{name} has {count} micro grids", name=facts.name, count=facts.micro_grids)
    return _finding(facts, "G13", Weight.HINT, said)


def _shape(facts: GridFacts) -> Finding | None:
    if facts.compactness >= LEAST_COMPACT:
        return None
    return _finding(facts, "G14", Weight.HINT, say("{name} is long or winding", name=facts.name))
