"""Values that a form sends as text, or one sentence that names the field."""

from __future__ import annotations

from datetime import date

from gisgrid.errors import InvalidInput


def read_day(text: str, field: str) -> date:
    """A day as browsers send it.

    Raises
    ------
    InvalidInput
        It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("a date looks like 2026-11-24", field=field) from None


def read_whole(text: str, field: str) -> int:
    """A whole number.

    Raises
    ------
    InvalidInput
        It is none.
    """
    try:
        return int(text)
    except ValueError:
        raise InvalidInput("a whole number is needed", field=field) from None
