"""Texts in files that a spreadsheet opens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

WITHHELD: Final = "<5"
"""Stands for a number that is withheld: a small one, or one that would give a small one away. Which of both
it is must not be seen, so both are written alike."""
UNTOLD: Final = "—"
"""Stands for a number of a day that is over: large ones are withheld there too, so ``<5`` would be false."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text


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
