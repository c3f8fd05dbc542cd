"""Rows by a list of ids are those whose id is in it, on both databases, whatever stands in the list."""

from __future__ import annotations

from sqlalchemy import select

from gisgrid.access.models import Worker
from gisgrid.storage.engine import Database
from gisgrid.storage.listed_ids import is_listed_id

IDS = ["a", "B", "a b", 'a"b', "a'b", "柳岸", "[1]", "\\", "%s", ":id"]


def test_rows_by_a_list_of_ids(database: Database) -> None:
    with database.write() as session:
        session.add_all(Worker(id=row_id, name="示例") for row_id in IDS)
        session.flush()
        for wanted in ([], IDS[:1], IDS[3:7], ["b", "A"], [*IDS, "nobody"], IDS * 300):
            rows = session.scalars(select(Worker.id).where(is_listed_id(Worker.id, wanted)))
            assert sorted(rows) == sorted(set(IDS) & set(wanted))
        many = [f"nobody {number}" for number in range(50_000)]
        assert session.scalars(select(Worker.id).where(is_listed_id(Worker.id, [*many, "a"]))).all() == ["a"]
