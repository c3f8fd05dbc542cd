"""A community says which levels it uses and what it calls them; positions set by hand can be undone."""

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
    op.create_table(
        "pin_change",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("former", sa.JSON(), nullable=False),
        sa.Column("fresh", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "kind IN ('building', 'household', 'facility', 'case')", name=op.f("ck_pin_change_kind")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_pin_change_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_change")),
    )
    op.create_index("ix_pin_change_object", "pin_change", ["object_id", "at"])


def downgrade() -> None:
    op.drop_table("pin_change")
    op.drop_table("level_version")
