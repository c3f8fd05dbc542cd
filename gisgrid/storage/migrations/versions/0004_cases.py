"""Cases."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_counter",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_case_counter")),
    )
    op.create_table(
        "category",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=True),
        sa.Column("group", sa.String(length=60), nullable=False),
        sa.Column("is_confidential", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "severity IN ('small', 'big', 'hard', 'emergency')", name=op.f("ck_category_severity")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
        sa.UniqueConstraint("name", name=op.f("uq_category_name")),
    )
    op.create_table(
        "case_file",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("category_code", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_number", sa.String(length=80), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("building_id", sa.String(length=36), nullable=True),
        sa.Column("position", Geometry("POINT", srid=4326), nullable=True),
        sa.Column("datum", sa.String(length=10), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("cell_id", sa.String(length=36), nullable=True),
        sa.Column("is_on_border", sa.Boolean(), nullable=False),
        sa.Column("near_border_m", sa.Double(), nullable=True),
        sa.Column("reported_grid_id", sa.String(length=36), nullable=True),
        sa.Column("recorded_area", sa.String(length=120), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reporter_id", sa.String(length=36), nullable=True),
        sa.Column("handler_id", sa.String(length=36), nullable=True),
        sa.Column("reporter_contact", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "severity IN ('small', 'big', 'hard', 'emergency')", name=op.f("ck_case_file_severity")
        ),
        sa.CheckConstraint("state IN ('reported', 'handling', 'closed')", name=op.f("ck_case_file_state")),
        sa.CheckConstraint("accuracy_m IS NULL OR accuracy_m >= 0", name=op.f("ck_case_file_accuracy")),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_at >= reported_at", name=op.f("ck_case_file_closed_after_reported")
        ),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_case_file_building_id_building")
        ),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("fk_case_file_category_code_category")
        ),
        sa.ForeignKeyConstraint(["cell_id"], ["unit_cell.id"], name=op.f("fk_case_file_cell_id_unit_cell")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_case_file_community_id_area")),
        sa.ForeignKeyConstraint(["handler_id"], ["worker.id"], name=op.f("fk_case_file_handler_id_worker")),
        sa.ForeignKeyConstraint(
            ["reported_grid_id"], ["area.id"], name=op.f("fk_case_file_reported_grid_id_area")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["account.id"], name=op.f("fk_case_file_reporter_id_account")
        ),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_case_file")),
        sa.UniqueConstraint("id", name=op.f("uq_case_file_id")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
        sa.UniqueConstraint("receipt", name=op.f("uq_case_file_receipt")),
        sa.UniqueConstraint("source", "external_number", name=op.f("uq_case_file_source_external_number")),
    )
    op.create_index(op.f("ix_case_file_building_id"), "case_file", ["building_id"], unique=False)
    op.create_index(op.f("ix_case_file_category_code"), "case_file", ["category_code"], unique=False)
    op.create_index(op.f("ix_case_file_cell_id"), "case_file", ["cell_id"], unique=False)
    op.create_index(op.f("ix_case_file_handler_id"), "case_file", ["handler_id"], unique=False)
    op.create_index(op.f("ix_case_file_reporter_id"), "case_file", ["reporter_id"], unique=False)
    op.create_index("ix_case_reported", "case_file", ["community_id", "reported_at"], unique=False)
    op.create_index("ix_case_state", "case_file", ["community_id", "state"], unique=False)
    op.create_table(
        "case_log",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_case_log_account_id_account")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_log_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_log")),
    )
    op.create_index(op.f("ix_case_log_case_id"), "case_log", ["case_id"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("account_key", sa.String(length=40), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_idempotency_key_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("key", "account_key", name=op.f("pk_idempotency_key")),
    )


def downgrade() -> None:
    op.drop_table("idempotency_key")
    op.drop_table("case_log")
    op.drop_table("case_file")
    op.drop_table("category")
    op.drop_table("case_counter")
