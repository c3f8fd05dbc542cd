"""A cell whose border gets vertices is a new row with the same number: numbers are unique among open cells."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WHOLE = "uq_unit_cell_community_id_number"
_OPEN = "uq_unit_cell_open_number"
_COLUMNS = "community_id, number, kind, geom, fid, id, valid_from, valid_to"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuilt()
    else:
        op.drop_constraint(op.f(_WHOLE), "unit_cell", type_="unique")
    still_open = sa.text("valid_to IS NULL")
    op.create_index(
        _OPEN,
        "unit_cell",
        ["community_id", "number"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def downgrade() -> None:
    op.drop_index(_OPEN, "unit_cell")
    # The earlier form has one cell to a number: closed ones that share theirs get one below 0.
    op.execute("""
        UPDATE unit_cell SET number = -fid
        WHERE valid_to IS NOT NULL AND EXISTS (
            SELECT 1 FROM unit_cell other
            WHERE other.community_id = unit_cell.community_id AND other.number = unit_cell.number
              AND other.fid > unit_cell.fid)
    """)
    if op.get_bind().dialect.name == "sqlite":
        _rebuilt(sa.UniqueConstraint("community_id", "number", name=op.f(_WHOLE)))
    else:
        op.create_unique_constraint(op.f(_WHOLE), "unit_cell", ["community_id", "number"])


def _rebuilt(*constraints: sa.UniqueConstraint) -> None:
    """SQLite can't change constraints of a table: it is made anew and filled again, keys and all."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE unit_cell_kept AS SELECT {_COLUMNS} FROM unit_cell")  # noqa: S608
    op.execute("SELECT DisableSpatialIndex('unit_cell', 'geom')")
    op.execute("DROP TABLE idx_unit_cell_geom")
    op.execute("SELECT DiscardGeometryColumn('unit_cell', 'geom')")
    op.drop_table("unit_cell")
    op.create_table(
        "unit_cell",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("geom", Geometry("POLYGON", srid=4326), nullable=False),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('building', 'block', 'area')", name=op.f("ck_unit_cell_kind")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_unit_cell_interval")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_unit_cell_community_id_area")),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_unit_cell")),
        sa.UniqueConstraint("id", name=op.f("uq_unit_cell_id")),
        *constraints,
    )
    op.create_index(op.f("ix_unit_cell_community_id"), "unit_cell", ["community_id"], unique=False)
    op.execute(f"INSERT INTO unit_cell ({_COLUMNS}) SELECT {_COLUMNS} FROM unit_cell_kept")  # noqa: S608
    op.execute("DROP TABLE unit_cell_kept")
