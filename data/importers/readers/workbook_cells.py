"""Single cells of a workbook as text, and what is wrong with one."""

from __future__ import annotations

import math
import re
from datetime import datetime, time
from typing import Any, Final

from gisgrid.errors import Sentence, say

_EXACT: Final = 10**15
"""A workbook keeps 15 digits of a number: of longer ones the last are zeros."""
_LEADING_ZEROS: Final = re.compile(r"0{2,20}")
_MIDNIGHT: Final = time()


def text_of_cell(cell: Any) -> str:
    """A cell's value as text: codes as they are shown, whole numbers without decimal point, days as days."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(sep=" ")
    return str(value)


def _number(value: float, form: str) -> str:
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    digits = str(int(value))
    # 113 shown as 0113 is a code of four digits.
    return digits.zfill(len(form)) if _LEADING_ZEROS.fullmatch(form) else digits


def fault_of(cell: Any) -> Sentence | None:
    """Why a cell can't be taken: a formula without result, an error, a number that lost digits."""
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return say("a formula without a stored result: open the workbook, save it, and give that")
    if cell.data_type == "e":
        return say("the cell holds the error {error}", error=value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            return say("the cell holds no number")
        if abs(value) >= _EXACT:
            return say("a number of over 15 digits has lost its last ones: such codes must be text")
    return None


def letters_of(column: int) -> str:
    """The letters of a column counted from 1: ``A``, ``Z``, ``AA``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
