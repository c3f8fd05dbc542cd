"""Tables as a database at an older revision has them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection, select

from gisgrid.storage.content.forms import ColumnForm, TableForm, ValueKind
from gisgrid.upkeep.tables import all_forms, sealed_columns


def forms_here(connection: Connection) -> list[TableForm]:
    """Tables and columns that the models of today and this revision both have."""
    inspector = sa.inspect(connection)
    names = set(inspector.get_table_names())
    forms = []
    for form in all_forms():
        if form.name in names:
            own = {column["name"] for column in inspector.get_columns(form.name)}
            columns = (_as_here(connection, form.name, one) for one in form.columns if one.name in own)
            forms.append(TableForm(form.name, tuple(columns)))
    return forms


def sealed_here(forms: list[TableForm]) -> dict[str, list[str]]:
    """The columns that this revision seals already, by table."""
    sealed = sealed_columns()
    return {
        form.name: [
            one.name for one in form.columns if one.kind == ValueKind.BYTES and one.name in sealed[form.name]
        ]
        for form in forms
        if form.name in sealed
    }


def _as_here(connection: Connection, table: str, column: ColumnForm) -> ColumnForm:
    """A column of bytes that this revision keeps as text, as text."""
    if column.kind != ValueKind.BYTES:
        return column
    here, is_lite = sa.column(column.name), connection.dialect.name == "sqlite"
    kind = sa.func.typeof(here) if is_lite else sa.cast(sa.func.pg_typeof(here), sa.Text())
    held = select(kind).select_from(sa.table(table)).where(here.is_not(None)).limit(1)
    is_text = connection.scalar(held) == "text"
    return ColumnForm(column.name, ValueKind.TEXT) if is_text else column
