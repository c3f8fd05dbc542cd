"""Cases get a text that staff made public."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("public_description", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("case_file", "public_description")
