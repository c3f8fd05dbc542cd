"""The tree of an expression: ``["and", ["ref", "manner"], …]``, its kinds of nodes and the functions taken.

Source: XLSForm and ODK XForms specification, of which these functions are the part without paths and moments.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from gisgrid.errors import InvalidInput, say
from gisgrid.forms.expressions.patterns import is_taken
from gisgrid.forms.limits import EXPRESSION_DEPTH, EXPRESSION_NODES, TEXT_LETTERS

Expression: TypeAlias = "Sequence[Expression | str | float]"
"""A node: its kind, then its parts. Kinds are the operators, ``num``, ``text``, ``ref``, ``self``, ``column``
and ``call``."""

OPERATORS: Final = frozenset({"or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"})
_LABEL: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}")
NAMED: Final = frozenset({"ref", "column"})
MANY: Final = 50
"""The most values a function takes that takes any number of them."""

FUNCTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "selected": (2, 2),
    "count-selected": (1, 1),
    "selected-at": (2, 2),
    "not": (1, 1),
    "true": (0, 0),
    "false": (0, 0),
    "if": (3, 3),
    "coalesce": (1, MANY),
    "today": (0, 0),
    "date": (1, 1),
    "format-date": (2, 2),
    "decimal-date-time": (1, 1),
    "concat": (0, MANY),
    "string-length": (1, 1),
    "contains": (2, 2),
    "starts-with": (2, 2),
    "ends-with": (2, 2),
    "substr": (2, 3),
    "normalize-space": (1, 1),
    "translate": (3, 3),
    "regex": (2, 2),
    "number": (1, 1),
    "string": (1, 1),
    "boolean": (1, 1),
    "int": (1, 1),
    "round": (1, 2),
    "floor": (1, 1),
    "ceiling": (1, 1),
    "abs": (1, 1),
    "pow": (2, 2),
    "min": (1, MANY),
    "max": (1, MANY),
    "sum": (1, MANY),
    "count": (1, 1),
    "count-non-empty": (1, 1),
    "join": (1, MANY),
    "position": (0, 0),
    "jr:choice-name": (2, 2),
}
"""The functions with the least and the most values each takes."""


def read_expression(value: object) -> Expression:
    """The tree of an expression from JSON, every node checked; raises `InvalidInput`."""
    expression = _read_node(value, EXPRESSION_DEPTH)
    if count_nodes(expression) > EXPRESSION_NODES:
        raise InvalidInput(say("too deeply nested or too long"))
    return expression


def parts_of(expression: Expression) -> list[Expression]:
    """The nodes directly below a node."""
    return [part for part in expression if not isinstance(part, (str, int, float))]


def walk(expression: Expression) -> Iterator[Expression]:
    """A node and all below it."""
    yield expression
    for part in parts_of(expression):
        yield from walk(part)


def names_of(expression: Expression) -> set[str]:
    """The questions an expression speaks of."""
    return {str(node[1]) for node in walk(expression) if node[0] == "ref"}


def label_name(part: Expression) -> str | None:
    """The question that ``jr:choice-name(…, '${name}')`` speaks of."""
    match = _LABEL.fullmatch(str(part[1])) if part[0] == "text" else None
    return match[1] if match else None


def count_nodes(expression: Expression) -> int:
    """How many nodes a tree has."""
    return sum(1 for _node in walk(expression))


def depth_of(expression: Expression) -> int:
    """How many nodes lie below one another."""
    return 1 + max((depth_of(part) for part in parts_of(expression)), default=0)


def _read_node(value: object, depth: int) -> Expression:
    if depth <= 0:
        raise InvalidInput(say("too deeply nested or too long"))
    if not isinstance(value, (list, tuple)) or not value:
        raise _unknown(value)
    kind, *parts = value
    if kind in OPERATORS and len(parts) == 2:
        return [kind, *(_read_node(part, depth - 1) for part in parts)]
    if kind == "call" and parts and isinstance(parts[0], str):
        return _read_call(parts[0], parts[1:], depth)
    return _read_leaf(value)


def _read_call(function: str, parts: Sequence[object], depth: int) -> Expression:
    least, most = FUNCTIONS.get(function, (1, 0))
    if not least <= len(parts) <= most:
        raise _unknown(["call", function])
    nodes = [_read_node(part, depth - 1) for part in parts]
    if not _is_written_out(function, nodes):
        raise _unknown(["call", function])
    return ["call", function, *nodes]


def _is_written_out(function: str, nodes: Sequence[Expression]) -> bool:
    """Whether a pattern or the name of a question stands there as text that is taken."""
    if function == "regex":
        return nodes[1][0] == "text" and is_taken(str(nodes[1][1]))
    return function != "jr:choice-name" or label_name(nodes[1]) is not None


def _read_leaf(value: Sequence[object]) -> Expression:
    match value:
        case ["self"]:
            return ["self"]
        case ["num", int() | float() as number] if not isinstance(number, bool) and math.isfinite(number):
            return ["num", float(number)]
        case ["text", str() as text] if len(text) <= TEXT_LETTERS:
            return ["text", text]
        case [str() as kind, str() as name] if kind in NAMED and name:
            return [kind, name]
    raise _unknown(value)


def _unknown(value: object) -> InvalidInput:
    return InvalidInput(say("this is no expression: {text}", text=str(value)[:60]))
