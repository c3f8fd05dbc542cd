r"""Patterns of ``regex()`` that Python and the browser understand alike and that no answer makes run away.

Taken: letters, ``.``, classes, ``\d \D \w \W``, ``\uXXXX``, groups, ``|``, ``^``, ``$`` and quantifiers.
Refused: repeated groups, look-arounds, references, ``\s``, ``\b`` and what only one of the two knows.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gisgrid.forms.limits import PATTERN_STEPS, PATTERN_VALUE_LETTERS

_ESCAPE: Final = r"\\(?:[dDwW]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|[\^$\\.*+?()\[\]{}|/])"
_CLASS: Final = rf"\[\^?(?:{_ESCAPE}|\\-|[^\[\]\\])+\]"
_QUANTIFIER: Final = r"(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??"
_TOKEN: Final = re.compile(
    rf"(?P<atom>{_ESCAPE}|{_CLASS}|[^\[\]\\^$.*+?(){{}}|]|\.)(?P<quantifier>{_QUANTIFIER})?"
    r"|(?P<open>\((?:\?:)?(?!\?))|(?P<close>\)(?P<maybe>\?)?)|(?P<bar>\|)|(?P<edge>[\^$])"
)
_MISREAD: Final = re.compile(r"--|&&|\|\||~~|\\[dDwW]-[^\]]|[^\[^]-\\[dDwW]")
"""Parts of a class that the two read differently or warn about."""


def is_taken(pattern: str) -> bool:
    """Whether a pattern is of the kind that is taken."""
    steps, opened, place = 1, 0, 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None or _is_misread(token):
            return False
        opened += bool(token["open"]) - bool(token["close"])
        steps *= _steps_of(token)
        if opened < 0 or steps > PATTERN_STEPS:
            return False
        place = token.end()
    return opened == 0 and _compiles(pattern)


def matches(text: str, pattern: str) -> bool:
    """Whether a pattern holds for the whole of a text; a very long text never matches."""
    return len(text) <= PATTERN_VALUE_LETTERS and _compiled(pattern).fullmatch(text) is not None


def _is_misread(token: re.Match[str]) -> bool:
    atom = token["atom"] or ""
    return atom.startswith("[") and _MISREAD.search(atom) is not None


def _steps_of(token: re.Match[str]) -> int:
    """By how much a part multiplies the ways in which a text can be tried."""
    if token["bar"] or token["maybe"]:
        return 2
    quantifier = (token["quantifier"] or "").removesuffix("?") or token["quantifier"]
    if not quantifier:
        return 1
    if quantifier == "?":
        return 2
    return _width_of(quantifier)


def _width_of(quantifier: str) -> int:
    least, comma, most = quantifier.strip("{}").partition(",")
    if quantifier in "*+" or (comma and not most):
        return PATTERN_VALUE_LETTERS
    return abs(int(most) - int(least)) + 1 if comma else 1


def _compiles(pattern: str) -> bool:
    try:
        _compiled(pattern)
    except (re.error, OverflowError):
        return False
    return True


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.DOTALL)
