"""Choosing subjects by an expression over facts: which facts each kind has, and what a choice can't say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gisgrid.errors import Fault, say, some_of
from gisgrid.forms.expressions.lexer import BrokenExpression
from gisgrid.forms.expressions.nodes import names_of
from gisgrid.forms.expressions.parser import parse
from gisgrid.records.core.rules import SubjectKind

FACTS_OF: Final[Mapping[SubjectKind, frozenset[str]]] = {
    SubjectKind.PERSON: frozenset(
        {
            *("age", "sex", "residence", "household_kind", "living_alone", "empty_nest", "ability_grade"),
            *("no_income", "min_allowance", "disabled", "hardship", "has_visitor", "contracted"),
            "lived_days",
        }
    ),
    SubjectKind.HOUSEHOLD: frozenset({"household_kind", "lived_days", "verified_days"}),
    SubjectKind.BUILDING: frozenset({"building_year", "condition", "repeat_cases_90"}),
    SubjectKind.FACILITY: frozenset({"facility_kind"}),
}
"""The facts by which subjects of each kind can be chosen."""
_LONGEST: Final = 1_000


def choice_faults(who: str, kind: SubjectKind) -> Iterator[Fault]:
    """An expression that is none, is too long, or asks for what isn't known of the kind."""
    if len(who) > _LONGEST:
        message = say("an expression of at most {most} letters is needed", most=_LONGEST)
        yield Fault(message=message, field="who")
        return
    try:
        names = set(names_of(parse(who)))
    except BrokenExpression as error:
        yield Fault(message=error.message, field="who")
        return
    facts = FACTS_OF.get(kind, frozenset())
    for name in sorted(names - facts):
        message = say("{name} isn't known here; there are: {names}", name=name, names=some_of(facts))
        yield Fault(message=message, field="who")
