"""Rows one by one, in pieces from the database, so that a long list never stands in memory whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Executable, Row
from sqlalchemy.orm import Session

_AT_ONCE: Final = 2_000


def one_by_one(session: Session, statement: Executable) -> Iterator[Row[Any]]:
    """Rows of a statement, asked for when the first is taken.

    Whoever stops before the last row leaves no cursor open: it is closed with the iterator.
    """
    with session.execute(statement, execution_options={"yield_per": _AT_ONCE}) as result:
        yield from result
