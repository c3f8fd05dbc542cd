"""Texts in files that a spreadsheet opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from gisgrid.analysis.withheld import Withheld

_SIGNS_IN_ENGLISH: Final = {
    Withheld.NOT_SHOWN.value: "not shown",
    Withheld.AFTER_QUARTER.value: "shown once the quarter is over",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def sign_of(row: Mapping[str, Any], *, in_chinese: bool) -> str:
    """What stands in the cells of a row's withheld figures."""
    sign = str(row.get("reason") or Withheld.NOT_SHOWN.value)
    return sign if in_chinese else _SIGNS_IN_ENGLISH[sign]


def csv_line(values: Iterable[Any]) -> str:
    """One line of CSV: texts in quotes, so that ``0113`` can be told from a number; numbers and days bare.

    Instants are written as the office's clock shows them, since spreadsheets know no zones.
    """
    return ",".join(map(_cell, values)) + "\r\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    quoted = safe_text(str(value)).replace('"', '""')
    return f'"{quoted}"'
