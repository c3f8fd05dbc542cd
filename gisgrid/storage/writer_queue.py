"""Who waits for SQLite's one writer: few threads of a process, and none behind one that waits in vain.

A thread that waits can answer nobody. While another process holds the database for long, those who only read
must find threads that are free; who wants to write is told to come again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gisgrid.errors import DatabaseBusy

MOST: Final = 4
"""How many threads of a process may wait at once."""
IN_VAIN_S: Final = 3.0
"""After so long a wait nobody else begins to wait."""
_STILL_S: Final = 0.7
"""When nobody of the process has had the lock for so long, another process has it."""
_LOOK_S: Final = 0.05
PATIENCE_S: Final = 5.0


class Queue:
    """The threads of a process that wait to write."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._since: dict[int, float] = {}
        self._holding, self._moved = 0, time.monotonic()

    @contextmanager
    def waiting(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """Stand among those who wait, for as long as the block takes; ``patience_s``: for a place there.

        Raises
        ------
        DatabaseBusy
            Too many wait, or somebody waits in vain.
        """
        own = threading.get_ident()
        with self._changed:
            if not self._finds_place(patience_s) or self._is_in_vain():
                raise DatabaseBusy("another writer holds the database; try again shortly")
            self._since[own] = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                del self._since[own]
                self._changed.notify_all()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Have the lock, for as long as the block takes."""
        with self._changed:
            self._holding, self._moved = self._holding + 1, time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._holding, self._moved = self._holding - 1, time.monotonic()

    def _finds_place(self, patience_s: float) -> bool:
        """Wait for a place as long as those before get on."""
        until = time.monotonic() + min(patience_s, PATIENCE_S)
        self._moved = self._moved if self._since else time.monotonic()
        while not self._has_place():
            if self._is_still() or time.monotonic() >= until:
                return False
            self._changed.wait(_LOOK_S)
        return True

    def _is_still(self) -> bool:
        return not self._holding and time.monotonic() - self._moved > _STILL_S

    def _has_place(self) -> bool:
        return len(self._since) < MOST or self._is_in_vain()

    def _is_in_vain(self) -> bool:
        return time.monotonic() - min(self._since.values(), default=time.monotonic()) > IN_VAIN_S
