"""Which leaders have the right to instruct, and how many cases a notice of an import tells of."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_NEW_KINDS = ("reported", "arrived", "rated_low", "untold")


def upgrade() -> None:
    op.add_column(
        "account", sa.Column("may_instruct", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("case_notice", sa.Column("count", sa.Integer(), nullable=True))


def downgrade() -> None:
    # What was told in these words can't be read before: it would stand in nobody's list, but break it.
    notices = sa.table("case_notice", sa.column("kind"))
    op.execute(notices.delete().where(notices.c.kind.in_(_NEW_KINDS)))
    op.drop_column("case_notice", "count")
    op.drop_column("account", "may_instruct")
