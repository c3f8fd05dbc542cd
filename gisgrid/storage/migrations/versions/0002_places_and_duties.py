"""Places and duties."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compound",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_compound_area_id_area")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_compound_community_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compound")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_compound_community_id_name")),
    )
    op.create_table(
        "landscape",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326), nullable=False),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("kind IN ('water', 'green')", name=op.f("ck_landscape_kind")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_landscape_community_id_area")),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_landscape")),
        sa.UniqueConstraint("id", name=op.f("uq_landscape_id")),
    )
    op.create_index(op.f("ix_landscape_community_id"), "landscape", ["community_id"], unique=False)
    op.create_table(
        "street",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=True),
        sa.Column("tunnel", sa.Boolean(), nullable=False),
        sa.Column("bridge", sa.Boolean(), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326), nullable=False),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_street_community_id_area")),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_street")),
        sa.UniqueConstraint("id", name=op.f("uq_street_id")),
    )
    op.create_index(op.f("ix_street_community_id"), "street", ["community_id"], unique=False)
    op.create_table(
        "building",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=True),
        sa.Column("compound_id", sa.String(length=36), nullable=True),
        sa.Column("floors", sa.Integer(), nullable=True),
        sa.Column("built_year", sa.Integer(), nullable=True),
        sa.Column("condition", sa.String(length=1), nullable=True),
        sa.Column("has_lift", sa.Boolean(), nullable=True),
        sa.Column("dwellings", sa.Integer(), nullable=True),
        sa.Column("footprint", Geometry("GEOMETRY", srid=4326), nullable=False),
        sa.Column("cell_id", sa.String(length=36), nullable=True),
        sa.Column("search_text", sa.String(length=200), nullable=False),
        sa.Column("search_pinyin", sa.String(length=600), nullable=False),
        sa.Column("search_initials", sa.String(length=120), nullable=False),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "condition IS NULL OR condition IN ('A', 'B', 'C', 'D')", name=op.f("ck_building_condition")
        ),
        sa.CheckConstraint("dwellings IS NULL OR dwellings >= 0", name=op.f("ck_building_dwellings")),
        sa.CheckConstraint("floors IS NULL OR floors > 0", name=op.f("ck_building_floors")),
        sa.ForeignKeyConstraint(["cell_id"], ["unit_cell.id"], name=op.f("fk_building_cell_id_unit_cell")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_building_community_id_area")),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compound.id"], name=op.f("fk_building_compound_id_compound")
        ),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_building")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_building_community_id_code")),
        sa.UniqueConstraint("id", name=op.f("uq_building_id")),
    )
    op.create_index(op.f("ix_building_cell_id"), "building", ["cell_id"], unique=False)
    op.create_index(op.f("ix_building_compound_id"), "building", ["compound_id"], unique=False)
    op.create_index("ix_building_search", "building", ["community_id", "search_text"], unique=False)
    op.create_table(
        "facility",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("office_phone", sa.String(length=40), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("floor_area_m2", sa.Double(), nullable=True),
        sa.Column("position", Geometry("POINT", srid=4326), nullable=False),
        sa.Column("cell_id", sa.String(length=36), nullable=True),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "type IN ('service_center', 'service_station', 'volunteer_point', 'home_care_station', 'red_post')",
            name=op.f("ck_facility_type"),
        ),
        sa.ForeignKeyConstraint(["cell_id"], ["unit_cell.id"], name=op.f("fk_facility_cell_id_unit_cell")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_facility_community_id_area")),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_facility")),
        sa.UniqueConstraint("id", name=op.f("uq_facility_id")),
    )
    op.create_index(op.f("ix_facility_cell_id"), "facility", ["cell_id"], unique=False)
    op.create_index(op.f("ix_facility_community_id"), "facility", ["community_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("worker_id", sa.String(length=36), nullable=False),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("building_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('grid_member', 'grid_leader', 'grid_supervisor', 'community_police', 'party_cadre', 'building_steward', 'specialist')",
            name=op.f("ck_duty_kind"),
        ),
        sa.CheckConstraint("(area_id IS NULL) <> (building_id IS NULL)", name=op.f("ck_duty_one_subject")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_duty_interval")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_duty_area_id_area")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_duty_building_id_building")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_duty_worker_id_worker")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_area_id"), "duty", ["area_id"], unique=False)
    op.create_index(op.f("ix_duty_building_id"), "duty", ["building_id"], unique=False)
    op.create_index(op.f("ix_duty_worker_id"), "duty", ["worker_id"], unique=False)
    op.create_index(
        "uq_duty_primary_member",
        "duty",
        ["area_id"],
        unique=True,
        sqlite_where=sa.text("is_primary AND kind = 'grid_member' AND valid_to IS NULL"),
        postgresql_where=sa.text("is_primary AND kind = 'grid_member' AND valid_to IS NULL"),
    )
    op.create_table(
        "household",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("building_id", sa.String(length=36), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("room", sa.String(length=20), nullable=True),
        sa.Column("std_address", sa.String(length=200), nullable=False),
        sa.Column("position", Geometry("POINT", srid=4326), nullable=True),
        sa.Column("cell_id", sa.String(length=36), nullable=True),
        sa.Column("consent", sa.String(length=20), nullable=True),
        sa.Column("lived_from", sa.Date(), nullable=False),
        sa.Column("lived_to", sa.Date(), nullable=True),
        sa.Column("last_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "consent IS NULL OR consent IN ('granted', 'refused', 'withdrawn', 'statutory_duty')",
            name=op.f("ck_household_consent"),
        ),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_household_building_id_building")
        ),
        sa.ForeignKeyConstraint(["cell_id"], ["unit_cell.id"], name=op.f("fk_household_cell_id_unit_cell")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_household_community_id_area")),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_household")),
        sa.UniqueConstraint(
            "community_id", "std_address", name=op.f("uq_household_community_id_std_address")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_household_id")),
    )
    op.create_index(op.f("ix_household_building_id"), "household", ["building_id"], unique=False)
    op.create_index(op.f("ix_household_cell_id"), "household", ["cell_id"], unique=False)
    op.create_table(
        "account_scope",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("household_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "(area_id IS NULL) <> (household_id IS NULL)", name=op.f("ck_account_scope_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_scope_account_id_account")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_account_scope_area_id_area")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_account_scope_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_scope")),
    )
    op.create_index(op.f("ix_account_scope_account_id"), "account_scope", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_table("account_scope")
    op.drop_table("household")
    op.drop_table("duty")
    op.drop_table("facility")
    op.drop_table("building")
    op.drop_table("street")
    op.drop_table("landscape")
    op.drop_table("compound")
