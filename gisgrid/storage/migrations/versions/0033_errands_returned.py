"""An organisation may return what it was asked, and an account tells which organisation it stands for."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_errand", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("organisation", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "organisation")
    op.drop_column("case_errand", "returned_at")
