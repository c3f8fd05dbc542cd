"""Applications whose routes are read and compiled once for all that a worker makes.

Each application has a map and rules of its own; only what follows from the text of a rule, from its defaults
and from the converters of its map alone is taken from the first that had the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import pytest
from werkzeug.routing import Rule
from werkzeug.routing.matcher import RulePart

from web import app, routes

READ: Final = Rule._parse_rule
WRITE: Final = Rule._compile_builder
"""How werkzeug reads the text of a rule and writes its address."""


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let all applications share what would come out the same for each of them."""
    _write_addresses_once(patch)
    _read_rules_once(patch)
    find_modules = routes._modules
    patch.setattr(routes, "_modules", cache(lambda: tuple(find_modules())))
    patch.setattr(app, "version", cache(app.version))


def _write_addresses_once(patch: pytest.MonkeyPatch) -> None:
    compiled: dict[tuple[str, ...], Any] = {}

    def once(rule: Rule, *more: bool) -> Any:
        key = (repr(rule._trace), repr(rule.defaults), repr(more))
        if key not in compiled:
            compiled[key] = WRITE(rule, *more)
        return compiled[key]

    patch.setattr(Rule, "_compile_builder", once)


def _read_rules_once(patch: pytest.MonkeyPatch) -> None:
    known: dict[tuple[Any, ...], tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}

    def once(rule: Rule, text: str) -> Iterable[RulePart]:
        assert rule.map is not None
        key = (text, *rule.map.converters.items())
        if key not in known:
            before, others = len(rule._trace), set(rule._converters)
            parts = list(READ(rule, text))
            own = {name: found for name, found in rule._converters.items() if name not in others}
            known[key] = (parts, rule._trace[before:], own)
            return parts
        parts, trace, own = known[key]
        rule._trace += trace
        rule._converters |= own
        rule.arguments |= own.keys()
        return parts

    patch.setattr(Rule, "_parse_rule", once)
