"""One index for lists of cases, instead of the one by day alone; what organisations are asked to do."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

_LISTED = [
    "community_id",
    "reported_at",
    "state",
    "category_code",
    "severity",
    "source",
    "cell_id",
    "reporter_id",
    "due_at",
    "closed_at",
]


def upgrade() -> None:
    op.create_index("ix_case_list", "case_file", _LISTED)
    op.drop_index("ix_case_reported", "case_file")
    op.create_table(
        "case_errand",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("receipted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_errand_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_case_errand_account_id_account")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_case_errand_asked_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_errand")),
    )
    op.create_index(op.f("ix_case_errand_case_id"), "case_errand", ["case_id"])
    op.create_index("ix_case_errand_account", "case_errand", ["account_id", "finished_at"])


def downgrade() -> None:
    op.drop_table("case_errand")
    op.create_index("ix_case_reported", "case_file", ["community_id", "reported_at"])
    op.drop_index("ix_case_list", "case_file")
