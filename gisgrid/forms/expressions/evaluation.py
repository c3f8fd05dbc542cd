"""Works out the tree of an expression. Nothing fails: what has no value is blank or no number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from gisgrid.forms.expressions.functions import EvaluationContext, call
from gisgrid.forms.expressions.nodes import Expression
from gisgrid.forms.expressions.values import NAN, Value, clean, equal, number_of, truth_of


def evaluate(expression: Expression, context: EvaluationContext) -> Value:
    """The value of an expression.

    >>> from datetime import date
    >>> from gisgrid.forms.expressions.values import day_of
    >>> context = EvaluationContext(values={"age": 81}, today=day_of(date(2026, 12, 1)))
    >>> evaluate([">", ["ref", "age"], ["num", 80]], context)
    True
    """
    kind = expression[0]
    if kind in _LEAVES:
        return _LEAVES[kind](expression, context)
    if kind == "call":
        return _evaluate_call(expression, context)
    left = evaluate(_part(expression, 1), context)
    if kind in _LAZY and truth_of(left) == _LAZY[kind]:
        return _LAZY[kind]
    if kind in _LAZY:
        return holds(_part(expression, 2), context)
    return _operate(str(kind), left, evaluate(_part(expression, 2), context))


def holds(expression: Expression, context: EvaluationContext) -> bool:
    """Whether a condition holds."""
    return truth_of(evaluate(expression, context))


def _part(expression: Expression, place: int) -> Expression:
    part = expression[place]
    assert not isinstance(part, (str, int, float))  # noqa: S101 - a checked tree has nodes here
    return part


def _evaluate_call(expression: Expression, context: EvaluationContext) -> Value:
    function = str(expression[1])
    if function == "if":
        branch = 3 if holds(_part(expression, 2), context) else 4
        return evaluate(_part(expression, branch), context)
    parts = [evaluate(_part(expression, place), context) for place in range(2, len(expression))]
    return call(function, parts, context)


def _operate(operator: str, left: Value, right: Value) -> Value:
    if operator in _EQUALITIES:
        return equal(left, right) == _EQUALITIES[operator]
    numbers = number_of(left), number_of(right)
    if operator in _ORDERS:
        return _ORDERS[operator](*numbers)
    return NAN if any(map(math.isnan, numbers)) else clean(_SUMS[operator](*numbers))


_LEAVES: Final[Mapping[object, Callable[[Expression, EvaluationContext], Value]]] = {
    "num": lambda node, _context: clean(float(node[1])),  # type: ignore[arg-type]
    "text": lambda node, _context: str(node[1]),
    "ref": lambda node, context: context.values.get(str(node[1]), ""),
    "column": lambda node, context: context.columns.get(str(node[1]), ""),
    "self": lambda _node, context: context.own,
}
_LAZY: Final[Mapping[object, bool]] = {"or": True, "and": False}
"""What the left side has to be for the right one not to matter."""
_EQUALITIES: Final = {"=": True, "!=": False}
_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_SUMS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": lambda left, right: left / right if right else NAN,
    "mod": lambda left, right: math.fmod(left, right) if right else NAN,
}
