"""Images of the ground that administrators lay under the maps; their tiles lie beside the database."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_TABLE = "background_image"
_STANDS = sa.text("removed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("attribution", sa.String(length=200), nullable=False),
        sa.Column("community_id", sa.String(length=36), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        *(sa.Column(side, sa.Double(), nullable=False) for side in ("west", "south", "east", "north")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("min_zoom", "max_zoom", "tiles")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=36), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("west < east AND south < north", name=op.f("ck_background_image_bounds")),
        sa.CheckConstraint("min_zoom >= 0 AND min_zoom <= max_zoom", name=op.f("ck_background_image_zooms")),
        sa.CheckConstraint("tiles > 0 AND size > 0", name=op.f("ck_background_image_size")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{_TABLE}_{column}_{other}"))
            for column, other in (
                ("community_id", "area"),
                ("added_by", "account"),
                ("removed_by", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_background_image")),
    )
    op.create_index(
        "uq_background_image_name",
        _TABLE,
        ["name"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
