"""Imports that go on, on SpatiaLite: they keep rows in turns, and nobody sees these until all are there.

A file beside the database says that there is one; without it nothing is asked. What is hidden are the rows
that it made, in every question that is put through a session. A lock says whether its process still lives:
what one left that was killed is taken back by whoever comes next (`gisgrid.imports.unfinished`).
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from gisgrid.access.imports import key_of
from gisgrid.access.models import ImportChange, ImportRun
from gisgrid.errors import DatabaseBusy, say
from gisgrid.storage.base import Base
from gisgrid.storage.engine import Database

_LOOK_S: Final = 0.2


def mark_of(bind: Engine | Connection) -> Path | None:
    """The file that says that an import is going on; none where no import is kept in turns."""
    name = bind.engine.url.database
    return Path(f"{name}-importing") if bind.dialect.name == "sqlite" and name else None


@contextmanager
def importing_alone(database: Database, *, patience_s: float) -> Iterator[None]:
    """The one import of a SpatiaLite file; another one waits.

    Raises
    ------
    DatabaseBusy
        Another import went on for longer than the patience.
    """
    mark = mark_of(database.engine)
    if mark is None:
        yield
        return
    until = time.monotonic() + patience_s
    with mark.with_name(f"{mark.name}.lock").open("ab") as file:
        while not _lock(file.fileno()):
            if time.monotonic() >= until:
                raise _too_long(patience_s)
            time.sleep(_LOOK_S)
        yield


def is_alone(bind: Engine | Connection) -> bool:
    """Whether no import is going on at this moment."""
    mark = mark_of(bind)
    if mark is None or not mark.exists():
        return True
    with mark.with_name(f"{mark.name}.lock").open("ab") as file:
        return _lock(file.fileno())


def refuse_beside_import(bind: Engine | Connection) -> None:
    """Refuse what must not come between the turns of an import.

    Raises
    ------
    DatabaseBusy
        One is going on.
    """
    if not is_alone(bind):
        raise DatabaseBusy("a file is being imported: try again when that has ended")


@contextmanager
def whole_snapshot(database: Database, *, patience_s: float) -> Iterator[Connection]:
    """One state of the whole database in which no import is halfway.

    Raises
    ------
    DatabaseBusy
        One went on for longer than the patience.
    """
    until = time.monotonic() + patience_s
    halfway = select(ImportRun.id).where(ImportRun.is_unfinished).limit(1)
    while True:
        with database.snapshot() as connection:
            if mark_of(database.engine) is None or connection.scalar(halfway) is None:
                yield connection
                return
        if time.monotonic() >= until:
            raise _too_long(patience_s)
        time.sleep(_LOOK_S)


def hide_unfinished(database: Database, session: Session) -> None:
    """Let a session see nothing of what imports have made that still go on."""
    mark = mark_of(database.engine)
    if mark is None or not mark.exists():
        return
    runs = list(session.scalars(select(ImportRun.id).where(ImportRun.is_unfinished)))
    if not runs:
        return
    made_ids = select(ImportChange.object_id).where(
        ImportChange.import_id.in_(runs), ImportChange.before.is_(None)
    )
    kinds = {
        mapper.class_.__tablename__: mapper.class_
        for mapper in Base.registry.mappers
        if mapper.class_.__tablename__ not in _OWN
    }
    changed_kinds = select(ImportChange.object_kind).where(ImportChange.import_id.in_(runs)).distinct()
    hidden = [kinds[kind] for kind in session.scalars(changed_kinds) if kind in kinds]

    def hide(asked: ORMExecuteState) -> None:
        if asked.is_select:
            asked.statement = asked.statement.options(
                *(
                    with_loader_criteria(
                        table,
                        key_of(table).not_in(made_ids.where(ImportChange.object_kind == table.__tablename__)),
                        include_aliases=True,
                    )
                    for table in hidden
                )
            )

    event.listen(session, "do_orm_execute", hide)


_OWN: Final = frozenset({ImportChange.__tablename__, ImportRun.__tablename__})


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _too_long(patience_s: float) -> DatabaseBusy:
    message = say(
        "others have been writing to the database for {seconds} s: nothing was kept, try later",
        seconds=round(patience_s),
    )
    return DatabaseBusy(message)
