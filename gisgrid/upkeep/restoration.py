"""``restore``: a backup into a database, all of it or nothing.

The file is read to its end before anything is touched. What was erased since is erased again, nobody stays
logged in, and what was revoked in the database that is replaced stays revoked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.orm import Session

from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, local_actor, require
from gisgrid.access.audit import record
from gisgrid.access.erasures import read_erased
from gisgrid.access.installation import Installation
from gisgrid.access.keys.check import renew_check
from gisgrid.access.keys.encryption import KeyRing, ring_of
from gisgrid.access.models import Account, ApiToken, AuditEntry, Role
from gisgrid.access.spool import drain_patiently
from gisgrid.access.unfinished import importing_alone
from gisgrid.areas.models import CommunityState
from gisgrid.errors import Conflict, InvalidInput, MissingPart, say
from gisgrid.people.core.phone_digests import fill_every_phone_digest
from gisgrid.people.erasure.replay import replay_erasures
from gisgrid.storage.content.reader import Report, count_rows, read_content
from gisgrid.storage.content.values import Row
from gisgrid.storage.content.writer import empty, fill
from gisgrid.storage.engine import Database
from gisgrid.storage.migrate import (
    LAST_STEPWISE,
    downgrade_here,
    is_older,
    require_current_here,
    revision_of,
    revisions,
    upgrade_here,
)
from gisgrid.storage.patience import LONG_PATIENCE_S
from gisgrid.storage.trial import take_over, trial
from gisgrid.upkeep.archive import Archive
from gisgrid.upkeep.manifest import Manifest
from gisgrid.upkeep.seals import Seal, Seals, without_shut
from gisgrid.upkeep.tables import all_forms, staying_forms

_NOT_EMPTY: Final = "the database is not empty: with --replace all that is in it goes"
_BEGINNING: Final = datetime(2020, 1, 1, tzinfo=UTC)
_MAY_STAND: Final = {Account.__tablename__, AuditEntry.__tablename__, Installation.__tablename__}
"""What is in a database that was just made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBackup:
    """A backup that was read to its end and found whole. ``shut`` are sealed values no key here opens."""

    manifest: Manifest
    has_sealed: bool
    shut: frozenset[Seal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """How a backup is to be restored.

    ``erasures`` is the list kept outside of it; with ``replaces`` what stands in the database goes;
    ``operator`` is the operating system's user, for the audit trail.
    """

    erasures: Path
    zone: ZoneInfo
    operator: str
    replaces: bool = False
    without_names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredBackup:
    """What was restored: rows, persons and texts erased again, and values no key opened."""

    rows: int
    head: str
    erased_again: int
    names_lost: int


def check_backup(
    archive: Archive, ring: KeyRing | None, *, report: Report = lambda _share: None
) -> CheckedBackup:
    """Read a backup to its end, and see whether it fits this version and the keys at hand.

    Raises
    ------
    InvalidInput
        It is damaged, of a later version, or older than this version can bring up.
    """
    _refuse_unknown(archive.manifest().head, archive.name)
    seals = Seals(ring)
    manifest = archive.check(report=report, watch=seals.watch)
    return CheckedBackup(manifest=manifest, has_sealed=seals.is_any, shut=seals.shut)


def restore(
    database: Database,
    actor: Actor,
    archive: Archive,
    checked: CheckedBackup,
    wish: Restoring,
    *,
    now: datetime,
    report: Report = lambda _share: None,
) -> RestoredBackup:
    """Put a checked backup in the place of what the database holds, all of it or nothing.

    On SpatiaLite all is done in a copy, which takes the original's place in the end: others write until then,
    and what they write goes like all that was there.

    Raises
    ------
    NotAllowed
        The actor may not restore.
    Conflict
        The database holds something and it was not said that it may go.
    MissingPart
        Names don't open with the key file, and it was not said that they may be lost; or the database
        stands at an older revision.
    InvalidInput
        The backup's tables are not those of its revision.
    """
    require(actor, Action.DATABASE_RESTORE)
    if checked.shut and not wish.without_names:
        raise MissingPart(
            "the key file doesn't open the names in this backup: put the key file back that belonged to it,"
            " or restore addresses alone with --without-names"
        )
    erased = len(read_erased(wish.erasures))
    if not database.is_sqlite:
        done = _restored(database, actor, archive, checked, wish, now=now, report=report)
        database.refresh_statistics()
        return done
    with importing_alone(database, patience_s=LONG_PATIENCE_S):
        # What was read here is part of what is replaced.
        drain_patiently(database, patience_s=LONG_PATIENCE_S)
        with trial(database) as copy:
            done = _restored(copy, actor, archive, checked, wish, now=now, report=report)
            later = _heed_latest(database, copy, wish, erased, now=now)
            take_over(database, copy)
    report(1.0)
    return replace(done, erased_again=done.erased_again + later)


def _heed_latest(database: Database, copy: Database, wish: Restoring, known: int, *, now: datetime) -> int:
    """What was ended and erased while the backup was read stays ended and erased; how many were erased."""
    if copy is database:
        return 0
    with database.snapshot() as connection:
        is_made = revision_of(connection) is not None
        if is_made and not wish.replaces and holds_anything(connection):
            raise Conflict(_NOT_EMPTY)
        latest = _before(connection) if is_made else _Before()
    with copy.write() as session:
        _after(session, latest, now=now)
        if len(read_erased(wish.erasures)) == known:
            return 0
        return replay_erasures(session, wish.erasures, tz=wish.zone)


def _restored(
    database: Database,
    actor: Actor,
    archive: Archive,
    checked: CheckedBackup,
    wish: Restoring,
    *,
    now: datetime,
    report: Report,
) -> RestoredBackup:
    """A backup in the place of what a database holds, in one transaction."""
    ring = ring_of(database.engine.dialect)
    with database.write() as session:
        connection = session.connection()
        before = _make_room(connection, replaces=wish.replaces)
        _stand_at(connection, checked.manifest.head)
        lost = _fill(connection, archive, checked, ring, report)
        upgrade_here(connection)
        renew_check(connection)
        _after(session, before, now=now)
        fill_every_phone_digest(session)
        ensure_local_account(session, now=now)
        actor = _known_here(session, actor, wish.operator)
        again = replay_erasures(session, wish.erasures, tz=wish.zone, actor=actor)
        rows = checked.manifest.rows
        record(session, actor, "database:restore", "database", now=now, count=rows)
    report(1.0)
    return RestoredBackup(rows=rows, head=checked.manifest.head, erased_again=again, names_lost=lost)


def _refuse_unknown(head: str, file: str) -> None:
    if head in revisions():
        return
    said = "it is of revision {head}, later than this version of gisgrid: update that first"
    if is_older(head):
        said = (
            "it is of revision {head}, which this version can't bring up:"
            " restore it with the version of {last} and make a new backup there"
        )
    raise InvalidInput(say(said, head=head, last=LAST_STEPWISE), file=file)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What must not be forgotten of the database that is replaced."""

    session_version: int = 0
    data_version: int = 0
    revoked: frozenset[str] = frozenset()
    disabled: frozenset[str] = frozenset()


def holds_anything(connection: Connection) -> bool:
    """Whether a database at the newest revision holds more than what making it left there."""
    counts = count_rows(connection, all_forms())
    if any(count for table, count in counts.items() if table not in _MAY_STAND):
        return True
    others = select(func.count()).select_from(Account).where(Account.role != Role.LOCAL)
    return bool(connection.scalar(others))


def _make_room(connection: Connection, *, replaces: bool) -> _Before:
    revision = revision_of(connection)
    if revision is None:
        return _Before()
    require_current_here(revision)
    if not replaces and holds_anything(connection):
        raise Conflict(_NOT_EMPTY)
    before = _before(connection)
    empty(connection, [*all_forms(), *staying_forms()])
    return before


def _before(connection: Connection) -> _Before:
    return _Before(
        session_version=connection.scalar(select(func.max(Account.session_version))) or 0,
        data_version=connection.scalar(select(func.max(CommunityState.data_version))) or 0,
        revoked=frozenset(connection.scalars(select(ApiToken.id).where(ApiToken.revoked_at.is_not(None)))),
        disabled=frozenset(connection.scalars(select(Account.id).where(Account.disabled_at.is_not(None)))),
    )


def _stand_at(connection: Connection, head: str) -> None:
    """Give an empty database the tables of a revision."""
    revision = revision_of(connection)
    if revision is not None and revisions().index(head) > revisions().index(revision):
        downgrade_here(connection, head)
    else:
        upgrade_here(connection, head)


def _fill(
    connection: Connection, archive: Archive, checked: CheckedBackup, ring: KeyRing, report: Report
) -> int:
    """Every table filled and read again; how many sealed values were given up."""
    manifest, lost = checked.manifest, Counter[str]()
    _refuse_other_tables(connection, manifest, archive.name)
    done = 0
    if any(note.form.name == Installation.__tablename__ for note in manifest.tables):
        connection.execute(delete(Installation))  # the id that was drawn when the tables were made
    for note in manifest.tables:
        rows: Iterable[Row] = archive.rows(note)
        if checked.shut:
            rows = without_shut(note, rows, checked.shut, ring, lost)
        done += fill(connection, note.form, rows)
        report(done / (manifest.rows or 1) * 0.7)
    content = read_content(
        connection, [note.form for note in manifest.tables], report=lambda share: report(0.7 + 0.3 * share)
    )
    if content.hash != manifest.content and not checked.shut:
        raise InvalidInput("the database did not keep what was in the backup", file=archive.name)
    return lost.total()


def _refuse_other_tables(connection: Connection, manifest: Manifest, file: str) -> None:
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names())
    for note in manifest.tables:
        name = note.form.name
        columns = {column["name"] for column in inspector.get_columns(name)} if name in present else set()
        if columns != set(note.form.names) or len(columns) != len(note.form.names):
            said = say("the table {table} is not that of revision {head}", table=name, head=manifest.head)
            raise InvalidInput(said, file=file)


def _after(session: Session, before: _Before, *, now: datetime) -> None:
    """End every session, make every cache let go, and keep ended what was ended here.

    Versions go on from a number that no earlier state of this installation can have reached: they grow by one
    with each write, and more slowly than the seconds pass.
    """
    floor = int((now - _BEGINNING).total_seconds())
    sessions = session.scalar(select(func.max(Account.session_version))) or 0
    data = session.scalar(select(func.max(CommunityState.data_version))) or 0
    session.execute(
        update(Account).values(session_version=max(floor, sessions + 1, before.session_version + 1))
    )
    session.execute(update(CommunityState).values(data_version=max(floor, data + 1, before.data_version + 1)))
    for token in before.revoked:
        ended = update(ApiToken).where(ApiToken.id == token, ApiToken.revoked_at.is_(None))
        session.execute(ended.values(revoked_at=now))
    for account in before.disabled:
        ended = update(Account).where(Account.id == account, Account.disabled_at.is_(None))
        session.execute(ended.values(disabled_at=now))


def _known_here(session: Session, actor: Actor, operator: str) -> Actor:
    """The one who restores, as the restored database knows them."""
    if actor.role == Role.LOCAL:
        return local_actor(session, operator)
    if session.get(Account, actor.account_id) is not None:
        return actor
    return replace(actor, account_id=None, operator=operator)
