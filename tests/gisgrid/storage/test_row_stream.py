"""Rows come one by one, and whoever stops early leaves nothing open in the database."""

from __future__ import annotations

from sqlalchemy import text

from gisgrid.storage.engine import Database
from gisgrid.storage.row_stream import one_by_one

STATEMENT = text(
    "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 5000) SELECT n FROM many"
)


def test_every_row_comes_in_its_order(database: Database) -> None:
    with database.read() as session:
        assert [row.n for row in one_by_one(session, STATEMENT)] == list(range(1, 5001))


def test_who_stops_early_leaves_no_cursor_open(postgis: Database) -> None:
    cursors = text("SELECT count(*) FROM pg_cursors WHERE name <> ''")
    with postgis.read() as session:
        rows = one_by_one(session, STATEMENT)
        assert next(rows).n == 1
        assert session.scalars(cursors).one() == 1
        del rows
        assert session.scalars(cursors).one() == 0
