"""How often somebody is to be visited by the shipped rules, worked out one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from gisgrid.forms.expressions.evaluation import holds
from gisgrid.forms.expressions.functions import EvaluationContext
from gisgrid.forms.expressions.nodes import Expression
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.expressions.values import day_of
from gisgrid.forms.tasks.facts import FACTS
from gisgrid.forms.tasks.model import TaskRule
from gisgrid.forms.tasks.shipped import shipped_rules

RULES: Final = ("elder_week", "elder_month", "elder_quarter")
"""Rules of visits to elders; at most one of them holds for somebody."""
_GRADED: Final = "ability_grade"
_ANY_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """What decides how often somebody is visited: whole years, needs that hold, if there is a visitor."""

    age: int
    needs: frozenset[str]
    grade: int | None
    has_visitor: bool


@cache
def _choices() -> Mapping[str, tuple[TaskRule, Expression]]:
    rules = [row.rule for row in shipped_rules() if row.is_on and row.rule.code in RULES]
    return {rule.code: (rule, parse(rule.who)) for rule in rules if rule.who is not None}


def rule_of(code: str) -> TaskRule:
    """A rule of visits by its code."""
    return _choices()[code][0]


@cache
def visit_rule(facts: VisitFacts) -> str | None:
    """The code of the rule by which somebody is visited; nothing where none holds."""
    values = dict.fromkeys(FACTS, "") | {
        "age": float(facts.age),
        "has_visitor": facts.has_visitor,
        **dict.fromkeys(facts.needs & FACTS.keys() - {_GRADED}, True),
    }
    if facts.grade is not None:
        values[_GRADED] = float(facts.grade)
    context = EvaluationContext(values=values, today=day_of(_ANY_DAY))
    return next((code for code, (_rule, who) in _choices().items() if holds(who, context)), None)
