"""Forms that pages send: their values, and what was typed where a form could not be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import request
from werkzeug.exceptions import HTTPException

from gisgrid.errors import InvalidInput

_PASSES: Final = {429, 500, 503}
"""Statuses after which the same form may well be taken: nothing in it was wrong."""
_SECRET: Final = {"password", "old", "again", "pin", "pin_again"}
"""Fields that no page gives back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form that was sent: where to, its fields by name, and the texts somebody wrote into it."""

    sent_to: str
    fields: tuple[tuple[str, str], ...]

    @property
    def texts(self) -> list[str]:
        """What is in words, not codes, for whoever wants to see that it is still there."""
        return [value for _name, value in self.fields if not value.isascii() or " " in value.strip()]


def typed_form(status: int) -> Typed | None:
    """The form of this request, to be sent again as it is; nothing where that is of no use.

    It holds the token that came with it and no new one, so that nobody can have a page made whose button does
    what another site wants. A file has to be chosen anew, and a password typed.
    """
    if status not in _PASSES or request.method != "POST":
        return None
    try:
        fields = tuple(request.form.items(multi=True))
        has_files = any(file.filename for file in request.files.values())
    except HTTPException:  # too large, or broken off
        return None
    if not fields or has_files or _SECRET & {name for name, _value in fields}:
        return None
    return Typed(sent_to=request.full_path.rstrip("?"), fields=fields)


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
