"""Expressions: what the vectors want, what is refused and where, and that nothing ever fails or runs away."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gisgrid.errors import InvalidInput
from gisgrid.forms.expressions.evaluation import evaluate
from gisgrid.forms.expressions.lexer import BrokenExpression
from gisgrid.forms.expressions.nodes import FUNCTIONS, read_expression
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.expressions.patterns import is_taken, matches
from gisgrid.forms.expressions.values import text_of
from tests.gisgrid.forms.vectors import context_of, json_of, value_of, vectors


@pytest.mark.parametrize("vector", vectors("taken"), ids=lambda vector: vector["why"])
def test_an_expression_is_parsed_and_worked_out(vector: dict[str, Any]) -> None:
    tree = parse(vector["expr"], has_columns=vector.get("columns", False))
    assert tree == vector["tree"]
    assert read_expression(vector["tree"]) == tree
    result = evaluate(vector["tree"], context_of(vector))
    wanted = value_of(vector["want"])
    assert json_of(result) == json_of(wanted)
    assert isinstance(result, bool) == isinstance(wanted, bool)


@pytest.mark.parametrize("vector", vectors("refused"), ids=lambda vector: vector["why"])
def test_an_expression_is_refused_at_its_place(vector: dict[str, Any]) -> None:
    with pytest.raises(BrokenExpression) as refused:
        parse(vector["expr"])
    assert (refused.value.at, str(refused.value.message)) == (vector["at"], vector["message"])


def test_the_vectors_are_all_there() -> None:
    assert (len(vectors("taken")), len(vectors("refused"))) == (73, 20)


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("(1 + ", 5, "something is missing at the end"),
        ("1 2", 2, "'2' is not expected here"),
        ("position(1)", 0, "position() takes 0 to 0 values"),
        ("jr:choice-name(${a}, ${a})", 0, "the question of jr:choice-name() must be written as '${name}'"),
        ("-" * 40 + "1", 0, "too deeply nested or too long"),
        (" or ".join(["1"] * 40), 0, "too deeply nested or too long"),
        (" \t ", 3, "something is missing at the end"),
        ("..", 0, "'..' is not expected here"),
        ("selected(${a} 'x')", 14, "''x'' is not expected here"),
    ],
)
def test_other_broken_expressions_are_refused(text: str, at: int, message: str) -> None:
    with pytest.raises(BrokenExpression) as refused:
        parse(text)
    assert (refused.value.at, str(refused.value.message)) == (at, message)


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|b)*", "a*b*c*", "a{0,200}b{0,200}c{0,200}", r"\s", r"\bx"])
def test_patterns_that_run_away_are_refused(pattern: str) -> None:
    assert not is_taken(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(?=a)",
            "(?P<n>a)",
            r"(a)\1",
            "a*+",
            "a**",
            "*a",
            "[z-a]",
            "[]",
            "[^]",
            "[[a]",
            r"[\w-z]",
            r"[a-\d]",
        ),
        *("[a--b]", "a{2,1}", "{2}", "}", "]", "(", ")", "a|*", "^*", r"\-", r"\p{L}", r"\x", r"\ud8"),
        *(r"\ud83d", "(?:a", "(?i)a", "a{1000}"),
    ],
)
def test_patterns_that_one_language_reads_otherwise_are_refused(pattern: str) -> None:
    assert not is_taken(pattern)


def test_the_slowest_pattern_taken_is_quick() -> None:
    pattern = "(?:a|a)?[a-z]*[a-z]*b"
    assert is_taken(pattern)
    start = time.perf_counter()
    assert not matches("a" * 200, pattern)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("value", ["", "x", "7", 7.0, True, "NaN", {"date": ""}, {"set": []}, {"many": []}])
@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - {"regex", "jr:choice-name"}))
def test_no_function_fails_whatever_it_is_given(function: str, value: object) -> None:
    least, most = FUNCTIONS[function]
    vector = {"values": {"v": value}, "today": "2026-12-01"}
    for count in {least, min(most, 3)}:
        tree = read_expression(["call", function, *[["ref", "v"]] * count])
        assert isinstance(text_of(evaluate(tree, context_of(vector))), str)


@pytest.mark.parametrize(
    "tree", [["call", "regex", ["self"], ["self"]], ["call", "regex", ["self"], ["text", "(a+)+"]]]
)
def test_a_tree_with_a_pattern_that_runs_away_is_refused(tree: list[Any]) -> None:
    with pytest.raises(InvalidInput, match="this is no expression"):
        read_expression(tree)
