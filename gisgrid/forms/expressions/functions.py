"""The functions of expressions. ``web/static/forms/functions.js`` is the same; tests hold them together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gisgrid.forms.expressions.patterns import matches
from gisgrid.forms.expressions.values import (
    NAN,
    Day,
    RepeatValues,
    Value,
    clean,
    day_from_number,
    day_from_text,
    first_of,
    is_blank,
    names_in,
    number_of,
    text_of,
    truth_of,
    words_of,
)

MOST_PLACES: Final = 15
MOST_POWER: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationContext:
    """What an expression can ask for.

    ``own`` is the answer it is about (``.``), ``position`` the number of the row from 1, ``labels`` the words
    of choices by question, ``columns`` those of the choice that a filter is about.
    """

    values: Mapping[str, Value]
    today: Day
    own: Value = ""
    position: int = 1
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


Function: TypeAlias = Callable[..., Value]


def call(function: str, parts: list[Value], context: EvaluationContext) -> Value:
    """The value of a function; `if` is not among them, since it leaves one of its parts alone."""
    if function in _OF_CONTEXT:
        return _OF_CONTEXT[function](context, *parts)
    return _FUNCTIONS[function](*parts)


def day(value: Value) -> Day:
    """The day of a text, of a number of days or of a day."""
    value = first_of(value)
    if isinstance(value, Day):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return day_from_number(number_of(value))
    return day_from_text(text_of(value))


def _flat(parts: tuple[Value, ...]) -> list[Value]:
    """All values, those of rows each by itself."""
    return [value for part in parts for value in (part.values if isinstance(part, RepeatValues) else (part,))]


def _selected_at(value: Value, place: Value) -> str:
    names, number = names_in(value), number_of(place)
    return names[int(number)] if 0 <= number < len(names) else ""


def _format_date(value: Value, pattern: Value) -> str:
    if day(value).number is None:
        return ""
    year, month, number = text_of(day(value)).split("-")
    parts = {"Y": year, "m": month, "d": number, "n": str(int(month)), "e": str(int(number))}
    return re.sub("%([Ymdne])", lambda match: parts[match[1]], text_of(pattern))


def _substr(value: Value, start: Value, end: Value | None = None) -> str:
    places = [number_of(place) for place in (start, end) if place is not None]
    if any(map(math.isnan, places)):
        return ""
    return text_of(value)[slice(*(int(place) for place in places), *([None] if end is None else []))]


def _translate(value: Value, letters: Value, others: Value) -> str:
    replaced: dict[str, str] = {}
    to = text_of(others)
    for index, letter in enumerate(text_of(letters)):
        replaced.setdefault(letter, to[index] if index < len(to) else "")
    return "".join(replaced.get(letter, letter) for letter in text_of(value))


def _whole(cut: Callable[[float], float]) -> Callable[[Value], float]:
    def function(value: Value) -> float:
        number = number_of(value)
        return number if math.isnan(number) else clean(float(cut(number)))

    return function


def _round(value: Value, places: Value = 0.0) -> float:
    number, count = number_of(value), number_of(places)
    if math.isnan(number) or math.isnan(count) or abs(count) > MOST_PLACES:
        return NAN
    tens = float(f"1e{abs(int(count))}")
    if count < 0:
        return clean(float(math.floor(number / tens + 0.5)) * tens)
    return clean(float(math.floor(number * tens + 0.5)) / tens)


def _pow(base: Value, exponent: Value) -> float:
    """A whole power by multiplying; no number for any other, which machines work out differently."""
    number, power = number_of(base), number_of(exponent)
    if math.isnan(number) or math.isnan(power) or power != int(power) or abs(power) > MOST_POWER:
        return NAN
    product, factor, rest = 1.0, number, abs(int(power))
    while rest:
        product = product * factor if rest % 2 else product
        factor, rest = factor * factor, rest // 2
    return clean(product) if power >= 0 else _quotient(1.0, product)


def _quotient(left: float, right: float) -> float:
    return clean(left / right) if right else NAN


def _sum(*parts: Value) -> float:
    total = 0.0  # one after the other, as browsers add: `sum` corrects what is lost
    for value in _flat(parts):
        number = number_of(value)
        total = total if math.isnan(number) else total + number
    return clean(total)


def _extreme(is_better: Callable[[float, float], bool]) -> Function:
    def function(*parts: Value) -> Value:
        values = [value for value in _flat(parts) if not math.isnan(number_of(value))]
        best = NAN
        for value in values:
            number = number_of(value)
            best = number if math.isnan(best) or is_better(number, best) else best
        return Day(int(best)) if values and all(isinstance(value, Day) for value in values) else best

    return function


def _count(value: Value) -> float:
    return float(len(value.values)) if isinstance(value, RepeatValues) else float(not is_blank(value))


def _first_there(*parts: Value) -> Value:
    return next((first_of(part) for part in parts if not is_blank(part)), "")


def _choice_label(context: EvaluationContext, value: Value, question: Value) -> str:
    name = text_of(value)
    return context.labels.get(text_of(question)[2:-1], {}).get(name, name)


_OF_CONTEXT: Final[Mapping[str, Function]] = {
    "today": lambda context: context.today,
    "position": lambda context: float(context.position),
    "jr:choice-name": _choice_label,
}
_FUNCTIONS: Final[Mapping[str, Function]] = {
    "selected": lambda value, name: text_of(name).strip(" \t\r\n") in names_in(value),
    "count-selected": lambda value: float(len(names_in(value))),
    "selected-at": _selected_at,
    "not": lambda value: not truth_of(value),
    "true": lambda: True,
    "false": lambda: False,
    "coalesce": _first_there,
    "date": day,
    "format-date": _format_date,
    "decimal-date-time": lambda value: number_of(day(value)),
    "concat": lambda *parts: "".join(map(text_of, _flat(parts))),
    "string-length": lambda value: float(len(text_of(value))),
    "contains": lambda value, part: text_of(part) in text_of(value),
    "starts-with": lambda value, part: text_of(value).startswith(text_of(part)),
    "ends-with": lambda value, part: text_of(value).endswith(text_of(part)),
    "substr": _substr,
    "normalize-space": lambda value: " ".join(words_of(text_of(value))),
    "translate": _translate,
    "regex": lambda value, pattern: matches(text_of(value), text_of(pattern)),
    "number": number_of,
    "string": text_of,
    "boolean": truth_of,
    "int": _whole(math.trunc),
    "round": _round,
    "floor": _whole(math.floor),
    "ceiling": _whole(math.ceil),
    "abs": _whole(abs),
    "pow": _pow,
    "min": _extreme(lambda number, best: number < best),
    "max": _extreme(lambda number, best: number > best),
    "sum": _sum,
    "count": _count,
    "count-non-empty": lambda value: float(sum(not is_blank(part) for part in _flat((value,)))),
    "join": lambda between, *parts: text_of(between).join(map(text_of, _flat(parts))),
}
