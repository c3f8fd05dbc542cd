"""Areas and accounts."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _view(dialect: str) -> str:
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if dialect == "sqlite" else "now()"
    return f"""
        CREATE VIEW current_grid AS
        SELECT o.fid AS fid, n.code AS code, n.name AS name, o.geom AS geom
        FROM area a
        JOIN area_outline o ON o.area_id = a.id AND o.valid_from <= {now}
             AND (o.valid_to IS NULL OR o.valid_to > {now})
        JOIN area_name n ON n.area_id = a.id AND n.valid_from <= {now}
             AND (n.valid_to IS NULL OR n.valid_to > {now})
        WHERE a.level = 'grid'
    """  # noqa: S608 - nothing in it comes from outside


_REGISTER = """
    INSERT INTO views_geometry_columns
        (view_name, view_geometry, view_rowid, f_table_name, f_geometry_column, read_only)
    VALUES ('current_grid', 'geom', 'fid', 'area_outline', 'geom', 1)
"""


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("grid_type", sa.String(length=20), nullable=False),
        sa.Column("community_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("grid_type IN ('general', 'exclusive')", name=op.f("ck_area_grid_type")),
        sa.CheckConstraint(
            "level IN ('subdistrict', 'community', 'sub_area', 'compound', 'grid', 'micro_grid')",
            name=op.f("ck_area_level"),
        ),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_area_community_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
    )
    op.create_index(op.f("ix_area_community_id"), "area", ["community_id"], unique=False)
    op.create_index(op.f("ix_area_level"), "area", ["level"], unique=False)
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("office_phone", sa.String(length=40), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("education", sa.String(length=40), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("worker_id", sa.String(length=36), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'head', 'staff', 'member', 'grid_leader', 'steward', 'leader', 'property', 'org', 'evaluator', 'resident', 'local')",
            name=op.f("ck_account_role"),
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_account_worker_id_worker")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_index(op.f("ix_account_worker_id"), "account", ["worker_id"], unique=False)
    op.create_table(
        "area_name",
        sa.Column("area_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_area_name_interval")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_name_area_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_name")),
    )
    op.create_index(op.f("ix_area_name_area_id"), "area_name", ["area_id"], unique=False)
    op.create_index(op.f("ix_area_name_code"), "area_name", ["code"], unique=False)
    op.create_index(
        "uq_area_name_open",
        "area_name",
        ["area_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "area_outline",
        sa.Column("area_id", sa.String(length=36), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326), nullable=False),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_area_outline_interval")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_outline_area_id_area")),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_area_outline")),
        sa.UniqueConstraint("id", name=op.f("uq_area_outline_id")),
    )
    op.create_index(op.f("ix_area_outline_area_id"), "area_outline", ["area_id"], unique=False)
    op.create_index(
        "uq_area_outline_open",
        "area_outline",
        ["area_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "area_parent",
        sa.Column("area_id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_area_parent_interval")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_parent_area_id_area")),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_parent_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_parent")),
    )
    op.create_index(op.f("ix_area_parent_area_id"), "area_parent", ["area_id"], unique=False)
    op.create_index(op.f("ix_area_parent_parent_id"), "area_parent", ["parent_id"], unique=False)
    op.create_index(
        "uq_area_parent_open",
        "area_parent",
        ["area_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "community_state",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("metric_epsg", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["area.id"], name=op.f("fk_community_state_community_id_area")
        ),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_community_state")),
    )
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
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_unit_cell_community_id_number")),
        sa.UniqueConstraint("id", name=op.f("uq_unit_cell_id")),
    )
    op.create_index(op.f("ix_unit_cell_community_id"), "unit_cell", ["community_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("operator", sa.String(length=80), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_audit_entry_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_account_id"), "audit_entry", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_kind", "object_id"], unique=False)
    op.create_table(
        "cell_lineage",
        sa.Column("old_id", sa.String(length=36), nullable=False),
        sa.Column("new_id", sa.String(length=36), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_cell_lineage_share")),
        sa.ForeignKeyConstraint(["new_id"], ["unit_cell.id"], name=op.f("fk_cell_lineage_new_id_unit_cell")),
        sa.ForeignKeyConstraint(["old_id"], ["unit_cell.id"], name=op.f("fk_cell_lineage_old_id_unit_cell")),
        sa.PrimaryKeyConstraint("old_id", "new_id", name=op.f("pk_cell_lineage")),
    )
    op.create_index(op.f("ix_cell_lineage_new_id"), "cell_lineage", ["new_id"], unique=False)
    op.create_table(
        "cell_membership",
        sa.Column("cell_id", sa.String(length=36), nullable=False),
        sa.Column("area_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_cell_membership_interval")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_cell_membership_area_id_area")),
        sa.ForeignKeyConstraint(
            ["cell_id"], ["unit_cell.id"], name=op.f("fk_cell_membership_cell_id_unit_cell")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_membership")),
    )
    op.create_index(op.f("ix_cell_membership_area_id"), "cell_membership", ["area_id"], unique=False)
    op.create_index(op.f("ix_cell_membership_cell_id"), "cell_membership", ["cell_id"], unique=False)
    op.create_index(
        "uq_cell_membership_open",
        "cell_membership",
        ["cell_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
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
    op.create_table(
        "revision",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_backdated", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_revision_account_id_account")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_revision_community_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_revision_community_id_number")),
    )
    op.create_table(
        "area_lineage",
        sa.Column("area_id", sa.String(length=36), nullable=False),
        sa.Column("other_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("revision_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("kind IN ('split_from', 'merged_into')", name=op.f("ck_area_lineage_kind")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_lineage_area_id_area")),
        sa.ForeignKeyConstraint(["other_id"], ["area.id"], name=op.f("fk_area_lineage_other_id_area")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_area_lineage_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_lineage")),
    )
    op.create_index(op.f("ix_area_lineage_area_id"), "area_lineage", ["area_id"], unique=False)
    op.create_index(op.f("ix_area_lineage_other_id"), "area_lineage", ["other_id"], unique=False)
    op.create_index(op.f("ix_area_lineage_revision_id"), "area_lineage", ["revision_id"], unique=False)
    dialect = op.get_bind().dialect.name
    op.execute(_view(dialect))
    if dialect == "sqlite":
        op.execute(_REGISTER)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM views_geometry_columns WHERE view_name = 'current_grid'")
    op.execute("DROP VIEW current_grid")
    op.drop_table("area_lineage")
    op.drop_table("revision")
    op.drop_table("placement")
    op.drop_table("cell_membership")
    op.drop_table("cell_lineage")
    op.drop_table("audit_entry")
    op.drop_table("api_token")
    op.drop_table("unit_cell")
    op.drop_table("community_state")
    op.drop_table("area_parent")
    op.drop_table("area_outline")
    op.drop_table("area_name")
    op.drop_table("account")
    op.drop_table("worker")
    op.drop_table("area")
