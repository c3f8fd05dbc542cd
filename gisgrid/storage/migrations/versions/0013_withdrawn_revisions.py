"""Revisions that were withdrawn before their day are kept, so that no number is given twice."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLE = "withdrawn_revision"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", sa.String(length=36), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f(f"fk_{_TABLE}_community_id_area")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{_TABLE}_account_id_account")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["account.id"], name=op.f(f"fk_{_TABLE}_withdrawn_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("community_id", "number", name=op.f(f"uq_{_TABLE}_community_id_number")),
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
