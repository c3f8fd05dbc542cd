"""Time limits become rules with versions; communities have working days of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_version",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_limit_version_number")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["area.id"], name=op.f("fk_limit_version_community_id_area")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_limit_version_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_version")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_limit_version_community_id_number")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_work", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["area.id"], name=op.f("fk_calendar_day_community_id_area")
        ),
        sa.PrimaryKeyConstraint("community_id", "day", name=op.f("pk_calendar_day")),
    )


def downgrade() -> None:
    op.drop_table("calendar_day")
    op.drop_table("limit_version")
