"""Rows that belong to one database, such as sessions, are in no backup, copy or hash; a restore ends them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gisgrid.access.logins import LoggedIn
from gisgrid.access.models import Role
from gisgrid.access.sessions import LoginSession, account_of_session, begin_session
from gisgrid.storage.engine import Database
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import content_of
from gisgrid.upkeep.copy import copy_database
from tests.gisgrid.upkeep.test_backup import LOCAL, bring_back, fill, save


@pytest.fixture
def other(database: Database, request: pytest.FixtureRequest) -> Database:
    """The database of the other kind, empty."""
    found: Database = request.getfixturevalue("postgis" if database.is_sqlite else "spatialite")
    return found


def begin(database: Database, account_id: str, now: datetime) -> str:
    with database.write() as session:
        found = LoggedIn(account_id=account_id, role=Role.HEAD, session_version=1)
        return begin_session(session, found, until=now + timedelta(days=30), now=now)


def sessions(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(LoginSession)) or 0


def test_a_hash_and_a_backup_hold_no_session(database: Database, tmp_path: Path, now: datetime) -> None:
    ids = fill(database)
    before = content_of(database)
    begin(database, ids["head"], now)
    assert content_of(database) == before
    save(database, tmp_path / "b.zip", now)
    with opened(tmp_path / "b.zip") as archive:
        assert "login_session" not in {note.form.name for note in archive.manifest().tables}


def test_a_restore_ends_the_sessions_of_here(database: Database, tmp_path: Path, now: datetime) -> None:
    ids = fill(database)
    save(database, tmp_path / "b.zip", now)
    own = begin(database, ids["head"], now)
    bring_back(database, tmp_path / "b.zip", now, replaces=True)
    assert sessions(database) == 0
    with database.read() as session:
        assert account_of_session(session, own, now=now) is None


def test_a_copy_has_no_session_and_ends_those_of_what_it_replaces(
    database: Database, other: Database, now: datetime
) -> None:
    ids, theirs = fill(database), fill(other, name="别人")
    begin(database, ids["head"], now)
    begin(other, theirs["head"], now)
    copy_database(database, LOCAL, other, replaces=True, now=now)
    assert (sessions(database), sessions(other)) == (1, 0)
    assert content_of(other) == content_of(database)
