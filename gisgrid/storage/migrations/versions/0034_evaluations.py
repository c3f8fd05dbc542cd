"""What a third party checks on site: samples of closed cases, and what was found at each."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=36), nullable=nullable)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "evaluation_sample",
        _id("community_id"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        _id("drawn_by", nullable=True),
        _id("id"),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_evaluation_sample_days")),
        sa.CheckConstraint("size > 0 AND population > 0", name=op.f("ck_evaluation_sample_size")),
        _key("evaluation_sample", "community_id", "area"),
        _key("evaluation_sample", "drawn_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_sample")),
        sa.UniqueConstraint(
            "community_id", "first_day", name=op.f("uq_evaluation_sample_community_id_first_day")
        ),
    )
    op.create_table(
        "evaluation_case",
        _id("sample_id"),
        sa.Column("place", sa.Integer(), nullable=False),
        _id("case_id"),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        _id("checked_by", nullable=True),
        _id("id"),
        sa.CheckConstraint("result IN ('solved', 'partly', 'not')", name=op.f("ck_evaluation_case_result")),
        sa.CheckConstraint("place > 0", name=op.f("ck_evaluation_case_place")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_evaluation_case_score")),
        sa.CheckConstraint(
            "(result IS NULL) = (checked_at IS NULL) AND (score IS NULL) = (checked_at IS NULL)",
            name=op.f("ck_evaluation_case_checked"),
        ),
        _key("evaluation_case", "sample_id", "evaluation_sample"),
        _key("evaluation_case", "case_id", "case_file"),
        _key("evaluation_case", "checked_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_case")),
        sa.UniqueConstraint("sample_id", "place", name=op.f("uq_evaluation_case_sample_id_place")),
        sa.UniqueConstraint("sample_id", "case_id", name=op.f("uq_evaluation_case_sample_id_case_id")),
    )
    op.create_index("ix_evaluation_case_case_id", "evaluation_case", ["case_id"])


def downgrade() -> None:
    op.drop_index("ix_evaluation_case_case_id", "evaluation_case")
    op.drop_table("evaluation_case")
    op.drop_table("evaluation_sample")
