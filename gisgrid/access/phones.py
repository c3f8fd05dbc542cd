"""Phone and identity numbers in free text: found, and masked before a text is kept or shown."""

from __future__ import annotations

import re
from typing import Final

_WIDE: Final = str.maketrans("0123456789-+", "0123456789-+")
_PHONE: Final = re.compile(
    r"(?<![\d.])(?:\+?86[-\s]?)?"
    r"(?:1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}|1[3-9]\d{2}[-\s]?\d{3}[-\s]?\d{4}|0\d{2,3}[-\s]?\d{3,4}[-\s]?\d{4}|[48]00[-\s]?\d{3}[-\s]?\d{4})"
    r"(?![\d.])"
)
_LONG: Final = re.compile(r"(?<!\d)\d{14,18}[\dXx](?!\d)")
"""Identity cards and bank cards: never kept at all."""
_KEPT: Final = 3


def phones_in(text: str) -> list[str]:
    """Phone numbers of a text in their order, each once, digits only (without +86)."""
    numbers = (re.sub(r"\D", "", hit) for hit in _PHONE.findall(_without_long(text.translate(_WIDE))))
    return list(
        dict.fromkeys(number.removeprefix("86") if len(number) > 12 else number for number in numbers)
    )


def mask_numbers(text: str) -> str:
    """The text with phone numbers cut to their first three digits, and longer numbers of persons gone.

    >>> mask_numbers("王家 19900000000 说路灯坏了")
    '王家 199******** 说路灯坏了'
    """
    plain = text.translate(_WIDE)
    hits = [(hit.start(), hit.end(), 0) for hit in _LONG.finditer(plain)]
    hits += [(hit.start(), hit.end(), _KEPT) for hit in _PHONE.finditer(_without_long(plain))]
    masked = text
    for start, end, kept in sorted(hits, reverse=True):
        masked = masked[: start + kept] + "*" * (end - start - kept) + masked[end:]
    return masked


def has_numbers(text: str) -> bool:
    """Whether a text holds a number that would be masked."""
    return mask_numbers(text) != text


def _without_long(plain: str) -> str:
    return _LONG.sub(lambda hit: "x" * len(hit[0]), plain)
