"""The purposes that a consent text may be of: SQLite changes a check by making the table anew."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference
from gisgrid.storage.migrations.initial.triggers import is_sqlite

_BEFORE: Final = ("registration", "contact", "elder_visits", "sensitive_needs", "contracted_services")
_NEW: Final = "visit_notes"
_COLUMNS: Final = "purpose, version, zh, en, written_at, account_id, id"


def add_purpose() -> None:
    """Let a text be of the new purpose."""
    _rewrite((*_BEFORE, _NEW))


def remove_purpose() -> None:
    """Take the new purpose away, with its texts."""
    op.execute(f"DELETE FROM consent_text WHERE purpose = '{_NEW}'")  # noqa: S608 - nothing from outside
    _rewrite(_BEFORE)


def _rewrite(purposes: tuple[str, ...]) -> None:
    condition = f"purpose IN ({', '.join(repr(purpose) for purpose in purposes)})"
    if not is_sqlite():
        op.drop_constraint(op.f("ck_consent_text_purpose"), "consent_text", type_="check")
        op.create_check_constraint(op.f("ck_consent_text_purpose"), "consent_text", condition)
        return
    op.rename_table("consent_text", "consent_text_before")
    _texts(condition).create()
    op.execute(
        f"INSERT INTO consent_text ({_COLUMNS}) SELECT {_COLUMNS} FROM consent_text_before"  # noqa: S608
    )
    op.drop_table("consent_text_before")


def _texts(condition: str) -> NewTable:
    return NewTable(
        "consent_text",
        [
            sa.Column("purpose", sa.String(40), nullable=False),
            sa.Column("version", sa.String(20), nullable=False),
            sa.Column("zh", sa.Text(), nullable=False),
            sa.Column("en", sa.Text(), nullable=False),
            sa.Column("written_at", INSTANT, nullable=False),
            reference("account_id", "account"),
            key(),
        ],
        checks={"purpose": condition},
        unique={"uq_consent_text_purpose_version": ["purpose", "version"]},
    )
