"""Whom a rule chooses: its expression over facts, with what bounds those it can choose at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final, TypeAlias

from gisgrid.forms.expressions.evaluation import holds
from gisgrid.forms.expressions.functions import EvaluationContext
from gisgrid.forms.expressions.nodes import Expression, names_of, parts_of
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.expressions.values import day_of

FactValue: TypeAlias = str | float | bool
LINKED: Final = frozenset(
    {
        *(
            "living_alone",
            "empty_nest",
            "ability_grade",
            "no_income",
            "min_allowance",
            "disabled",
            "hardship",
        ),
        *("has_visitor", "contracted"),
    }
)
"""Facts that rows of their own stand for: blank of whoever has none."""
CLOCKS: Final = frozenset({"lived_days", "verified_days"})
"""Facts that count days: they are another number every day."""
_ABOVE: Final = {">=": 0, ">": 1}
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class ChoiceBound:
    """Whom a choice may hold for: people of an age, those with a row that stands for a fact, or anybody."""

    least_age: int | None = None
    is_linked: bool = False
    is_open: bool = False

    def either(self, other: ChoiceBound) -> ChoiceBound:
        """Who is within one of the two."""
        ages = [bound.least_age for bound in (self, other) if bound.least_age is not None]
        return ChoiceBound(
            least_age=min(ages, default=None),
            is_linked=self.is_linked or other.is_linked,
            is_open=self.is_open or other.is_open,
        )


ANYBODY: Final = ChoiceBound(is_open=True)
NOBODY_AT_ALL: Final = ChoiceBound()


@dataclass(frozen=True)
class RuleChoice:
    """The expression of a rule; without one it holds for every subject of the kind.

    What it gave for some facts is remembered: most subjects share theirs with others.
    """

    who: str | None
    _known: dict[tuple[FactValue, ...], bool] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def expression(self) -> Expression | None:
        """The expression as a tree."""
        return None if self.who is None else parse(self.who)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The facts it asks for, in one order."""
        return () if self.expression is None else tuple(sorted(names_of(self.expression)))

    @cached_property
    def bound(self) -> ChoiceBound:
        """Whom it may hold for."""
        return ANYBODY if self.expression is None else _bound(self.expression)

    @cached_property
    def asks_for_the_day(self) -> bool:
        """Whether it asks for the day of today itself."""
        return self.expression is not None and _asks_for_the_day(self.expression)

    @cached_property
    def borders(self) -> tuple[int, ...] | None:
        """Numbers its counted days are compared with; nothing where it does anything else with them."""
        if self.expression is None:
            return ()
        numbers: set[int] = set()
        if self.asks_for_the_day:
            return None
        return tuple(sorted(numbers)) if _are_compared(self.expression, numbers) else None

    def is_held(self, values: tuple[FactValue, ...], day: date) -> bool:
        """Whether it holds for values of its names."""
        if self.expression is None:
            return True
        known = self._known.get(values)
        if known is None or self.asks_for_the_day:
            facts = dict(zip(self.names, values, strict=True))
            known = holds(self.expression, EvaluationContext(values=facts, today=day_of(day)))
            self._known[values] = known
        return known


def _bound(node: Expression) -> ChoiceBound:
    if node[0] == "and":
        bounds = [bound for bound in map(_bound, parts_of(node)) if not bound.is_open]
        # Those with a row of their own are fewer than those of an age.
        return min(bounds, key=lambda bound: bound.least_age is not None, default=ANYBODY)
    if node[0] == "or":
        bound = NOBODY_AT_ALL
        for part in parts_of(node):
            bound = bound.either(_bound(part))
        return bound
    if node[0] == "ref":
        return ChoiceBound(is_linked=True) if node[1] in LINKED else ANYBODY
    return _bound_of_comparison(node)


def _bound_of_comparison(node: Expression) -> ChoiceBound:
    """``${age} >= 60``, or a grade that is compared with more than nothing."""
    parts = parts_of(node)
    if node[0] not in _COMPARISONS or len(parts) != 2 or parts[0][0] != "ref" or parts[1][0] != "num":
        return ANYBODY
    name, number = parts[0][1], float(str(parts[1][1]))
    if name == "age" and node[0] in _ABOVE and number == int(number) > 0:
        return ChoiceBound(least_age=int(number) + _ABOVE[str(node[0])])
    if name in LINKED and node[0] in {*_ABOVE, "="} and number > 0:
        return ChoiceBound(is_linked=True)
    return ANYBODY


def _asks_for_the_day(node: Expression) -> bool:
    is_day = node[0] == "call" and node[1] == "today"
    return is_day or any(_asks_for_the_day(part) for part in parts_of(node))


def _are_compared(node: Expression, numbers: set[int]) -> bool:
    """Whether counted days are but compared with whole numbers, which are collected."""
    parts = parts_of(node)
    if node[0] == "ref":
        return node[1] not in CLOCKS
    if node[0] in _COMPARISONS and any(part[0] == "ref" and part[1] in CLOCKS for part in parts):
        others = [float(str(part[1])) for part in parts if part[0] == "num"]
        if len(others) != 1 or others[0] != int(others[0]):
            return False
        numbers.add(int(others[0]))
        return True
    return all(_are_compared(part, numbers) for part in parts)
