"""Days as offices write them: 1950-3-7, 1950/3/7, 1950.3.7, 19500307, 1950年3月7日, days of workbooks."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import pandas as pd

from data.importers.values.columns import text_of
from data.importers.values.date_forms import ORDERS, moment_of
from gisgrid.errors import InvalidInput, Sentence, say

FIRST_YEAR: Final = 1850
LAST_YEAR: Final = 2199
_REMEMBERED: Final = 8192
"""Days that were read lately; of a file many rows name the same."""

_PARTED: Final = re.compile(
    r"([0-9]{4})(?:年|[-/.])([0-9]{1,2})(?:月|[-/.])([0-9]{1,2})日?(?:[T ]?[0-9]{1,2}:[0-9]{2}(?::[0-9.]+)?)?"
)
_SOLID: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL: Final = re.compile(r"[1-9][0-9]{3,4}(?:\.0+)?")
_SERIAL_ZERO: Final = date(1899, 12, 30)
_FIRST_SERIAL: Final = 61
"""Workbooks count days from 1900 with a 29 February that never was: from 1 March 1900 on they are right."""


def day(value: Any, form: str | None = None) -> date | None:
    """The day a value stands for; nothing for an empty one.

    A number of four or five digits is the serial number of a workbook (18329 is 1950-03-07). Two digits for
    a year, or which of two numbers is the month, are not guessed; ``form`` is what was said of that.

    Raises
    ------
    InvalidInput
        It is no such day.
    """
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, datetime | pd.Timestamp):
        return _checked(value.year, value.month, value.day)
    if isinstance(value, date):
        return _checked(value.year, value.month, value.day)
    text = text_of(value)
    return _day_of_text(text, form) if text else None


@lru_cache(maxsize=_REMEMBERED)
def _day_of_text(written: str, form: str | None) -> date | None:
    text = unicodedata.normalize("NFKC", written).split(" 0:00")[0].strip()
    if not text:
        return None
    if form is not None and form not in ORDERS:
        return _day_of(moment_of(text, form))
    plain = re.sub(r"\s*([年月日/.-])\s*", r"\1", text)
    parts = _PARTED.fullmatch(plain) or _SOLID.fullmatch(plain)
    if parts:
        return _checked(*(int(part) for part in parts.groups()))
    if _SERIAL.fullmatch(plain) and int(float(plain)) >= _FIRST_SERIAL:
        counted = _SERIAL_ZERO + timedelta(days=int(float(plain)))
        return _checked(counted.year, counted.month, counted.day)
    return _day_of(moment_of(text, form) or moment_of(plain, form))


def _day_of(moment: datetime | None) -> date:
    if moment is None:
        raise InvalidInput(_said())
    return _checked(moment.year, moment.month, moment.day)


def _checked(year: int, month: int, of_month: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = say("the year must lie between {first} and {last}", first=FIRST_YEAR, last=LAST_YEAR)
        raise InvalidInput(message)
    try:
        return date(year, month, of_month)
    except ValueError:
        raise InvalidInput(_said()) from None


def _said() -> Sentence:
    return say("this is no day, such as 1950-3-7, 19500307 or 1950年3月7日")
