"""Plans of a redraw."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATES = "('open', 'submitted', 'approved', 'returned', 'published', 'discarded')"
KINDS = "('comment', 'submit', 'approve', 'return', 'publish')"


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("drafter_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_revision", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_plan_state")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_plan_community_id_area")),
        sa.ForeignKeyConstraint(["drafter_id"], ["account.id"], name=op.f("fk_plan_drafter_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    op.create_index(op.f("ix_plan_drafter_id"), "plan", ["drafter_id"])
    op.create_index("ix_plan_state", "plan", ["community_id", "state"])
    op.create_table(
        "plan_edit",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("op", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_plan_edit_position")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_edit_plan_id_plan")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_plan_edit_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_edit")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_plan_edit_plan_id_position")),
    )
    op.create_index(op.f("ix_plan_edit_plan_id"), "plan_edit", ["plan_id"])
    op.create_index(op.f("ix_plan_edit_account_id"), "plan_edit", ["account_id"])
    op.create_table(
        "plan_note",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_plan_note_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_note_plan_id_plan")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_plan_note_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_note")),
    )
    op.create_index(op.f("ix_plan_note_plan_id"), "plan_note", ["plan_id"])


def downgrade() -> None:
    op.drop_table("plan_note")
    op.drop_table("plan_edit")
    op.drop_table("plan")
