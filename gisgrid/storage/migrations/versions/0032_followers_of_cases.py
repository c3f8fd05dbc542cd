"""Receipt codes for who said the same of a case."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_follower",
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeat_key", sa.String(length=120), nullable=True),
        sa.Column("repeat_client", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_follower_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_case_follower")),
        sa.UniqueConstraint(
            "repeat_key", "repeat_client", name=op.f("uq_case_follower_repeat_key_repeat_client")
        ),
    )
    op.create_index(op.f("ix_case_follower_case_id"), "case_follower", ["case_id"])


def downgrade() -> None:
    op.drop_table("case_follower")
