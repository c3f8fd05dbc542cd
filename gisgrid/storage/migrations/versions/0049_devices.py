"""Phones that hold an account's territory, so that one that was lost can be stopped."""

from alembic import op

from gisgrid.storage.migrations.later import devices

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    devices.devices().create()


def downgrade() -> None:
    op.drop_table(devices.devices().name)
