"""A note on a plan may tell that its scheduled revision was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BEFORE = "('comment', 'submit', 'approve', 'return', 'publish')"
_AFTER = "('comment', 'submit', 'approve', 'return', 'publish', 'withdraw')"
_CHECK = "ck_plan_note_kind"
_COLUMNS = "plan_id, kind, account_id, at, text, id"


def upgrade() -> None:
    _allow(_AFTER)


def downgrade() -> None:
    op.execute("UPDATE plan_note SET kind = 'comment' WHERE kind = 'withdraw'")
    _allow(_BEFORE)


def _allow(kinds: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuilt(kinds)
        return
    op.drop_constraint(op.f(_CHECK), "plan_note", type_="check")
    op.create_check_constraint(op.f(_CHECK), "plan_note", f"kind IN {kinds}")


def _rebuilt(kinds: str) -> None:
    """SQLite can't change constraints of a table: it is made anew and filled again."""
    op.execute(f"CREATE TABLE plan_note_kept AS SELECT {_COLUMNS} FROM plan_note")  # noqa: S608
    op.drop_table("plan_note")
    op.create_table(
        "plan_note",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(f"kind IN {kinds}", name=op.f(_CHECK)),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_note_plan_id_plan")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_plan_note_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_note")),
    )
    op.create_index(op.f("ix_plan_note_plan_id"), "plan_note", ["plan_id"])
    op.execute(f"INSERT INTO plan_note ({_COLUMNS}) SELECT {_COLUMNS} FROM plan_note_kept")  # noqa: S608
    op.execute("DROP TABLE plan_note_kept")
