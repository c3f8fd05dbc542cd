"""Texts in files that a spreadsheet opens."""

from __future__ import annotations

from typing import Final

TOO_FEW: Final = "<5"
"""Stands for a number that is withheld because it is small."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text
