"""Days and moments in other orders than year, month, day: read where they are plain, never guessed.

``03/25/2024 2:30 PM`` can only be 25 March. ``03/04/2024`` is 4 March or 3 April: whoever gives the file says
which, by ``mdy``, ``dmy`` or a pattern such as ``%m/%d/%y %I:%M %p``.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from gisgrid.errors import InvalidInput, say

ORDERS: Final = ("ymd", "mdy", "dmy")
"""What can be said of the order of day, month and year; anything else is a pattern."""

_TIME: Final = (
    r"(?P<half1>上午|下午|[AaPp]\.?[Mm]\.?)?\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?\s*(?P<half2>[AaPp]\.?[Mm]\.?)?"
)
_DAY_FIRST: Final = r"(?P<one>[0-9]{1,2})[/.-](?P<two>[0-9]{1,2})[/.-](?P<year>[0-9]{4})"
_YEAR_FIRST: Final = r"(?P<year>[0-9]{4})[年/.-](?P<one>[0-9]{1,2})[月/.-](?P<two>[0-9]{1,2})日?"
_TURNED: Final = re.compile(rf"{_DAY_FIRST}(?:,?[T\s]\s*{_TIME})?")
_STRAIGHT: Final = re.compile(rf"{_YEAR_FIRST},?[T\s]\s*{_TIME}")
_SHORT_YEAR: Final = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}(?![0-9]).*")
_MONTHS: Final = 12
_PROBE: Final = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001 - only tries a pattern


def checked_form(said: str | None) -> str | None:
    """What was said of the form of dates; nothing for an empty text.

    Raises
    ------
    InvalidInput
        It is neither an order nor a pattern by which a day can be read.
    """
    text = (said or "").strip()
    if not text or text.casefold() in ORDERS:
        return text.casefold() or None
    try:
        read = datetime.strptime(_PROBE.strftime(text), text)  # noqa: DTZ007 - only tries it
    except ValueError:
        read = None
    if read is None or read.date() != _PROBE.date():
        message = say(
            "the form of dates is one of {orders}, or a pattern with day, month and year such as {example}",
            orders=", ".join(ORDERS),
            example="%m/%d/%Y %I:%M %p",
        )
        raise InvalidInput(message, field="dates")
    return text


def moment_of(text: str, form: str | None) -> datetime | None:
    """The day or moment of a text without offset, where it can be only one; nothing where it is none.

    Raises
    ------
    InvalidInput
        Day and month could change places and nobody said which is which, the year has two digits, or the
        text is not of the pattern that was said.
    """
    if form is not None and form not in ORDERS:
        return _by_pattern(text, form)
    parts = _TURNED.fullmatch(text)
    if parts:
        month, day = _in_order(int(parts["one"]), int(parts["two"]), form)
        return _moment(parts, month, day)
    parts = _STRAIGHT.fullmatch(text)
    if parts:
        return _moment(parts, int(parts["one"]), int(parts["two"]))
    if _SHORT_YEAR.fullmatch(text):
        raise InvalidInput(say("the year has two digits: give the form of the dates (--date-format)"))
    return None


def _by_pattern(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller gives it its zone
    except ValueError:
        raise InvalidInput(say("this is no date of the form {pattern}", pattern=pattern)) from None


def _in_order(first: int, second: int, form: str | None) -> tuple[int, int]:
    """Month and day of two numbers before the year."""
    if form == "dmy":
        return second, first
    if form == "mdy" or first == second or second > _MONTHS:
        return first, second
    if first > _MONTHS:
        return second, first
    raise InvalidInput(
        say(
            "this is month {one}, day {two}, or the other way round: say which (--date-format mdy or dmy)",
            one=first,
            two=second,
        )
    )


def _moment(parts: re.Match[str], month: int, day: int) -> datetime | None:
    half = (parts["half1"] or parts["half2"] or "").replace(".", "").casefold()
    hour = int(parts["hour"] or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in {"pm", "下午"} else 0)
    try:
        return datetime(  # noqa: DTZ001 - the caller gives it its zone
            int(parts["year"]), month, day, hour, int(parts["minute"] or 0), int(parts["second"] or 0)
        )
    except ValueError:
        return None
