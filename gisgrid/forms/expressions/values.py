"""Values of expressions and how they pass for one another. ``web/static/forms/values.js`` is the same.

Blank is empty text, no number (NaN), a day without a number and an empty set. Source: the rules of XPath 1.0
as far as ODK keeps them, made exact where Python and browsers differ.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

NAN: Final = math.nan
MOST: Final = 1e15
"""From here on a double no longer holds every tenth: such a number is none."""
_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*)?", re.DOTALL)
_EPOCH: Final = date(1970, 1, 1).toordinal()
SPACES: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Day:
    """A day as whole days since 1970-01-01; none for one that wasn't answered or doesn't exist."""

    number: int | None


@dataclass(frozen=True, slots=True)
class ChoiceSet:
    """The chosen names of a question with several choices."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepeatValues:
    """The values of a question in all rows of a repeat."""

    values: tuple[Value, ...]


Value: TypeAlias = str | float | bool | Day | ChoiceSet | RepeatValues


def clean(number: float) -> float:
    """A number as expressions know it: NaN where it isn't finite or too large, never minus zero."""
    return number + 0.0 if abs(number) < MOST else NAN


def day_of(day: date) -> Day:
    """A day of the calendar as a value."""
    return Day(day.toordinal() - _EPOCH)


def day_from_number(number: float) -> Day:
    """The day so many days after 1970-01-01; no day outside of the years 1 to 9999."""
    if math.isnan(number) or not date.min.toordinal() <= math.floor(number) + _EPOCH <= date.max.toordinal():
        return Day(None)
    return Day(math.floor(number))


def day_from_text(text: str) -> Day:
    """The day that a text names (``2026-12-01`` or a moment of it); no day where there is none."""
    match = _DATE.fullmatch(text)
    try:
        return day_of(date.fromisoformat(match[1])) if match else Day(None)
    except ValueError:
        return Day(None)


def first_of(value: Value) -> Value:
    """The value itself, or that of the first row."""
    if not isinstance(value, RepeatValues):
        return value
    return value.values[0] if value.values else ""


def number_of(value: Value) -> float:
    """The number a value stands for; NaN where it stands for none."""
    value = first_of(value)
    if isinstance(value, str):
        text = value.strip(SPACES)
        return clean(float(text)) if _NUMBER.fullmatch(text) else NAN
    if isinstance(value, Day):
        return NAN if value.number is None else float(value.number)
    if isinstance(value, (ChoiceSet, RepeatValues)):
        return number_of(text_of(value))
    return clean(float(value)) if abs(value) < MOST else NAN


def text_of(value: Value) -> str:
    """How a value is written: days as ISO, numbers with at most six decimals, names with spaces between."""
    value = first_of(value)
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Day():
            return _day_text(value.number)
        case ChoiceSet():
            return " ".join(value.names)
    return "" if isinstance(value, RepeatValues) else _number_text(value)


def truth_of(value: Value) -> bool:
    """Whether a value holds: some text, a number that isn't 0, a day, a choice, a row."""
    match value:
        case RepeatValues():
            return bool(value.values)
        case ChoiceSet():
            return bool(value.names)
        case Day():
            return value.number is not None
        case str() | bool():
            return bool(value)
    number = number_of(value)
    return not math.isnan(number) and number != 0


def is_blank(value: Value) -> bool:
    """Whether nothing was answered; 0 and false are something."""
    value = first_of(value)
    if isinstance(value, (str, Day, ChoiceSet)):
        return not truth_of(value)
    return not isinstance(value, (bool, RepeatValues)) and math.isnan(number_of(value))


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same: with a day or a set as texts, with a number as numbers."""
    left, right = first_of(left), first_of(right)
    if isinstance(left, (Day, ChoiceSet)) or isinstance(right, (Day, ChoiceSet)):
        return text_of(left) == text_of(right)
    is_number = not isinstance(left, (str, bool)) or not isinstance(right, (str, bool))
    is_truth = isinstance(left, bool) and isinstance(right, bool)
    if is_number or is_truth:
        return number_of(left) == number_of(right)
    return text_of(left) == text_of(right)


def names_in(value: Value) -> tuple[str, ...]:
    """The names chosen: of a set, or the words of a text."""
    value = first_of(value)
    return value.names if isinstance(value, ChoiceSet) else tuple(words_of(text_of(value)))


def words_of(text: str) -> list[str]:
    """The words between spaces, tabs and ends of lines."""
    return [word for word in re.split(f"[{SPACES}]+", text) if word]


def _day_text(number: int | None) -> str:
    return "" if number is None else date.fromordinal(number + _EPOCH).isoformat()


def _number_text(value: float) -> str:
    number = number_of(value)
    if math.isnan(number):
        return ""
    whole = math.floor(number)
    millionths = whole * 1_000_000 + math.floor((number - whole) * 1e6 + 0.5)
    before, after = divmod(abs(millionths), 1_000_000)
    text = f"{before}.{after:06}".rstrip("0").rstrip(".")
    return f"-{text}" if millionths < 0 else text
