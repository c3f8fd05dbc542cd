"""How a case stands by the words of a file: those of other systems, and those of a list exported here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from data.importers.values.values import RowFaults, whole_number
from gisgrid.cases.core.rules import CaseState
from gisgrid.cases.intake.imported_case import ImportedRating
from gisgrid.errors import InvalidInput
from gisgrid.labels.cases import CASE_STATES

_SUSPENDED: Final = frozenset({CaseState.SUSPENDED.value, CASE_STATES["suspended"]})
_RATED: Final = frozenset({CaseState.RATED.value, CASE_STATES["rated"]})
_STARS: Final = (1, 5)
_CLOSED_WORDS: Final = (
    "clos",
    "void",
    "cancel",
    "resolved",
    "done",
    "结案",
    "办结",
    "已关闭",
    "作废",
    "已完成",
    "归档",
    "已回访",
)
_HANDLING_WORDS: Final = ("progress", "handling", "assigned", "处理中", "办理中", "处置中", "已受理")
_REPORTED_WORDS: Final = (
    "open",
    "reported",
    "new",
    "pending",
    "received",
    "上报",
    "待处理",
    "待受理",
    "新建",
    "待签收",
    "待办理",
    "待处置",
    "待派",
)
_AS_READ: Final = {CaseState.SUSPENDED: CaseState.HANDLING, CaseState.RATED: CaseState.CLOSED}
"""What else these need, files of other systems don't tell: see `suspended_of` and `rating_of`."""
_STATES: Final = {
    word: _AS_READ.get(CaseState(code), CaseState(code))
    for code, label in CASE_STATES.items()
    for word in (code, label)
}
"""States in the words of a list that was exported here; other systems have theirs."""


def state_of(text: str, *, is_closed: bool) -> CaseState:
    """The state a word stands for (``CLOSED - incomplete``, ``IN-PROGRESS``, ``办结``); empty: by closing.

    Raises
    ------
    InvalidInput
        The word can't be read as any state.
    """
    word = text.casefold()
    if not word:
        return CaseState.CLOSED if is_closed else CaseState.REPORTED
    if word in _STATES:
        return _STATES[word]
    # Closed first: "DUPLICATE (CLOSED)"; "未结案" must not pass for closed.
    if not word.startswith(("未", "not ", "un")) and any(sign in word for sign in _CLOSED_WORDS):
        return CaseState.CLOSED
    if any(sign in word for sign in _HANDLING_WORDS):
        return CaseState.HANDLING
    if word.startswith(("未", "un")) or any(sign in word for sign in _REPORTED_WORDS):
        return CaseState.REPORTED
    raise InvalidInput("this is no state: reported, handling or closed")


def suspended_of(text: str, moments: Mapping[str, datetime | None]) -> datetime | None:
    """Since when a case is suspended; nothing where it isn't, or the file tells no moment."""
    return moments["suspended_at"] if text.casefold() in _SUSPENDED else None


def rating_of(
    texts: Mapping[str, str], moments: Mapping[str, datetime | None], *, reading: RowFaults
) -> ImportedRating | None:
    """How a case was rated; nothing where it wasn't, or the file tells no moment."""
    rated_at = moments["rated_at"]
    if texts["state"].casefold() not in _RATED or rated_at is None:
        return None
    lowest, highest = _STARS
    stars = [
        reading.take(name, partial(whole_number, texts[name], lowest=lowest, highest=highest), None)
        for name in ("rating_speed", "rating_result")
    ]
    speed, result = stars if None not in stars else (None, None)
    return ImportedRating(speed=speed, result=result, at=rated_at)
