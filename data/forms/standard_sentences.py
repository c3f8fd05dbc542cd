"""What the reader of the standard says most often, as sentences of ours; all else is quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from gisgrid.errors import Sentence, say

_LONGEST: Final = 300
_ROW: Final = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_CELL: Final = re.compile(r"On the '(?P<sheet>\w+)' sheet, the '(?P<column>[^']+)' value")
_SHEET: Final = re.compile(r"for sheet: '(?P<sheet>\w+)'")
_NAMED: Final = re.compile(r"^The survey element named '(?P<name>[^']*)'")

_Values: TypeAlias = Mapping[str, str]
_Maker: TypeAlias = Callable[[_Values], Sentence]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardFault:
    """A fault by the standard: what is said of it, and where, as far as that is told.

    ``name`` is that of the question it is about, where no row is told.
    """

    message: Sentence
    sheet: str
    row: int | None
    column: str | None
    name: str | None


def read_standard_fault(text: str) -> StandardFault:
    """What the reader said, in a sentence of ours where there is one, with its place."""
    row, cell = _ROW.search(text), _CELL.search(text)
    sheet, named = cell or _SHEET.search(text), _NAMED.search(text)
    return StandardFault(
        message=_sentence(_ROW.sub("", text).strip()),
        sheet=sheet["sheet"] if sheet else "survey",
        row=int(row[1]) if row else None,
        column=cell["column"] if cell else None,
        name=named["name"] if named else None,
    )


def _sentence(text: str) -> Sentence:
    for pattern, make in _KNOWN:
        match = pattern.search(text)
        if match:
            return make(match.groupdict())
    return say("by the standard: {text}", text=text[:_LONGEST])


def _known(pattern: str, make: _Maker) -> tuple[re.Pattern[str], _Maker]:
    return re.compile(pattern), make


_KNOWN: Final = (
    _known(
        r"The name '(?P<name>meta)' is reserved",
        lambda of: say("the standard keeps the name {name} for itself: choose another", name=of["name"]),
    ),
    _known(
        r"'name' value '(?P<name>[^']+)' is invalid\. Repeat names must not be the same as the survey root",
        lambda of: say("a repeat can't be called {name} like the form itself", name=of["name"]),
    ),
    _known(
        r"Repeat names must unique anywhere",
        lambda _of: say("this name stands twice: a repeat needs one of its own"),
    ),
    _known(
        r"^The survey element named '(?P<name>[^']*)' has no label or hint",
        lambda of: say("the question {name} has neither a label nor a hint", name=of["name"]),
    ),
    _known(
        r"Could not find the name '(?P<name>[^']+)'",
        lambda of: say("no question is called {name}", name=of["name"]),
    ),
    _known(
        r"The name '(?P<name>[^']+)' appears more than once",
        lambda of: say("several questions are called {name}", name=of["name"]),
    ),
    _known(
        r"Reference variables must start with",
        lambda _of: say(
            "a question is named as {example}: the dollar sign or a bracket is missing", example="${name}"
        ),
    ),
    _known(
        r"Reference variable lists must have a comma",
        lambda _of: say("between several names of questions stands a comma"),
    ),
    _known(
        r"keys for this question type are '(?P<accepted>[^']*)'.*key\(s\): '(?P<rejected>[^']*)'",
        lambda of: say(
            "there is no parameter {rejected} here; there are: {accepted}",
            rejected=of["rejected"],
            accepted=of["accepted"],
        ),
    ),
    _known(
        r"Parameters must be in the form of",
        lambda _of: say("parameters are written key=value, with a blank between two of them"),
    ),
    _known(
        r"^Parameter (?P<name>\S+) must have an integer value",
        lambda of: say("the parameter {name} is a whole number", name=of["name"]),
    ),
    _known(
        r"The '(?P<name>[^']+)' parameter must have a numeric value",
        lambda of: say("the parameter {name} is a number", name=of["name"]),
    ),
    _known(
        r"^(?P<name>randomize) must be set to true or false",
        lambda of: say("the parameter {name} is true or false", name=of["name"]),
    ),
    _known(
        r"The '(?P<name>[^']+)' parameter must be either 'true'",
        lambda of: say("the parameter {name} is true or false", name=of["name"]),
    ),
    _known(
        r"must include randomize=true to use a seed",
        lambda _of: say("a seed needs the parameter randomize=true too"),
    ),
    _known(
        r"different names for the same column were found: '(?P<other>[^']+)', '(?P<column>[^']+)'",
        lambda of: say(
            "{other} and {column} are names of one column: leave one of them out",
            other=of["other"],
            column=of["column"],
        ),
    ),
    _known(
        r"required column headers were not found: (?P<missing>.+?)\. Learn",
        lambda of: say("columns are missing: {missing}", missing=of["missing"]),
    ),
    _known(
        r"Names must begin with a letter or underscore",
        lambda _of: say("a name begins with a letter and has letters, digits and _ - . alone"),
    ),
)
