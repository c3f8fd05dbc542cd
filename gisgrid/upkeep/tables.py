"""How each table is carried: a copy that left one out would be none, but for what belongs to one database."""

from __future__ import annotations

from sqlalchemy import Table

from gisgrid.access.keys.encryption import Sealed
from gisgrid.storage.base import STAYS_HERE
from gisgrid.storage.content.forms import TableForm, form_of
from gisgrid.tables import all_tables


def all_forms() -> list[TableForm]:
    """Every table that a backup holds, those that others point to first."""
    return [form_of(table) for table in all_tables() if not _stays(table)]


def staying_forms() -> list[TableForm]:
    """Tables whose rows belong to one database: they are emptied with it, and never carried."""
    return [form_of(table) for table in all_tables() if _stays(table)]


def _stays(table: Table) -> bool:
    return STAYS_HERE.items() <= table.info.items()


def sealed_columns() -> dict[str, list[str]]:
    """The encrypted columns of each table that has any."""
    columns_of = {
        table.name: [column.name for column in table.columns if isinstance(column.type, Sealed)]
        for table in all_tables()
    }
    return {table: columns for table, columns in columns_of.items() if columns}
