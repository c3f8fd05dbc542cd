"""``db copy``: everything from one database into another, of either kind, equal to the last bit."""

from __future__ import annotations

from datetime import datetime

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.keys.check import renew_check
from gisgrid.access.spool import drain_into
from gisgrid.access.unfinished import whole_snapshot
from gisgrid.errors import Conflict, MissingPart
from gisgrid.storage.content.reader import Content, Report, read_content, rows_of
from gisgrid.storage.content.writer import empty, fill
from gisgrid.storage.engine import Database
from gisgrid.storage.migrate import newest, refuse_unknown, revision_of, upgrade_here
from gisgrid.storage.patience import LONG_PATIENCE_S
from gisgrid.upkeep.restoration import holds_anything
from gisgrid.upkeep.tables import all_forms, staying_forms


def copy_database(
    source: Database,
    actor: Actor,
    target: Database,
    *,
    replaces: bool = False,
    now: datetime,
    report: Report = lambda _share: None,
) -> Content:
    """Copy one state of the source while others write to it, in one transaction of the target.

    The audit entry is written into the source before, so that both hold it. The copy is read again
    and compared.

    Raises
    ------
    NotAllowed
        The actor may not copy the database.
    Conflict
        Both are the same database, or the target holds something and it was not said that it may go.
    MissingPart
        The target stands at another revision.
    """
    require(actor, Action.DATABASE_COPY)
    if source.engine.url == target.engine.url:
        raise Conflict("a database can't be copied onto itself")
    with source.write() as session:
        drain_into(session)
        record(session, actor, "database:copy", "database", now=now)
    forms = all_forms()
    with whole_snapshot(source, patience_s=LONG_PATIENCE_S) as reading, target.write() as session:
        writing = session.connection()
        wanted = read_content(reading, forms, report=lambda share: report(0.3 * share))
        revision = revision_of(writing)
        refuse_unknown(revision)
        if revision not in {None, newest()}:
            raise MissingPart("the database to copy into is of another version: run gisgrid db upgrade there")
        upgrade_here(writing)
        if not replaces and holds_anything(writing):
            raise Conflict("the database to copy into is not empty: with --replace all that is in it goes")
        empty(writing, [*forms, *staying_forms()])
        done = 0
        for form in forms:
            done += fill(writing, form, rows_of(reading, form))
            report(0.3 + 0.4 * done / (sum(wanted.rows.values()) or 1))
        renew_check(writing)
        if read_content(writing, forms, report=lambda share: report(0.7 + 0.3 * share)) != wanted:
            raise Conflict("the copy is not what was copied: nothing was kept of it")
    target.refresh_statistics()
    return wanted
