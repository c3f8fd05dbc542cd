"""The whole content goes from one database to the other and back; its hash says whether it is the same."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.access.models import AuditEntry
from gisgrid.errors import InvalidInput
from gisgrid.storage.base import Base, new_id
from gisgrid.storage.content.forms import ColumnForm, TableForm, ValueKind, kind_of
from gisgrid.storage.content.hash import TableHash
from gisgrid.storage.content.reader import Content, read_content
from gisgrid.storage.content.values import canonical, read_line, write_line
from gisgrid.storage.content.writer import empty, fill
from gisgrid.storage.engine import Database
from gisgrid.upkeep.tables import all_forms, staying_forms
from tests import world

FORMS = all_forms()

instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
values: dict[ValueKind, st.SearchStrategy[Any]] = {
    ValueKind.TEXT: st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")),
    ValueKind.INTEGER: st.integers(-(2**31), 2**31 - 1),
    ValueKind.NUMBER: st.floats(allow_nan=False),
    ValueKind.BOOLEAN: st.booleans(),
    ValueKind.DATE: st.dates(date(1, 1, 1)),
    ValueKind.INSTANT: instants,
    ValueKind.JSON: st.sampled_from(["null", '{"b": 1, "a": [2.50, "\u793a"]}', "[]", "1e2", '"x"']),
    ValueKind.BYTES: st.binary(),
    ValueKind.GEOMETRY: st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(
        lambda place: shapely.to_wkb(shapely.Point(place), byte_order=1)
    ),
}
EVERY = TableForm("every", tuple(ColumnForm(kind.value, kind) for kind in ValueKind))
rows = st.tuples(*(st.none() | values[kind] for kind in ValueKind))


def _content(database: Database) -> Content:
    with database.snapshot() as connection:
        return read_content(connection, FORMS)


def test_every_column_of_the_models_has_a_kind() -> None:
    assert {column.kind for form in FORMS for column in form.columns} == set(ValueKind)
    with pytest.raises(TypeError, match="no kind"):
        kind_of(sa.Time())


@given(row=rows)
def test_a_row_comes_back_from_its_line(row: tuple[Any, ...]) -> None:
    again = read_line(EVERY, write_line(EVERY, row), number=1)
    assert tuple(again) == row
    assert canonical(EVERY, again) == canonical(EVERY, row)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (ValueKind.TEXT, b"[1]"),
        (ValueKind.INTEGER, b"[1.5]"),
        (ValueKind.INTEGER, b"[true]"),
        (ValueKind.BOOLEAN, b"[1]"),
        (ValueKind.DATE, b'["2026-02-30"]'),
        (ValueKind.JSON, b'["{"]'),
        (ValueKind.BYTES, b'["*"]'),
        (ValueKind.GEOMETRY, b'["AAAA"]'),
        (ValueKind.TEXT, b'["a", "b"]'),
        (ValueKind.TEXT, b"{"),
        (ValueKind.TEXT, b"7"),
    ],
)
def test_a_line_that_is_no_row_is_refused_with_its_place(kind: ValueKind, line: bytes) -> None:
    form = TableForm("odd", (ColumnForm("one", kind),))
    with pytest.raises(InvalidInput, match="odd, row 4"):
        read_line(form, line, number=4)


def test_the_hash_forgets_order_and_sees_every_value() -> None:
    form = TableForm("t", (ColumnForm("n", ValueKind.NUMBER), ColumnForm("j", ValueKind.JSON)))
    rows = [(n / 7, f'{{"a": {n}, "b": 2}}') for n in range(20)]
    turned = TableForm("t", form.columns[::-1])

    def hashed(which: TableForm, rows: list[tuple[Any, ...]]) -> str:
        found = TableHash(which)
        for row in rows:
            found.add(row)
        return found.hexdigest()

    whole = hashed(form, rows)
    mixed = random.Random(1).sample(rows, len(rows))
    assert hashed(form, mixed) == whole
    assert hashed(turned, [row[::-1] for row in rows]) == whole
    assert hashed(form, [(n, '{"b":2,"a":' + text[6:-9] + "}") for n, text in rows]) == whole
    assert hashed(form, rows[:-1]) != whole
    assert hashed(form, [*rows, rows[0]]) != whole
    assert hashed(form, [(rows[0][0] + 1e-16, rows[0][1]), *rows[1:]]) != whole


def test_a_snapshot_stays_as_it_was_while_others_write(database: Database, now: datetime) -> None:
    def add(number: int) -> None:
        with database.write() as session:
            session.add(AuditEntry(at=now, action=f"a{number}", object_kind="x"))

    add(1)
    with database.snapshot() as connection:
        before = read_content(connection, FORMS)
        add(2)
        assert read_content(connection, FORMS) == before
    after = _content(database)
    assert (before.rows["audit_entry"], after.rows["audit_entry"]) == (1, 2)
    assert before.hash != after.hash


def test_numbered_keys_go_on_after_those_that_were_filled_in(database: Database) -> None:
    form = next(form for form in FORMS if form.name == "landscape")
    box = shapely.box(118, 33, 118.001, 33.001)
    with database.write() as session:
        community = world.found(session).community
    one = {"id": new_id(), "kind": "water", "community_id": community, "geom": shapely.to_wkb(box), "fid": 41}
    with database.engine.begin() as connection:
        fill(connection, form, [tuple(one.get(name) for name in form.names)])
        insert = sa.insert(Base.metadata.tables["landscape"])
        other = {"id": new_id(), "kind": "water", "community_id": community, "geom": box}
        made = connection.execute(insert.values(other))
        assert made.inserted_primary_key == (42,)


def test_the_growing_tables_can_be_emptied_only_where_it_is_meant(database: Database, now: datetime) -> None:
    with database.write() as session:
        session.add(AuditEntry(at=now, action="a", object_kind="x"))
    with database.engine.begin() as connection:
        empty(connection, [*FORMS, *staying_forms()])
    with database.write() as session:
        session.add(AuditEntry(at=now, action="b", object_kind="x"))
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), database.write() as session:
        session.execute(sa.delete(AuditEntry))
