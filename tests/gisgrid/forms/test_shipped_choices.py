"""Whom the shipped rules choose: their expressions work, and one elder has one rhythm of visits."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.forms.expressions.evaluation import holds
from gisgrid.forms.expressions.functions import EvaluationContext
from gisgrid.forms.expressions.nodes import names_of
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.expressions.values import day_of
from gisgrid.forms.tasks.facts import FACTS, FactKind
from gisgrid.forms.tasks.shipped import shipped_rules

WHO = {row.rule.code: parse(row.rule.who) for row in shipped_rules() if row.rule.who}
ELDER = ("elder_week", "elder_month", "elder_quarter")
NEEDS = sorted(name for name, kind in FACTS.items() if kind == FactKind.TRUTH)
PEOPLE = st.fixed_dictionaries(
    {"age": st.integers(50, 90), "ability_grade": st.just("") | st.integers(0, 3)},
    optional={need: st.booleans() for need in NEEDS},
)


def chosen(facts) -> list[str]:
    known = dict.fromkeys(FACTS, "") | facts
    values = {name: float(value) if type(value) is int else value for name, value in known.items()}
    context = EvaluationContext(values=values, today=day_of(date(2026, 12, 1)))
    return [code for code in ELDER if holds(WHO[code], context)]


def test_every_choice_asks_for_known_facts_only() -> None:
    assert len(WHO) == 8
    assert {name for who in WHO.values() for name in names_of(who)} <= {*FACTS}


@settings(max_examples=300)
@given(PEOPLE)
def test_nobody_has_two_rhythms_of_visits(facts) -> None:
    assert len(chosen(facts)) <= 1
    assert not chosen(facts | {"age": 59})


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        ({"age": 80, "living_alone": True}, ["elder_week"]),
        ({"age": 79, "living_alone": True}, ["elder_month"]),
        ({"age": 60, "empty_nest": True}, ["elder_month"]),
        ({"age": 60, "disabled": True}, ["elder_month"]),
        ({"age": 85, "ability_grade": 2}, ["elder_month"]),
        ({"age": 85, "ability_grade": 1}, ["elder_quarter"]),
        ({"age": 70, "min_allowance": True}, ["elder_quarter"]),
        ({"age": 70}, []),
    ],
)
def test_who_is_visited_how_often(facts, rules) -> None:
    assert chosen(facts) == rules
