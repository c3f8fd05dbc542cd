"""``backup``: one state of the whole database into a file, while others read and write."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.spool import drain_into, drain_patiently
from gisgrid.access.unfinished import whole_snapshot
from gisgrid.errors import DatabaseBusy
from gisgrid.imports.unfinished import settle_unfinished
from gisgrid.storage.content.reader import Content, Report, read_content
from gisgrid.storage.engine import Database
from gisgrid.storage.patience import LONG_PATIENCE_S, patiently
from gisgrid.upkeep.archive import refuse_foreign, write_archive
from gisgrid.upkeep.manifest import Manifest
from gisgrid.upkeep.names import BACKUP
from gisgrid.upkeep.tables import all_forms


def back_up(
    database: Database, actor: Actor, path: Path, *, now: datetime, report: Report = lambda _share: None
) -> Manifest:
    """Write a backup and leave an audit entry, which is in the backup too.

    Encrypted columns stay encrypted, and the key file is not in it.

    Raises
    ------
    NotAllowed
        The actor may not copy the database.
    InvalidInput
        Another file, which is no backup, has that name.
    DatabaseBusy
        Others wrote for a quarter of an hour without a pause.
    OSError
        The disk is full, or the folder can't be written.
    """
    require(actor, Action.DATABASE_COPY)
    refuse_foreign(path)
    patiently(lambda: _note(database, actor, now), patience_s=LONG_PATIENCE_S)
    with suppress(DatabaseBusy):  # one that still runs is waited for; what a dead one left is taken back
        settle_unfinished(database, now=now)
    with whole_snapshot(database, patience_s=LONG_PATIENCE_S) as connection:
        return write_archive(connection, path, now=now, report=report)


def _note(database: Database, actor: Actor, now: datetime) -> None:
    with database.write() as session:
        drain_into(session)
        record(session, actor, BACKUP, "database", now=now)


def content_of(database: Database, *, report: Report = lambda _share: None) -> Content:
    """What the database holds now: rows, hashes of tables, and the content hash.

    Raises
    ------
    DatabaseBusy
        Entries of reading wait for the trail, and others wrote for a quarter of an hour without a pause.
    """
    drain_patiently(database, patience_s=LONG_PATIENCE_S)
    with whole_snapshot(database, patience_s=LONG_PATIENCE_S) as connection:
        return read_content(connection, all_forms(), report=report)
