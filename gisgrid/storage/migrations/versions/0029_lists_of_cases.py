"""One index in the order of case lists holds all that they filter by, instead of the one by day alone."""

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


def downgrade() -> None:
    op.create_index("ix_case_reported", "case_file", ["community_id", "reported_at"])
    op.drop_index("ix_case_list", "case_file")
