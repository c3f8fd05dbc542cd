"""The monthly appraisal: the weight of outside marks, the marks, appeals with their answers."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0028"
branch_labels = None
depends_on = None


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=36), nullable=nullable)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "appraisal_rule",
        _id("community_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("external_share", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _id("account_id", nullable=True),
        _id("id"),
        sa.CheckConstraint("external_share BETWEEN 0 AND 100", name=op.f("ck_appraisal_rule_share")),
        _key("appraisal_rule", "community_id", "area"),
        _key("appraisal_rule", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_rule")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_appraisal_rule_community_id_number")),
    )
    op.create_table(
        "external_mark",
        _id("community_id"),
        _id("worker_id"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _id("account_id", nullable=True),
        _id("id"),
        sa.CheckConstraint("mark BETWEEN 0 AND 100", name=op.f("ck_external_mark_mark")),
        _key("external_mark", "community_id", "area"),
        _key("external_mark", "worker_id", "worker"),
        _key("external_mark", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_mark")),
    )
    op.create_index("ix_external_mark_month", "external_mark", ["community_id", "month"])
    op.create_table(
        "appraisal_appeal",
        _id("community_id"),
        _id("worker_id"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _id("account_id", nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        _id("answered_by_id", nullable=True),
        sa.Column("adjusted", sa.Integer(), server_default="0", nullable=False),
        _id("id"),
        sa.CheckConstraint("adjusted BETWEEN -100 AND 100", name=op.f("ck_appraisal_appeal_adjusted")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_appraisal_appeal_answered")
        ),
        _key("appraisal_appeal", "community_id", "area"),
        _key("appraisal_appeal", "worker_id", "worker"),
        _key("appraisal_appeal", "account_id", "account"),
        _key("appraisal_appeal", "answered_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_appeal")),
    )
    op.create_index("ix_appraisal_appeal_month", "appraisal_appeal", ["community_id", "month"])


def downgrade() -> None:
    op.drop_index("ix_appraisal_appeal_month", "appraisal_appeal")
    op.drop_table("appraisal_appeal")
    op.drop_index("ix_external_mark_month", "external_mark")
    op.drop_table("external_mark")
    op.drop_table("appraisal_rule")
