"""Takes back what an import left that ended before its last turn: nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gisgrid.access.models import ImportChange, ImportRun
from gisgrid.access.unfinished import importing_alone, mark_of
from gisgrid.imports.undo_areas import forget_community
from gisgrid.imports.undo_rows import Undone, batches_of, by_table, take_back, write_past
from gisgrid.people.core.models import Consent
from gisgrid.storage.append_only import allowed_to_shrink
from gisgrid.storage.engine import Database
from gisgrid.storage.turns import Turns, in_turns


def settle_unfinished(database: Database, *, now: datetime) -> int:
    """Take back what imports left whose process has ended; how many. None is running, or nothing is done.

    Raises
    ------
    DatabaseBusy
        One is running, or another writer holds the database.
    """
    mark = mark_of(database.engine)
    if mark is None or not mark.exists():
        return 0
    with importing_alone(database, patience_s=0):
        return take_back_unfinished(database, now=now)


def take_back_unfinished(database: Database, *, now: datetime) -> int:
    """As `settle_unfinished`, for whoever holds the place of the one import."""
    mark, count = mark_of(database.engine), 0
    if mark is None or not mark.exists():
        return 0
    with in_turns(database) as turns:
        session = turns.session
        for run in session.scalars(select(ImportRun).where(ImportRun.is_unfinished)).all():
            _take_back(turns, run, now=now)
            count += 1
    mark.unlink(missing_ok=True)
    return count


def _take_back(turns: Turns, run: ImportRun, *, now: datetime) -> None:
    session, done = turns.session, Undone()
    for batch in batches_of(session, run.id, newest_first=True):
        _forget_answers(session, by_table(batch).get(Consent.__tablename__, ()))
        take_back(session, batch, done, now=now)
        gone = [note.id for notes in by_table(batch).values() for note in notes]
        write_past(session, delete(ImportChange).where(ImportChange.id.in_(gone)))
        if turns.is_due():
            turns.give_way()
    run.undone_at = now
    session.flush()
    forget_community(session, run)
    write_past(session, delete(ImportChange).where(ImportChange.import_id == run.id))
    session.delete(run)
    session.flush()


def _forget_answers(session: Session, notes: Sequence[Any]) -> None:
    """Answers that nobody has seen are no answers yet."""
    if notes:
        ids = [note.object_id for note in notes]
        with allowed_to_shrink(session.connection()):
            write_past(session, delete(Consent).where(Consent.id.in_(ids)))
