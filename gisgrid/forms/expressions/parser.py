"""Expressions of XLSForm as trees. Only the server parses; the browser is handed trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gisgrid.errors import Sentence, say
from gisgrid.forms.expressions.lexer import BrokenExpression, Token, tokens_of
from gisgrid.forms.expressions.nodes import FUNCTIONS, Expression, count_nodes, depth_of, label_name
from gisgrid.forms.expressions.patterns import is_taken
from gisgrid.forms.limits import EXPRESSION_DEPTH, EXPRESSION_LETTERS, EXPRESSION_NODES

LEVELS: Final = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)
"""Operators from the loosest to the tightest; those of one level bind from the left."""


def parse(text: str, *, has_columns: bool = False) -> Expression:
    """The tree of an expression; raises `BrokenExpression`.

    ``has_columns``: bare names are columns of a choice, as in a choice filter.

    >>> parse("${age} >= 80")
    ['>=', ['ref', 'age'], ['num', 80.0]]
    """
    if len(text) > EXPRESSION_LETTERS:
        raise BrokenExpression(say("longer than {most} characters", most=f"{EXPRESSION_LETTERS:,}"), 0)
    expression = _Parser(list(tokens_of(text)), has_columns=has_columns).whole()
    if count_nodes(expression) > EXPRESSION_NODES or depth_of(expression) > EXPRESSION_DEPTH:
        raise _too_deep()
    return expression


class _Parser:
    """Goes through the words once; each method leaves its place behind what it read."""

    def __init__(self, tokens: list[Token], *, has_columns: bool) -> None:
        self._tokens, self._place, self._depth = tokens, 0, 0
        self._has_columns = has_columns
        self._leaves: Mapping[str, Callable[[Token], Expression]] = {
            "num": lambda token: ["num", float(token.text)],
            "text": lambda token: ["text", token.text[1:-1]],
            "ref": lambda token: ["ref", token.text],
            "name": self._name,
            "sign": self._sign,
        }

    def whole(self) -> Expression:
        """The expression that all words make."""
        expression = self._operation(0)
        if self._next.kind != "end":
            raise _unexpected(self._next)
        return expression

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += token.kind != "end"
        return token

    def _takes(self, *signs: str) -> bool:
        is_there = self._next.kind in ("sign", "name") and self._next.text in signs
        self._place += is_there
        return is_there

    def _operation(self, level: int) -> Expression:
        if level == len(LEVELS):
            return self._signed()
        left = self._operation(level + 1)
        while self._next.kind in ("sign", "name") and self._next.text in LEVELS[level]:
            operator = self._take().text
            left = [operator, left, self._operation(level + 1)]
        return left

    def _signed(self) -> Expression:
        self._depth += 1
        if self._depth > EXPRESSION_DEPTH:
            raise _too_deep()
        is_negative = self._takes("-")
        value = self._signed() if is_negative else self._leaf()
        self._depth -= 1
        return ["-", ["num", 0.0], value] if is_negative else value

    def _leaf(self) -> Expression:
        token = self._take()
        if token.kind == "end":
            raise BrokenExpression(say("something is missing at the end"), token.at)
        return self._leaves[token.kind](token)

    def _sign(self, token: Token) -> Expression:
        if token.text == ".":
            return ["self"]
        if token.text != "(":
            raise _unexpected(token)
        inner = self._operation(0)
        self._close()
        return inner

    def _name(self, token: Token) -> Expression:
        if self._takes("("):
            return self._call(token)
        if not self._has_columns or token.text in {"and", "or", "div", "mod"}:
            raise _unexpected(token)
        return ["column", token.text]

    def _call(self, token: Token) -> Expression:
        function = token.text
        if function not in FUNCTIONS:
            raise BrokenExpression(say("the function {name}() is not taken", name=function), token.at)
        if function == "position" and self._takes(".."):
            self._close()
            return ["call", function]
        parts = self._values()
        fault = _fault_of(function, parts)
        if fault:
            raise BrokenExpression(fault, token.at)
        return ["call", function, *parts]

    def _values(self) -> list[Expression]:
        if self._takes(")"):
            return []
        parts = [self._operation(0)]
        while self._takes(","):
            parts.append(self._operation(0))
        self._close()
        return parts

    def _close(self) -> None:
        if self._next.kind == "end":
            raise BrokenExpression(say("a bracket is not closed"), self._next.at)
        if not self._takes(")"):
            raise _unexpected(self._next)


def _fault_of(function: str, parts: list[Expression]) -> Sentence | None:
    least, most = FUNCTIONS[function]
    if function == "position" or not least <= len(parts) <= most:
        return say("{name}() takes {least} to {most} values", name=function, least=least, most=most)
    if function == "regex" and parts[1][0] != "text":
        return say("the pattern of regex() must be written out")
    if function == "regex" and not is_taken(str(parts[1][1])):
        return say("this pattern of regex() is not taken")
    if function == "jr:choice-name" and label_name(parts[1]) is None:
        return say("the question of jr:choice-name() must be written as '${{name}}'")
    return None


def _unexpected(token: Token) -> BrokenExpression:
    if token.kind == "end":
        return BrokenExpression(say("something is missing at the end"), token.at)
    return BrokenExpression(say("'{word}' is not expected here", word=token.text), token.at)


def _too_deep() -> BrokenExpression:
    return BrokenExpression(say("too deeply nested or too long"), 0)
