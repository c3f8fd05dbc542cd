"""One answer by the type of its question: its JSON, its value in expressions, or its fault."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from gisgrid.errors import Sentence, say
from gisgrid.forms.expressions.values import (
    MOST,
    SPACES,
    ChoiceSet,
    Day,
    RepeatValues,
    Value,
    day_from_text,
    is_blank,
    text_of,
)
from gisgrid.forms.limits import TEXT_LETTERS

AnswerJson: TypeAlias = "str | int | float | bool | list[str] | Mapping[str, float]"
"""One answer as it is kept; days as ISO, photos as digests, positions as lon, lat, accuracy."""

DEVICE: Final = frozenset({"start", "end", "today"})
"""Types that the device answers by itself."""
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{3})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_EARTH: Final = {"lon": (-180.0, 180.0), "lat": (-90.0, 90.0), "accuracy": (0.0, 1e7)}


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """An answer that was read: its value, what is kept of it (nothing where it is blank), and its fault."""

    value: Value = ""
    kept: AnswerJson | None = None
    fault: Sentence | None = None


BLANK: Final = FormAnswer()


def read_answer(kind: str, value: object) -> FormAnswer:
    """What a JSON value is as the answer to a question of a type."""
    if value is None or value is False or value in ("", []):
        return FormAnswer(value=ChoiceSet(())) if kind == "select_multiple" else BLANK
    return _READERS[kind](value)


def computed(value: Value) -> FormAnswer:
    """The answer that a calculation gives; no number is no answer, and a text is cut where it is too long."""
    if is_blank(value):
        return BLANK
    if isinstance(value, str):
        value = value[:TEXT_LETTERS]
    return FormAnswer(value=value, kept=_kept(value))


def _kept(value: Value) -> AnswerJson:
    match value:
        case ChoiceSet():
            return list(value.names)
        case Day() | RepeatValues():
            return text_of(value)
        case float() if value == math.floor(value):
            return int(value)
    return value


def _wrong(fault: Sentence) -> FormAnswer:
    return FormAnswer(fault=fault)


def _text(value: object) -> FormAnswer:
    if not isinstance(value, str) or _has_halves(value):
        return _wrong(say("this is no text"))
    text = value.strip(SPACES)
    if len(text) > TEXT_LETTERS:
        return _wrong(say("{count} letters; at most {most} are taken", count=len(text), most=TEXT_LETTERS))
    return FormAnswer(text, text) if text else BLANK


def _has_halves(text: str) -> bool:
    """Whether a text holds half a letter, which no file and no database takes."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _decimal(value: object) -> FormAnswer:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) < MOST:
        return _wrong(say("this is no number"))
    return FormAnswer(float(value), int(value) if value == int(value) else value)


def _integer(value: object) -> FormAnswer:
    answer = _decimal(value)
    return answer if answer.fault or isinstance(answer.kept, int) else _wrong(say("this is no whole number"))


def _date(value: object) -> FormAnswer:
    day = day_from_text(value) if isinstance(value, str) and len(value) == len("2026-12-01") else Day(None)
    return _wrong(say("this is no day")) if day.number is None else FormAnswer(day, text_of(day))


def _time(value: object) -> FormAnswer:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return _wrong(say("this is no time of the day"))
    return FormAnswer(value, value)


def _moment(value: object) -> FormAnswer:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value) or not _is_moment(value):
        return _wrong(say("this is no moment with its offset from UTC"))
    return FormAnswer(value, value)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _one(value: object) -> FormAnswer:
    return FormAnswer(value, value) if isinstance(value, str) else _wrong(say("this is no choice"))


def _several(value: object) -> FormAnswer:
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(names) < len(value) or len(set(names)) < len(names):
        return _wrong(say("these are no choices"))
    return FormAnswer(ChoiceSet(tuple(names)), names)


def _acknowledged(value: object) -> FormAnswer:
    return FormAnswer("OK", kept=True) if value is True else _wrong(say("this is neither true nor false"))


def _photo(value: object) -> FormAnswer:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        return _wrong(say("this is no photo"))
    return FormAnswer(value, value)


def _position(value: object) -> FormAnswer:
    if not isinstance(value, Mapping) or not {"lon", "lat"} <= set(value) <= set(_EARTH):
        return _wrong(say("this is no position"))
    places = {name: _decimal(part) for name, part in value.items()}
    if any(place.fault or not _is_on_earth(name, place) for name, place in places.items()):
        return _wrong(say("this is no position"))
    kept = {name: float(value[name]) for name in _EARTH if name in value}
    words = (text_of(kept.get(name, 0.0)) for name in ("lat", "lon", "height", "accuracy"))
    return FormAnswer(" ".join(words), kept)


def _is_on_earth(name: str, place: FormAnswer) -> bool:
    least, most = _EARTH[name]
    return isinstance(place.value, float) and least <= place.value <= most


_READERS: Final[Mapping[str, Callable[[object], FormAnswer]]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "today": _date,
    "time": _time,
    "start": _moment,
    "end": _moment,
    "select_one": _one,
    "select_multiple": _several,
    "acknowledge": _acknowledged,
    "image": _photo,
    "geopoint": _position,
}
