"""A note and a notice may tell that a submitted plan was taken back by who drew it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_NOTE, _NOTICE = "recall", "recalled"
_NOTES = ("comment", "submit", "approve", "return", "publish", "withdraw")
_NOTICES = (
    "submitted",
    "published",
    "to_approve",
    "arriving",
    "arrived",
    "own_published",
    "returned",
    "approved",
    "commented",
    "withdrawn",
)
_COLUMNS = "plan_id, kind, account_id, at, text, details, id"


def upgrade() -> None:
    _allow((*_NOTES, _NOTE), (*_NOTICES, _NOTICE))


def downgrade() -> None:
    op.execute(f"UPDATE plan_note SET kind = 'comment' WHERE kind = '{_NOTE}'")  # noqa: S608
    op.execute(f"DELETE FROM notice WHERE kind = '{_NOTICE}'")  # noqa: S608
    _allow(_NOTES, _NOTICES)


def _allow(notes: Sequence[str], notices: Sequence[str]) -> None:
    """Say anew which kinds there are; SQLite needs the tables to be written anew for it."""
    rules = {"plan_note": f"kind IN {tuple(notes)}", "notice": f"kind IN {tuple(notices)}"}
    if op.get_bind().dialect.name == "sqlite":
        _write_notes(rules["plan_note"])
        with op.batch_alter_table("notice", copy_from=_notices(rules["notice"]), recreate="always"):
            return
    for table, rule in rules.items():
        op.drop_constraint(op.f(f"ck_{table}_kind"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, rule)


def _write_notes(rule: str) -> None:
    """Notices point to notes: these are there again under the same name when that is looked at."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE plan_note_kept AS SELECT {_COLUMNS} FROM plan_note")  # noqa: S608
    op.drop_table("plan_note")
    op.create_table(
        "plan_note",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(rule, name=op.f("ck_plan_note_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_note_plan_id_plan")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_plan_note_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_note")),
    )
    op.create_index(op.f("ix_plan_note_plan_id"), "plan_note", ["plan_id"])
    op.execute(f"INSERT INTO plan_note ({_COLUMNS}) SELECT {_COLUMNS} FROM plan_note_kept")  # noqa: S608
    op.execute("DROP TABLE plan_note_kept")


def _notices(rule: str) -> sa.Table:
    table = sa.Table(
        "notice",
        sa.MetaData(),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("grids", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("note_id", sa.String(length=36), nullable=True),
        sa.Column("names", sa.JSON(), nullable=True),
        sa.Column("has_sheet", sa.Boolean(), nullable=False),
        sa.CheckConstraint(rule, name=op.f("ck_notice_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id_account")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_notice_plan_id_plan")),
        sa.ForeignKeyConstraint(["note_id"], ["plan_note.id"], name=op.f("fk_notice_note_id_plan_note")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    sa.Index("ix_notice_account", table.c.account_id, table.c.at)
    sa.Index(op.f("ix_notice_plan_id"), table.c.plan_id)
    return table
