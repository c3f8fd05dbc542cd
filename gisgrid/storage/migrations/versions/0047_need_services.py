"""Who serves the needs of people: a member, a volunteer, an organisation, a property company, a station."""

from alembic import op

from gisgrid.storage.migrations.later import services

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    services.need_service().create()


def downgrade() -> None:
    op.drop_table(services.need_service().name)
