"""Numbers of cases: six drawn digits behind the day. They tell nothing but the day.

Whoever sees some numbers of a day learns nothing of the others: neither how many there are, nor in which
order they came, nor which of them belong to a confidential category.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.cases.core.models import Case
from gisgrid.cases.core.rules import NUMBERS_A_DAY, case_number
from gisgrid.errors import Conflict, say

_ROUNDS: Final = 60
"""Of a day whose numbers are nearly all given, so many draws find one of the last percent or two."""
_MEANWHILE: Final = 5
_AT_ONCE: Final = 2000
_UNIQUE: Final = ("uq_case_file_number", "case_file.number")
"""What the two databases call the index of numbers."""


def keep_numbered(session: Session, days: Sequence[date], keep: Callable[[Sequence[str]], None]) -> None:
    """Let cases be kept under a new number each, of these days in this order.

    ``keep`` writes them, and is called once more, with other numbers, where another writer has taken one of
    them meanwhile: what it wrote is taken back before.

    Raises
    ------
    Conflict
        A day has no numbers left.
    """
    for turn in range(_MEANWHILE):
        numbers = _fresh(session, days)
        try:
            with session.begin_nested():
                keep(numbers)
                session.flush()
        except IntegrityError as error:
            if turn == _MEANWHILE - 1 or not any(name in str(error.orig) for name in _UNIQUE):
                raise
        else:
            return


def _fresh(session: Session, days: Sequence[date]) -> list[str]:
    """A number for each day that no case has and no other day of the list was given."""
    numbers = [""] * len(days)
    used: set[str] = set()
    waiting = list(range(len(days)))
    for _round in range(_ROUNDS):
        drawn: dict[str, int] = {}
        for place in waiting:
            number = case_number(days[place], secrets.randbelow(NUMBERS_A_DAY))
            if number not in used:
                drawn.setdefault(number, place)
        for number in drawn.keys() - _taken(session, list(drawn)):
            numbers[drawn[number]] = number
            used.add(number)
        waiting = [place for place in waiting if not numbers[place]]
        if not waiting:
            return numbers
    raise Conflict(say("the numbers of {day} are used up", day=days[waiting[0]].isoformat()))


def _taken(session: Session, numbers: Sequence[str]) -> set[str]:
    """Those numbers that a case has."""
    taken: set[str] = set()
    with session.no_autoflush:
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            taken.update(session.scalars(select(Case.number).where(Case.number.in_(some))))
    return taken
