"""A database at a revision before all that this version knows: one sentence from every command, no change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from gisgrid.upkeep.backup import content_of
from tests.web.cli.installation import TYPED, Installation

SENTENCE: Final = (
    "gisgrid: the database is at revision 0036, which this version can't bring up: run gisgrid db upgrade"
    f" of the version of {migrate.LAST_STEPWISE} first\n"
)


def stand_at(database: Database, revision: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :of"), {"of": revision})


@pytest.fixture
def aged(at: Installation) -> Iterator[Installation]:
    """An installation whose database says that it is older."""
    assert at("backup", "b.zip") == 0
    stand_at(at.database, "0036")
    yield at
    stand_at(at.database, migrate.newest())


def test_no_command_works_on_a_database_that_is_too_old(aged: Installation) -> None:
    held = content_of(aged.database)
    typed = TYPED | {"db downgrade": ("base", "--yes"), "restore": ("b.zip", "--replace")}
    typed["db upgrade"] = ("--accept-key-file",)
    said = {}
    for command, arguments in typed.items():
        said[command] = (aged(*command.split(), *arguments), aged.err.splitlines(keepends=True)[-1])
    assert {command: told for command, told in said.items() if told != (1, SENTENCE)} == {}
    assert content_of(aged.database) == held
    names = {path.name for path in Path().iterdir() if path.suffix not in {".sqlite", ".lock"}}
    assert names == {"keys.json", "b.zip"}


def test_its_key_file_is_not_made_anew(aged: Installation) -> None:
    aged.keys.unlink()
    assert (aged("db", "upgrade"), aged.err) == (1, SENTENCE)
    assert not aged.keys.exists()


def test_a_revision_that_is_none_is_said_so(at: Installation) -> None:
    held = content_of(at.database)
    assert (at("db", "downgrade", "0036", "--yes"), at.err) == (
        1,
        "gisgrid: this version knows no revision 0036\n",
    )
    assert content_of(at.database) == held
