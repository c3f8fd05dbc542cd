"""Notices to drafters, approvers, members and the community a grid goes to; they know grids by name."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = ("submitted", "published")
_AFTER = (
    *_BEFORE,
    "to_approve",
    "arriving",
    "arrived",
    "own_published",
    "returned",
    "approved",
    "commented",
    "withdrawn",
)
_COLUMNS = "account_id, plan_id, kind, grids, at, read_at, id"


def upgrade() -> None:
    _rebuilt(
        _AFTER,
        sa.Column("note_id", sa.String(length=36), nullable=True),
        sa.Column("names", sa.JSON(), nullable=True),
        sa.Column("has_sheet", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["plan_note.id"], name=op.f("fk_notice_note_id_plan_note")),
        filled=f"{_COLUMNS}, has_sheet",
        rows=f"SELECT {_COLUMNS}, false FROM notice_kept",  # noqa: S608
    )
    op.create_index(op.f("ix_notice_plan_id"), "notice", ["plan_id"])


def downgrade() -> None:
    op.execute(f"DELETE FROM notice WHERE kind NOT IN {_BEFORE}")  # noqa: S608
    _rebuilt(_BEFORE, filled=_COLUMNS, rows=f"SELECT {_COLUMNS} FROM notice_kept")  # noqa: S608


def _rebuilt(kinds: Sequence[str], *more: sa.schema.SchemaItem, filled: str, rows: str) -> None:
    """The table is made anew and filled again: SQLite can't change constraints, and so both do the same."""
    op.execute("CREATE TABLE notice_kept AS SELECT * FROM notice")
    op.drop_table("notice")
    op.create_table(
        "notice",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("grids", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        *more,
        sa.CheckConstraint(f"kind IN {tuple(kinds)}", name=op.f("ck_notice_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id_account")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_notice_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_account", "notice", ["account_id", "at"])
    op.execute(f"INSERT INTO notice ({filled}) {rows}")
    op.execute("DROP TABLE notice_kept")
