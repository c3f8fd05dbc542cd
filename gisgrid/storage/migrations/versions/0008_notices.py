"""What is kept with a note on a plan, notices to accounts, and the norm of a community."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = "('submitted', 'published')"
RISING = "0 < ok_from AND ok_from <= ok_to AND ok_to <= high_to AND per_member > 0"


def upgrade() -> None:
    op.add_column("plan_note", sa.Column("details", sa.JSON(), nullable=True))
    op.create_table(
        "notice",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("grids", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_notice_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id_account")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_notice_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_account", "notice", ["account_id", "at"])
    op.create_table(
        "norm",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("ok_from", sa.Integer(), nullable=False),
        sa.Column("ok_to", sa.Integer(), nullable=False),
        sa.Column("high_to", sa.Integer(), nullable=False),
        sa.Column("per_member", sa.Integer(), nullable=False),
        sa.Column("micro_from", sa.Integer(), nullable=False),
        sa.Column("micro_to", sa.Integer(), nullable=False),
        sa.CheckConstraint(RISING, name=op.f("ck_norm_rising")),
        sa.CheckConstraint("0 < micro_from AND micro_from <= micro_to", name=op.f("ck_norm_micro")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_norm_community_id_area")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_norm")),
    )


def downgrade() -> None:
    op.drop_table("norm")
    op.drop_table("notice")
    op.drop_column("plan_note", "details")
