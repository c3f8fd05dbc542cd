"""Accounts get a PIN for the phone and one-time passwords; tokens get what they may do."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    must_change: sa.Column[bool] = sa.Column(
        "must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("account", must_change)
    op.add_column("account", sa.Column("pin_hash", sa.String(length=200), nullable=True))
    op.add_column("account", sa.Column("pin_failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("api_token", sa.Column("may_write", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("api_token", sa.Column("parts", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    for table, columns in (
        ("api_token", ("parts", "may_write")),
        ("account", ("pin_failures", "pin_hash", "must_change_password")),
    ):
        for column in columns:
            op.drop_column(table, column)
