"""Sessions are rows that can be ended one by one. Whoever is logged in logs in once more."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_TABLE = "login_session"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_login_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
    )
    for column in ("account_id", "until"):
        op.create_index(op.f(f"ix_login_session_{column}"), _TABLE, [column])


def downgrade() -> None:
    op.drop_table(_TABLE)
