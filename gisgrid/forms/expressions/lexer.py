"""The words of an expression with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gisgrid.errors import Fault, InvalidInput, Sentence, say

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<num>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
      | (?P<text>'[^']*'|"[^"]*")
      | \$\{(?P<ref>[A-Za-z_][A-Za-z0-9_.-]*)\}
      | (?P<name>[A-Za-z_][A-Za-z0-9_-]*(?::[A-Za-z_][A-Za-z0-9_-]*)?)
      | (?P<sign>!=|<=|>=|\.\.|[-=<>+*(),.])
    )""",
    re.VERBOSE,
)
_SPACE: Final = re.compile(r"[ \t\r\n]*")


class BrokenExpression(InvalidInput):
    """An expression that is not taken; ``at`` is the place of the letter, counted from 0."""

    def __init__(self, message: Sentence, at: int) -> None:
        self.message, self.at = message, at
        super().__init__([Fault(message=message)])


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind (``num``, ``text``, ``ref``, ``name``, ``sign``, ``end``), text and place."""

    kind: str
    text: str
    at: int


def tokens_of(text: str) -> Iterator[Token]:
    """All words of an expression and its end; raises `BrokenExpression` where a letter begins no word."""
    place, end = 0, len(text)
    while (blank := _SPACE.match(text, place)) and blank.end() < end:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise BrokenExpression(say("not understood from here on"), place)
        yield Token(match.lastgroup, match[match.lastgroup], blank.end())
        place = match.end()
    yield Token("end", "", end)
