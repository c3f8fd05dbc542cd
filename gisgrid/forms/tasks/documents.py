"""Rules as documents: read with all faults at once, so that a rule that was taken can be computed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.forms.tasks.model import Monthly, Rhythm, Schedule, TaskRule, Trigger
from gisgrid.forms.tree import SUBJECTS

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_DAYS: Final = 3_660
_MOST_MONTHS: Final = 120
_MOST_WAIT: Final = 366
_LONGEST_CHOICE: Final = 1_000
_SCHEDULES: Final = ("month", "every", "after")
_OF_ALL: Final = frozenset(
    {*("code", "form", "subject", "who", "counts", "any_form", "hastens"), *("priority", "from", "until")}
)
_OF_SCHEDULES: Final[Mapping[str, frozenset[str]]] = {
    "month": frozenset(),
    "every": frozenset({"first", "open"}),
    "after": frozenset({"open", "keep"}),
}


def read_rule(document: Mapping[str, Any]) -> TaskRule:
    """A rule from its document; the expression ``who`` is kept as its text.

    ``code, form, subject, priority`` (1 to 3) and ``from`` are needed, and one of ``month: true``,
    ``every: {days | months}`` with ``first`` and ``open``, and ``after: {mark, days, form}`` with ``open``
    and ``keep``; days are ISO 8601, numbers are days.

    Raises
    ------
    InvalidInput
        Anything is missing, of another kind, out of its bounds or not known; all of it at once.
    """
    reading = _Reading(document)
    rule = _rule(reading)
    if reading.faults:
        raise InvalidInput(reading.faults)
    return rule


def _rule(reading: _Reading) -> TaskRule:
    schedule = _schedule(reading)
    begins, ends = reading.day("from", needed=True), reading.day("until")
    if ends is not None and ends < (begins or ends):
        reading.refuse("until", say("the rule ends before it begins"))
    return TaskRule(
        code=reading.name("code") or "",
        form=reading.name("form") or "",
        subject=_subject(reading),
        schedule=schedule,
        priority=reading.number("priority", least=1, most=3),
        valid_from=begins or date.min,
        valid_to=ends,
        who=_choice(reading),
        counts=reading.name("counts", needed=False),
        any_form=reading.truth("any_form"),
        hastens=reading.truth("hastens"),
    )


def _subject(reading: _Reading) -> str:
    subject = reading.document.get("subject")
    if subject not in SUBJECTS:
        reading.refuse(
            "subject", say("no such subject; there are: {names}", names=", ".join(sorted(SUBJECTS)))
        )
    return str(subject)


def _choice(reading: _Reading) -> str | None:
    who = reading.document.get("who")
    if who is not None and not (isinstance(who, str) and 0 < len(who) <= _LONGEST_CHOICE):
        reading.refuse("who", say("an expression of at most {most} letters is needed", most=_LONGEST_CHOICE))
    return who if isinstance(who, str) else None


def _schedule(reading: _Reading) -> Schedule:
    """The one schedule of a rule; where there is none or several, that is the fault."""
    named = [name for name in _SCHEDULES if name in reading.document]
    if len(named) != 1:
        message = "a rule has one of these: {names}"
        reading.refuse("month", say(message, names=", ".join(_SCHEDULES)))
        return Monthly()
    reading.refuse_unknown(_OF_ALL | _OF_SCHEDULES[named[0]] | {named[0]})
    return {"month": _monthly, "every": _rhythm, "after": _trigger}[named[0]](reading)


def _monthly(reading: _Reading) -> Schedule:
    if reading.document["month"] is not True:
        reading.refuse("month", say("true or nothing is needed"))
    return Monthly()


def _rhythm(reading: _Reading) -> Schedule:
    every = reading.part("every")
    if len({"days", "months"} & {*every.document}) != 1:
        reading.refuse("every", say("days or months are needed, one of the two"))
    every.refuse_unknown({"days", "months"})
    return Rhythm(
        days=every.number("days", least=1, most=_MOST_DAYS, default=0),
        months=every.number("months", least=1, most=_MOST_MONTHS, default=0),
        first=reading.number("first", most=_MOST_DAYS, default=0),
        lead=reading.number("open", most=_MOST_WAIT, default=0),
    )


def _trigger(reading: _Reading) -> Schedule:
    after = reading.part("after")
    after.refuse_unknown({"form", "mark", "days"})
    return Trigger(
        mark=after.name("mark") or "",
        days=after.number("days", most=_MOST_WAIT),
        form=after.name("form", needed=False),
        lead=reading.number("open", most=_MOST_WAIT, default=0),
        keep=reading.number("keep", most=_MOST_WAIT, default=0),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A document, or a part of one at ``place``, with the faults met so far."""

    document: Mapping[str, Any]
    place: str = ""
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, name: str, message: Sentence) -> None:
        self.faults.append(Fault(message=message, field=self.place + name))

    def refuse_unknown(self, known: set[str] | frozenset[str]) -> None:
        for name in sorted(str(name) for name in {*self.document} - known):
            self.refuse(name, say("a rule has no such part here"))

    def part(self, name: str) -> _Reading:
        """A part that has parts itself."""
        value = self.document[name]
        if not isinstance(value, Mapping):
            self.refuse(name, say("this has parts of its own"))
        return _Reading(value if isinstance(value, Mapping) else {}, f"{self.place}{name}.", self.faults)

    def name(self, name: str, *, needed: bool = True) -> str | None:
        """A code of the program or of a community."""
        value = self.document.get(name)
        if value is None and not needed:
            return None
        if not (isinstance(value, str) and _CODE.fullmatch(value)):
            self.refuse(name, say("a name of small letters, digits and _ is needed"))
        return str(value)

    def number(self, name: str, *, least: int = 0, most: int, default: int | None = None) -> int:
        """A whole number within bounds; ``default`` where there is none."""
        value = self.document.get(name, default)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if name not in self.document and default is not None:
            return default
        if not is_whole or not least <= value <= most:
            self.refuse(name, say("a whole number from {least} to {most} is needed", least=least, most=most))
            return least
        return int(value)

    def truth(self, name: str) -> bool:
        value = self.document.get(name, False)
        if not isinstance(value, bool):
            self.refuse(name, say("true or false is needed"))
        return value is True

    def day(self, name: str, *, needed: bool = False) -> date | None:
        """A day as ISO 8601."""
        value = self.document.get(name)
        if value is None and not needed:
            return None
        day = _day(value) if isinstance(value, str) else None
        if day is None or not 1900 <= day.year <= 2199:
            self.refuse(name, say("a day like 2026-12-31 is needed"))
        return day


def _day(text: str) -> date | None:
    """A day as it is written here only: Python reads other forms of ISO 8601 too."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
