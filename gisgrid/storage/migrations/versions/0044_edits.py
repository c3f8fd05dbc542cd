"""The hand edit of the register: its history, clashes, notes about doors, and what households and people gain.

SQLite writes the words a household's kind may be into the table's own text, as its documentation allows for
changes that touch no row.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from gisgrid.storage.migrations.initial.table import NewTable
from gisgrid.storage.migrations.initial.triggers import drop_growth, is_sqlite, refuse_changes
from gisgrid.storage.migrations.later import edits

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_TABLES: tuple[Callable[[], NewTable], ...] = (
    edits.register_edit,
    edits.field_clash,
    edits.door_note,
    edits.duplicate_decision,
)
_OLD_KINDS = "kind IS NULL OR kind IN ('owned', 'rented', 'collective', 'vacant')"
_NEW_KINDS = "kind IS NULL OR kind IN ('owned', 'rented', 'collective', 'vacant', 'second_home')"
_COLUMNS = (
    ("household", "people_told", "INTEGER CONSTRAINT ck_household_people_told CHECK (people_told >= 0)"),
    ("household", "minors", "INTEGER CONSTRAINT ck_household_minors CHECK (minors >= 0)"),
    (
        "resident",
        "leaving",
        "VARCHAR(10) CONSTRAINT ck_resident_leaving CHECK (leaving IN ('moved', 'died'))",
    ),
    ("resident", "phone_digest", "VARCHAR(64)"),
)
"""Columns with the checks that stand beside them."""


def upgrade() -> None:
    for table, name, kind in _COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    op.add_column("household", sa.Column("vacated_at", sa.DateTime(timezone=True)))
    op.create_index(op.f("ix_resident_phone_digest"), "resident", ["phone_digest"])
    _let_kinds_be(_OLD_KINDS, _NEW_KINDS)
    for make in _TABLES:
        make().create()
    refuse_changes("register_edit", edits.FIXED)


def downgrade() -> None:
    for make in reversed(_TABLES):
        op.drop_table(make().name)
    drop_growth("register_edit")
    op.execute("UPDATE household SET kind = NULL WHERE kind = 'second_home'")
    _let_kinds_be(_NEW_KINDS, _OLD_KINDS)
    op.drop_index(op.f("ix_resident_phone_digest"), "resident")
    op.drop_column("household", "vacated_at")
    for table, name, _kind in reversed(_COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _let_kinds_be(before: str, after: str) -> None:
    if not is_sqlite():
        op.execute("ALTER TABLE household DROP CONSTRAINT ck_household_kind")
        op.execute(f"ALTER TABLE household ADD CONSTRAINT ck_household_kind CHECK ({after})")
        return
    connection = op.get_bind()
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    rewrite = (
        "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'household'"
    )
    connection.execute(sa.text(rewrite), {"old": before, "new": after})
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))
