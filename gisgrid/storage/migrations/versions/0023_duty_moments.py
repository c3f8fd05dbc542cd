"""When a duty last began or ended is asked with every figure: it goes by an index."""

from alembic import op

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_duty_valid_from", "duty", ["valid_from"])
    op.create_index("ix_duty_valid_to", "duty", ["valid_to"])


def downgrade() -> None:
    op.drop_index("ix_duty_valid_to", "duty")
    op.drop_index("ix_duty_valid_from", "duty")
