"""A long write on SpatiaLite in turns: the lock is let go about twice a second, and others write in between.

What is kept at the end of a turn stays if the process ends: whoever writes in turns has to see to it that
nobody sees half of it, and that it is taken back if the rest does not come. PostGIS lets others write anyway:
there it is one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gisgrid.errors import DatabaseBusy, NoSpace
from gisgrid.storage.engine import FULL, Database, is_busy, is_full

HOLD_S: Final = 0.4
"""After how long the lock is let go at the next occasion."""
PAUSE_S: Final = 0.15
"""How long others have at least: who waits for the lock looks every tenth of a second."""
_MOST_PAUSE_S: Final = 1.0
_SHARE: Final = 0.25
"""Of a turn's length, as long as others have after it: on a slow machine they are slow, too."""
PATIENCE_S: Final = 900.0
"""How long a turn waits for others once something was kept."""


class Turns:
    """A session that writes in turns; ``kept`` is how many have been kept before the one that runs."""

    def __init__(self, session: Session, *, splits: bool) -> None:
        self.session, self._splits = session, splits
        self.kept = 0
        self._since = time.monotonic()

    def is_due(self) -> bool:
        """Whether the lock has been held for long."""
        return self._splits and time.monotonic() - self._since >= HOLD_S

    def give_way(self) -> None:
        """Keep what was written so far, and let others write."""
        self.session.commit()
        self.kept += 1
        held = time.monotonic() - self._since
        time.sleep(min(max(PAUSE_S, _SHARE * held), _MOST_PAUSE_S))
        self.begin(PATIENCE_S)

    def begin(self, patience_s: float) -> None:
        """Take the lock.

        Raises
        ------
        OperationalError
            Others held it for longer than the patience.
        """
        until = time.monotonic() + patience_s
        while True:
            try:
                self.session.connection()
            except OperationalError as error:
                self.session.rollback()
                if not is_busy(error) or time.monotonic() >= until:
                    raise
            else:
                self._since = time.monotonic()
                return


@contextmanager
def in_turns(database: Database) -> Iterator[Turns]:
    """A session that writes in turns: the last one is kept when the block ends, rolled back when it raises.

    Raises
    ------
    DatabaseBusy
        Others wrote for longer than a turn can wait.
    NoSpace
        The disk is full.
    """
    try:
        with database.opened_for_writing() as session:
            turns = Turns(session, splits=database.is_sqlite)
            turns.begin(0)
            yield turns
            session.commit()
    except OperationalError as error:
        if is_busy(error):
            raise DatabaseBusy("another writer holds the database; try again shortly") from error
        if is_full(error):
            raise NoSpace(FULL) from error
        raise
