"""The revisions build exactly what the models say, and leave nothing behind, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from gisgrid.access.models import AuditEntry, Role
from gisgrid.errors import InvalidInput, MissingPart
from gisgrid.indicators.models import AppraisalRule, ExternalMark
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from gisgrid.upkeep.checks import check_database
from tests import world

OLDER = (
    "the database is at revision {0}, which this version can't bring up:"
    " run gisgrid db upgrade of the version of 2026"
)


def _differences(database: Database) -> None:
    with database.engine.begin() as connection:
        command.check(migrate._config(connection))


def _stand_at(database: Database, revision: str) -> None:
    """Let a database say that it stands at a revision."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :of"), {"of": revision})


@pytest.fixture
def aged(database: Database) -> Iterator[Database]:
    """A database whose revision a test changes."""
    yield database
    _stand_at(database, migrate.newest())


def _tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def test_newest_revision_equals_the_models(database: Database) -> None:
    _differences(database)


def test_a_fresh_database_is_current(database: Database) -> None:
    assert migrate.is_current(database)
    migrate.require_current(database)


def test_with_rows_everything_goes_down_to_nothing_and_up_again(database: Database, now: datetime) -> None:
    """SpatiaLite keeps a spatial index of what was dropped with rows in it, unless it is told."""
    for _twice in range(2):
        with database.write() as session:
            made = world.found(session)
            home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
            world.add_resident(session, home, date(1950, 1, 1))
            session.add(AuditEntry(at=now, action="a", object_kind="x", reason="because"))
        with database.read() as session:
            assert not any(check_database(session, made.actor, at=now).counts().values())
        _assert_sound(database)
        migrate.downgrade(database, "base")
        assert not _tables(database) & {"area", "unit_cell", "building", "household", "case_file", "account"}
        assert not any(name.startswith("idx_") for name in _tables(database))
        if not database.is_sqlite:
            with database.engine.connect() as connection:
                own = sa.text("SELECT count(*) FROM pg_proc WHERE proname LIKE '%only_grows'")
                assert connection.scalar(own) == 0
        migrate.upgrade(database)
        _differences(database)


def _assert_sound(database: Database) -> None:
    """No key points to nothing, and every spatial index is that of its table."""
    if not database.is_sqlite:
        return
    with database.snapshot() as connection:
        assert not connection.execute(sa.text("PRAGMA foreign_key_check")).all()
        geometries = sa.text("SELECT f_table_name, f_geometry_column FROM geometry_columns")
        for table, column in connection.execute(geometries).all():
            check = sa.text("SELECT CheckSpatialIndex(:table, :column)")
            assert connection.scalar(check, {"table": table, "column": column}) == 1, table


@pytest.mark.parametrize("revision", ["0001", "0042"])
def test_a_database_that_is_older_than_all_that_is_known_is_refused_and_stays(
    aged: Database, revision: str
) -> None:
    _stand_at(aged, revision)
    before = _tables(aged)
    for refused in (
        lambda: migrate.upgrade(aged),
        lambda: migrate.require_current(aged),
    ):
        with pytest.raises(MissingPart, match=OLDER.format(revision)):
            refused()
    assert not migrate.is_current(aged)
    assert _tables(aged) == before
    with aged.engine.connect() as connection:
        assert migrate.revision_of(connection) == revision


def test_a_database_of_a_later_version_is_refused(aged: Database) -> None:
    _stand_at(aged, "9999")
    for refused in (migrate.upgrade, migrate.require_current):
        with pytest.raises(MissingPart, match="revision 9999, later than this version of gisgrid: update"):
            refused(aged)


def test_a_revision_that_is_none_is_no_way_down(database: Database) -> None:
    for revision in ("0036", "nonsense"):
        with pytest.raises(InvalidInput, match=f"this version knows no revision {revision}"):
            migrate.downgrade(database, revision)
    assert migrate.is_current(database)


def test_current_grid_is_a_view_for_gis_programs(database: Database) -> None:
    with database.read() as session:
        assert session.execute(sa.text("SELECT fid, code, name, geom FROM current_grid")).all() == []


def test_communities_that_have_appraised_go_on_with_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        worker = world.add_actor(session, made, Role.MEMBER, "G1").worker_id or ""
        mark = ExternalMark(
            community_id=made.community, worker_id=worker, month=date(2026, 9, 1), mark=70, at=now
        )
        session.add(mark)
    migrate.downgrade(database, "0045")
    migrate.upgrade(database)
    with database.read() as session:
        rules = session.scalars(sa.select(AppraisalRule)).all()
        kept = [(rule.month, rule.is_on, rule.external_share, rule.number) for rule in rules]
        assert kept == [(date(2026, 9, 1), True, 50, 1)]
        assert rules[0].community_id == made.community
    migrate.downgrade(database, "0045")  # a rule is there by now: nothing comes on top
    migrate.upgrade(database)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AppraisalRule)) == 1
