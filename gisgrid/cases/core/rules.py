"""Rules of cases: overdue, numbers, receipt codes; with the states and steps of the workflow.

The clock and the random numbers are arguments. Moments are aware; what is given back is in UTC.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from gisgrid.cases.core.workflow import (
    ENDED_STATES,
    OPEN_STATES,
    STEPS,
    CaseAction,
    CaseState,
    allowed_actions,
    next_state,
)
from gisgrid.errors import InvalidInput

__all__ = (
    "ENDED_STATES",
    "NUMBERS_A_DAY",
    "OPEN_STATES",
    "RECEIPT_ALPHABET",
    "REDACTED",
    "STEPS",
    "CaseAction",
    "CaseState",
    "Chooser",
    "Light",
    "Severity",
    "WorkPolicy",
    "allowed_actions",
    "case_number",
    "is_overdue",
    "next_state",
    "parse_case_number",
    "parse_receipt",
    "receipt_code",
)

REDACTED: Final = "〔已隐去 · redacted〕"
"""What stands where the free text of a case was taken out for good."""
RECEIPT_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that can be read aloud and written by hand without mixing up two of them."""

_RECEIPT_LENGTH: Final = 12
_RECEIPT_GROUP: Final = 4
_DIGITS: Final = 6
NUMBERS_A_DAY: Final = 10**_DIGITS
_NUMBER: Final = re.compile(r"(\d{4})(\d{2})(\d{2})-?(\d{4,9})")


class Severity(StrEnum):
    """How much a case weighs; it decides the time limit."""

    SMALL = "small"
    BIG = "big"
    HARD = "hard"
    EMERGENCY = "emergency"


class Light(StrEnum):
    """A case against its time limits: in time, past the target, past the deadline."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPolicy:
    """Settings of the workflow: how long a case may be reopened, what counts as repeated.

    A rating of ``low_rating`` or less opens a case again at any time. ``repeats`` cases at one address within
    ``repeated_within`` are repeated ones.
    """

    reopen_within: timedelta = timedelta(days=15)
    low_rating: int = 2
    repeats: int = 3
    repeated_within: timedelta = timedelta(days=90)

    def is_low(self, *stars: int | None) -> bool:
        """Whether any of the stars given is a low rating."""
        return any(rating is not None and rating <= self.low_rating for rating in stars)


class Chooser(Protocol):
    """What draws the characters of a receipt code: ``random.Random`` in tests, secrets otherwise."""

    def choice(self, seq: Sequence[str], /) -> str:
        """One of a sequence."""


def is_overdue(due_at: datetime | None, *, now: datetime, closed_at: datetime | None = None) -> bool:
    """Whether a case went past its deadline: the open one by now, the closed one when it was closed.

    The deadline itself is still in time; a case without one is never overdue.
    """
    if due_at is None:
        return False
    end = now if closed_at is None else closed_at
    return _in_utc(end, "now") > _in_utc(due_at, "due_at")


def case_number(reported_on: date, drawn: int) -> str:
    """The number people quote: the local day of the report and six digits that were drawn.

    Example: ``20261124-004711``. It tells nothing but the day; following a report needs its receipt code.

    Raises
    ------
    InvalidInput
        There are no six digits for that number.
    """
    if not 0 <= drawn < NUMBERS_A_DAY:
        raise InvalidInput("the number of a case has six digits behind the day", field="number")
    return f"{reported_on:%Y%m%d}-{drawn:0{_DIGITS}d}"


def parse_case_number(text: str) -> str:
    """A case number as it is stored, from what people type (full-width, spaces, hyphen left out).

    Numbers that were given before have four digits behind the day and more, or nine; they stay as they are.

    Raises
    ------
    InvalidInput
        The text is no case number.
    """
    typed = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("—", "-").replace("–", "-")
    parts = _NUMBER.fullmatch(typed)
    if parts is None:
        raise InvalidInput("a case number looks like 20261124-004711", field="number")
    year, month, day, digits = parts.groups()
    try:
        return f"{date(int(year), int(month), int(day)):%Y%m%d}-{digits}"
    except ValueError:
        raise InvalidInput("the case number holds no date", field="number") from None


def receipt_code(rng: Chooser | None = None) -> str:
    """A code that can't be guessed, for following one's own report without logging in.

    Twelve characters of thirty (about 59 bits) in groups of four: ``7KQ2-M9TA-WX4P``. Without ``rng``
    they come from the system's source of randomness, as they must outside tests.
    """
    if rng is not None:
        return _grouped("".join(rng.choice(RECEIPT_ALPHABET) for _ in range(_RECEIPT_LENGTH)))
    # One number for all characters: the system is asked once, not for each of them.
    number, signs = secrets.randbelow(len(RECEIPT_ALPHABET) ** _RECEIPT_LENGTH), []
    for _ in range(_RECEIPT_LENGTH):
        number, sign = divmod(number, len(RECEIPT_ALPHABET))
        signs.append(RECEIPT_ALPHABET[sign])
    return _grouped("".join(signs))


def parse_receipt(text: str) -> str:
    """A receipt code as it is stored, from what people type (lower case, full-width, without hyphens).

    Raises
    ------
    InvalidInput
        The text can't be a receipt code; it is not repeated in the message.
    """
    typed = re.sub(r"[\s\-–—]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(typed) != _RECEIPT_LENGTH or not set(typed) <= set(RECEIPT_ALPHABET):
        raise InvalidInput("a receipt code has 12 letters and digits, like 7KQ2-M9TA-WX4P", field="receipt")
    return _grouped(typed)


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _RECEIPT_GROUP] for start in range(0, len(code), _RECEIPT_GROUP))


def _in_utc(moment: datetime, field: str) -> datetime:
    if moment.utcoffset() is None:
        raise InvalidInput("a moment needs a time zone", field=field)
    return moment.astimezone(UTC)
