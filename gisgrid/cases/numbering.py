"""Numbers of cases: running ones by day; those of confidential cases don't tell how many there are."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.cases.models import Case, CaseCounter
from gisgrid.cases.rules import case_number
from gisgrid.storage.dialect import next_number

_LOWEST: Final = 100_000_000
_SPAN: Final = 900_000_000
"""Nine digits: more than a day's running number will ever have."""


def numbers_for(session: Session, wanted: Sequence[tuple[date, bool]]) -> Iterator[str]:
    """A number for each day of a list, in its order; the second of a pair says that the case is confidential.

    Running numbers come from that day's counter, reserved in one step a day. A confidential case takes
    none of them: who sees the others would count those between them.
    """
    following: dict[date, int] = {}
    for day, count in sorted(Counter(day for day, is_secret in wanted if not is_secret).items()):
        first = next_number(session, CaseCounter, {"day": day}, "last")
        # The counter's row is ours until the transaction ends: nobody counts in between.
        session.execute(update(CaseCounter).where(CaseCounter.day == day).values(last=first + count - 1))
        following[day] = first
    given: set[str] = set()
    for day, is_secret in wanted:
        if is_secret:
            number = _drawn(session, day, given)
            given.add(number)
            yield number
        else:
            yield case_number(day, following[day])
            following[day] += 1


def _drawn(session: Session, day: date, given: set[str]) -> str:
    while True:
        number = case_number(day, _LOWEST + secrets.randbelow(_SPAN))
        if number not in given and session.scalar(select(Case.id).where(Case.number == number)) is None:
            return number
