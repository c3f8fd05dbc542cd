"""Proposals that are being worked out for plans."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = "('queued', 'running', 'done', 'failed', 'cancelled', 'accepted')"
KINDS = "('balance', 'micro_grids', 'tidy')"


def upgrade() -> None:
    op.create_table(
        "proposal_job",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("stand", sa.String(length=64), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("task", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("host", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_proposal_job_state")),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_proposal_job_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_proposal_job_plan_id_plan")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["area.id"], name=op.f("fk_proposal_job_community_id_area")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proposal_job_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_job")),
    )
    op.create_index(op.f("ix_proposal_job_plan_id"), "proposal_job", ["plan_id"])
    op.create_index("ix_proposal_job_state", "proposal_job", ["state"])


def downgrade() -> None:
    op.drop_table("proposal_job")
