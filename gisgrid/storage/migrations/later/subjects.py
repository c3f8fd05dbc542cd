"""The keys by which a row says what it is about."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import reference

_KEYS: Final = {
    "person": ("resident_id", "resident"),
    "household": ("household_id", "household"),
    "building": ("building_id", "building"),
    "area": ("area_id", "area"),
    "case": ("case_id", "case_file"),
    "worker": ("worker_id", "worker"),
    "organisation": ("account_id", "account"),
    "facility": ("facility_id", "facility"),
}
ONE_SUBJECT: Final = " AND ".join(
    f"(subject = '{kind}') = ({column} IS NOT NULL)" for kind, (column, _table) in _KEYS.items()
)


def subject_columns() -> list[sa.Column[Any]]:
    """The kind of a subject and its eight keys."""
    return [sa.Column("subject", sa.String(20), nullable=False), *(reference(*key) for key in _KEYS.values())]


def subject_indexes(table: str) -> dict[str, list[str]]:
    """An index for each key but the resident's, which has one of its own."""
    columns = [column for column, _table in _KEYS.values() if column != "resident_id"]
    return {f"ix_{table}_{column}": [column] for column in columns}
