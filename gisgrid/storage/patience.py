"""Waiting for the one who writes: what nobody watches tries again instead of giving up after seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from gisgrid.errors import DatabaseBusy, say

T = TypeVar("T")

PATIENCE_S: Final = 60.0
LONG_PATIENCE_S: Final = 900.0
"""Of what runs by a timer at night, as a backup does: longer than any import."""
_PAUSE_S: Final = 0.2


def patiently(once: Callable[[], T], *, patience_s: float = PATIENCE_S) -> T:
    """Do something in a transaction, again and again while another writer is there first.

    Raises
    ------
    DatabaseBusy
        The patience is over; one sentence says how long that was.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            return once()
        except DatabaseBusy:
            if time.monotonic() >= until:
                message = say(
                    "others have been writing to the database for {seconds} s: nothing was kept, try later",
                    seconds=round(patience_s),
                )
                raise DatabaseBusy(message) from None
            time.sleep(_PAUSE_S)
