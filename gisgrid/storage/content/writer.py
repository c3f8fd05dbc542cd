"""Whole tables emptied and filled, inside a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from gisgrid.crs import STORED_SRID
from gisgrid.storage.append_only import allowed_to_shrink
from gisgrid.storage.content.forms import TableForm, ValueKind, plain_table, rows_at_once
from gisgrid.storage.content.values import Row, little_endian
from gisgrid.storage.dialect import copy_rows, empty_tables, is_sqlite, next_keys_after


def empty(connection: Connection, forms: Sequence[TableForm]) -> None:
    """Take every row out, those of the tables that only grow too."""
    with allowed_to_shrink(connection):
        empty_tables(connection, [form.name for form in forms])


def fill(connection: Connection, form: TableForm, rows: Iterable[Row]) -> int:
    """Put rows into an empty table with the keys they have; how many. Memory holds some hundred of them."""
    count = 0

    def counted() -> Iterable[Row]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    if is_sqlite(connection):
        _insert(connection, form, counted())
    else:
        geometries = {place for place, column in enumerate(form.columns) if column.kind == ValueKind.GEOMETRY}
        copy_rows(connection, form.name, form.names, (_for_copy(row, geometries) for row in counted()))
    next_keys_after(connection, form.name)
    return count


def _insert(connection: Connection, form: TableForm, rows: Iterable[Row]) -> None:
    statement = sa.insert(plain_table(form)).execution_options(render_nulls=True)
    waiting = iter(rows)
    while batch := list(islice(waiting, rows_at_once(form.name))):
        connection.execute(statement, [dict(zip(form.names, row, strict=True)) for row in batch])


def _for_copy(row: Row, geometries: set[int]) -> list[Any]:
    """Geometries in PostGIS's hex form, which its column reads from text."""
    return [
        _hex_ewkb(value) if place in geometries and value is not None else value
        for place, value in enumerate(row)
    ]


def _hex_ewkb(wkb: bytes) -> str:
    """Little-endian WKB with the stored SRID put into its head (PostGIS's extended WKB)."""
    plain = little_endian(bytes(wkb))
    kind = int.from_bytes(plain[1:5], "little") | 0x20000000
    return (plain[:1] + kind.to_bytes(4, "little") + STORED_SRID.to_bytes(4, "little") + plain[5:]).hex()
