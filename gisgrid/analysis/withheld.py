"""The two signs for a figure that isn't shown. A third would tell a small number from its shadow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class Withheld(StrEnum):
    """Why a figure isn't shown, in the words that stand in its place; other languages translate these two.

    Which one it is hangs on what was asked, never on the figure: ``NOT_SHOWN`` is 1-4, or withheld to
    protect others; ``AFTER_QUARTER`` is told for whole quarters alone, once they are over.
    """

    NOT_SHOWN = "不显示"
    AFTER_QUARTER = "整季度结束后可见"


def reason_of(suppressed: Sequence[str], why: Withheld = Withheld.NOT_SHOWN) -> str | None:
    """The sign of a row, or nothing where nothing of it is withheld."""
    return why.value if suppressed else None


def withhold(
    row: Mapping[str, Any], names: Sequence[str], why: Withheld = Withheld.NOT_SHOWN
) -> dict[str, Any]:
    """The row with the named figures missing, ``suppressed`` that names them and ``reason`` that says why.

    A row of whatever figures: what it holds is for its caller to say.
    """
    missing = dict.fromkeys(names)
    return {**row, **missing, "suppressed": list(names), "reason": reason_of(names, why)}
