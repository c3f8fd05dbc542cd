"""A placement tells the community an object was in until then, where it went to another one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_FOREIGN = "fk_placement_community_id_area"
_INDEX = "ix_placement_community_id"


def upgrade() -> None:
    # One statement on both databases: SQLite can add a column with its reference, but no constraint later.
    op.execute(
        f"ALTER TABLE placement ADD COLUMN community_id VARCHAR(36) CONSTRAINT {_FOREIGN} REFERENCES area (id)"
    )
    op.create_index(op.f(_INDEX), "placement", ["community_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f(_INDEX), "placement")
    if op.get_bind().dialect.name == "sqlite":
        _rebuilt()
        return
    op.drop_column("placement", "community_id")


def _rebuilt() -> None:
    """SQLite can't drop a column with a reference: the table is made anew and filled again."""
    columns = "kind, object_id, cell_id, until, id"
    op.execute(f"CREATE TABLE placement_kept AS SELECT {columns} FROM placement")  # noqa: S608
    op.drop_table("placement")
    op.create_table(
        "placement",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("cell_id", sa.String(length=36), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "kind IN ('building', 'household', 'facility', 'case')", name=op.f("ck_placement_kind")
        ),
        sa.ForeignKeyConstraint(["cell_id"], ["unit_cell.id"], name=op.f("fk_placement_cell_id_unit_cell")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    op.create_index(op.f("ix_placement_cell_id"), "placement", ["cell_id"], unique=False)
    op.create_index("ix_placement_object", "placement", ["object_id", "until"], unique=False)
    op.execute(f"INSERT INTO placement ({columns}) SELECT {columns} FROM placement_kept")  # noqa: S608
    op.execute("DROP TABLE placement_kept")
