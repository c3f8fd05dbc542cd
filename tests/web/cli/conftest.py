"""An installation as a command line meets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from tests.web.cli.installation import Installation


@pytest.fixture
def at(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Installation]:
    """An installation that `db upgrade` made, with an account and something sealed."""
    found = Installation(database, tmp_path, monkeypatch, capsys)
    assert found("db", "upgrade") == 0
    assert found("user", "add", "boss", "--role", "admin") == 0
    found.seal_something()
    yield found
    with database.engine.begin() as connection:  # whatever a test did to the tables, the next finds them
        migrate.upgrade_here(connection)
