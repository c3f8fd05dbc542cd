"""A community says which levels of the area tree it uses and what it calls them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "level_version",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_level_version_number")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_level_version_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["area.id"], name=op.f("fk_level_version_community_id_area")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_version")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_level_version_community_id_number")),
    )


def downgrade() -> None:
    op.drop_table("level_version")
