"""People."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resident",
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("residence_status", sa.String(length=20), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("lived_from", sa.Date(), nullable=False),
        sa.Column("lived_to", sa.Date(), nullable=True),
        sa.Column("external_key", sa.String(length=64), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "consent IN ('granted', 'refused', 'withdrawn', 'statutory_duty')",
            name=op.f("ck_resident_consent"),
        ),
        sa.CheckConstraint(
            "residence_status IN ('registered_here', 'resident', 'floating', 'absent')",
            name=op.f("ck_resident_residence_status"),
        ),
        sa.CheckConstraint("sex IN ('f', 'm')", name=op.f("ck_resident_sex")),
        sa.CheckConstraint("lived_to IS NULL OR lived_to > lived_from", name=op.f("ck_resident_lived")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_resident_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("external_key", name=op.f("uq_resident_external_key")),
    )
    op.create_index("ix_resident_birth", "resident", ["birth_date"], unique=False)
    op.create_index(op.f("ix_resident_household_id"), "resident", ["household_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("household_id", sa.String(length=36), nullable=True),
        sa.Column("resident_id", sa.String(length=36), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "status IN ('granted', 'refused', 'withdrawn', 'statutory_duty')", name=op.f("ck_consent_status")
        ),
        sa.CheckConstraint(
            "(household_id IS NULL) <> (resident_id IS NULL)", name=op.f("ck_consent_one_subject")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["worker.id"], name=op.f("fk_consent_asked_by_worker")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_consent_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_consent_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_household_id"), "consent", ["household_id"], unique=False)
    op.create_index(op.f("ix_consent_resident_id"), "consent", ["resident_id"], unique=False)
    op.create_table(
        "need",
        sa.Column("resident_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("legal_basis", sa.String(length=120), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_need_interval")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_need_resident_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
    )
    op.create_index(op.f("ix_need_resident_id"), "need", ["resident_id"], unique=False)


def downgrade() -> None:
    op.drop_table("need")
    op.drop_table("consent")
    op.drop_table("resident")
