"""The revisions build exactly what the models say, and leave nothing behind, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command

from gisgrid.storage import migrate
from gisgrid.storage.engine import Database


def _differences(database: Database) -> None:
    with database.engine.begin() as connection:
        command.check(migrate._config(connection))


def test_newest_revision_equals_the_models(database: Database) -> None:
    _differences(database)


def test_a_fresh_database_is_current(database: Database) -> None:
    assert migrate.is_current(database)


def test_every_revision_goes_down_and_up_again(database: Database) -> None:
    migrate.downgrade(database, "base")
    with database.engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
    assert not names & {"area", "unit_cell", "building", "household", "case_file", "resident", "account"}
    migrate.upgrade(database)
    _differences(database)


def test_current_grid_is_a_view_for_gis_programs(database: Database) -> None:
    with database.read() as session:
        assert session.execute(sa.text("SELECT fid, code, name, geom FROM current_grid")).all() == []
