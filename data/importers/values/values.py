"""Single values of a file as what they mean: whole numbers, yes and no, choices, instants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Final, NoReturn, TypeVar

import pandas as pd

from data.importers.values.columns import text_of
from data.importers.values.date_forms import ORDERS, moment_of
from gisgrid.errors import InvalidInput, say

T = TypeVar("T")
D = TypeVar("D")

_YES: Final = frozenset({"yes", "y", "true", "t", "1", "有", "是", "viaduct", "building_passage", "culvert"})
_NO: Final = frozenset({"no", "n", "false", "f", "0", "无", "否", ""})
_FORMATS: Final = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
)


def whole_number(text: str, *, lowest: int, highest: int) -> int | None:
    """A whole number within bounds; nothing for an empty text.

    Raises
    ------
    InvalidInput
        No whole number, or out of bounds.
    """
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.0+)?", text):
        raise InvalidInput(say("this is no whole number"))
    number = int(float(text))
    if not lowest <= number <= highest:
        raise InvalidInput(
            say("the number must lie between {lowest} and {highest}", lowest=lowest, highest=highest)
        )
    return number


def yes_or_no(text: str) -> bool:
    """Whether a text says yes; empty is no.

    Raises
    ------
    InvalidInput
        It says neither.
    """
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidInput(say("this is neither yes nor no"))


def choice(text: str, options: Mapping[str, T], *, wanted: str) -> T | None:
    """What a word stands for, whatever its case; nothing for an empty text.

    Raises
    ------
    InvalidInput
        The word is none of the options.
    """
    if not text:
        return None
    chosen = options.get(text.casefold())
    if chosen is None:
        raise InvalidInput(say("this is none of: {wanted}", wanted=wanted))
    return chosen


def instant(value: Any, *, tz: tzinfo, form: str | None = None) -> tuple[datetime | None, bool]:
    """An instant in UTC, and whether it named no offset, so that it was read in ``tz``.

    Taken are RFC 3339 with ``T`` or a blank, dates with slashes or dots, 2016年7月1日 8:05, and what
    `data.importers.values.date_forms` reads; ``form`` is what was said of the form of dates.

    Raises
    ------
    InvalidInput
        This is no date and time.
    """
    if value is pd.NaT:
        return None, False
    moment = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if not isinstance(moment, datetime):
        text = text_of(value)
        if not text:
            return None, False
        moment = _parsed(text, form)
    if moment.utcoffset() is None:
        return moment.replace(tzinfo=tz).astimezone(UTC), True
    return moment.astimezone(UTC), False


def _parsed(text: str, said: str | None) -> datetime:
    if said is not None and said not in ORDERS:
        return moment_of(text, said) or _no_moment()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller gives it its zone
        except ValueError:
            continue
    return moment_of(unicodedata.normalize("NFKC", text), said) or _no_moment()


def _no_moment() -> NoReturn:
    raise InvalidInput(say("this is no date and time, such as 2026-11-24 08:05:00+08:00"))


class RowFaults:
    """Collects what is wrong with one row, field by field, so that all of it is told at once."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def take(self, field: str, read: Callable[[], T], default: D) -> T | D:
        """The value that ``read`` gives, or the default where it refuses."""
        try:
            return read()
        except InvalidInput as error:
            self.found.append((field, error.faults[0].message))
            return default
