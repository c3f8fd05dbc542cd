"""Which types of questions of XLSForm are taken, left out with a remark, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gisgrid.forms.tree import QUESTION_TYPES, SELECTS

LEFT_OUT: Final = frozenset(
    {
        *("deviceid", "phonenumber", "simserial", "subscriberid", "username", "email", "audit"),
        *("start-geopoint", "background-audio", "background-geopoint"),
    }
)
"""Types that tell of the device or of who holds it: nobody answers them, so that a form does without."""
_OPENING: Final = {"begin_group": "group", "begin_repeat": "repeat"}
_CLOSING: Final = {"end_group": "group", "end_repeat": "repeat"}
_ALSO: Final = {
    "select one": "select_one",
    "select one from": "select_one",
    "select multiple": "select_multiple",
    "select all that apply from": "select_multiple",
    "begin group": "begin_group",
    "end group": "end_group",
    "begin repeat": "begin_repeat",
    "end repeat": "end_repeat",
    "int": "integer",
    "string": "text",
    "photo": "image",
    "location": "geopoint",
}
"""Other spellings of the standard."""


@dataclass(frozen=True, slots=True)
class RowType:
    """What a row of the survey is: ``question``, ``opens`` or ``closes`` something, ``left_out`` or unknown.

    ``name`` is the type, or ``group`` or ``repeat``; ``choices`` the list of a select.
    """

    what: str
    name: str
    choices: str | None = None


def type_of(text: str) -> RowType:
    """The type that a cell says.

    >>> type_of("select_one yes_no")
    RowType(what='question', name='select_one', choices='yes_no')
    """
    words = " ".join(text.split())
    name, choices = _split(words)
    if name in _OPENING:
        return RowType("opens", _OPENING[name])
    if name in _CLOSING:
        return RowType("closes", _CLOSING[name])
    if name in SELECTS and choices and " " not in choices:
        return RowType("question", name, choices)
    if name in QUESTION_TYPES - SELECTS and not choices:
        return RowType("question", name)
    return RowType("left_out" if words in LEFT_OUT else "unknown", words)


def _split(words: str) -> tuple[str, str | None]:
    for spelling, name in sorted(_ALSO.items(), key=lambda pair: -len(pair[0])):
        if words == spelling or words.startswith(f"{spelling} "):
            return name, words[len(spelling) :].strip() or None
    name, _blank, rest = words.partition(" ")
    return name, rest or None
