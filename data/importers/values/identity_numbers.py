"""Identity-card numbers are not stored: columns that hold them are left out, values that are one refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from data.importers.kinds.fields import spelt
from data.importers.values.columns import Columns
from gisgrid.errors import InvalidInput, Sentence, say

_HEADERS: Final = re.compile(
    r"身份证|身份號|身份号|公民.*(?:号码|号)|居民证|证件(?:号|号码)$|^证件$|id_?card|idno|id_?number|identity|^sfzh?m?$|^zjhm?$"
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_LONG: Final = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_SHORT: Final = re.compile(r"(?<![0-9])[1-9][0-9]{14}(?![0-9A-Za-z])")
_SAID: Final = say("this is an identity-card number: such numbers are not stored, leave it out")
_NEVER_KEPT: Final = frozenset({"area", "building", "lat", "lon"})


def without_identity_numbers(columns: Columns) -> tuple[Columns, list[Sentence]]:
    """The columns without any whose name says that it holds identity-card numbers, and what is told of them.

    Raises
    ------
    InvalidInput
        The user named such a column for one of our fields.
    """
    theirs = [str(name) for name in columns.table.frame.columns if is_identity_header(str(name))]
    used = {field: name for field, name in columns.chosen.items() if name in theirs}
    if used:
        field, name = next(iter(used.items()))
        message = say("the column {name!r} holds identity-card numbers, which are not stored", name=name)
        raise InvalidInput(message, file=columns.table.source, field=field)
    notes = [
        say("the column {name!r} holds identity-card numbers: it was left out and not stored", name=name)
        for name in theirs
    ]
    return columns, notes


def is_identity_header(name: str) -> bool:
    """Whether a column's name says that it holds identity-card numbers."""
    return _HEADERS.search(spelt(name)) is not None


def has_identity_number(text: str) -> bool:
    """Whether a text holds an identity-card number: 18 signs with its check, or 15 digits with a date."""
    if len(text) < 15:
        return False
    plain = re.sub(r"[\s-]", "", text)
    return any(_is_long(number[0]) for number in _LONG.finditer(plain)) or any(
        _is_day(f"19{number[0][6:12]}") for number in _SHORT.finditer(plain)
    )


def refuse_identity_numbers(texts: Mapping[str, str]) -> list[tuple[str, Sentence]]:
    """The fields of a row that hold an identity-card number, with the sentence for each.

    Positions and codes that must be known already aren't looked at: they can't bring one in, and the digits
    of a position or of an area's code of 15 digits look like one by chance.
    """
    return [
        (name, _SAID) for name, text in texts.items() if name not in _NEVER_KEPT and has_identity_number(text)
    ]


def _is_long(number: str) -> bool:
    digits = [int(sign) for sign in number[:17]]
    check = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11
    return number[17].upper() == _CHECKS[check] and _is_day(number[6:14])


def _is_day(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return 1850 <= day.year <= 2200
