"""Who visits which resident, from when to when."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = "('worker', 'volunteer', 'organisation')"
_TABLE = "assigned_visitor"
_OPEN = sa.text("valid_to IS NULL")


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("resident_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("worker_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("agree_with_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_assigned_visitor_kind")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_assigned_visitor_interval")
        ),
        sa.CheckConstraint(
            "(kind = 'worker') = (worker_id IS NOT NULL)", name=op.f("ck_assigned_visitor_worker")
        ),
        sa.CheckConstraint(
            "(worker_id IS NULL) <> (name IS NULL)", name=op.f("ck_assigned_visitor_one_visitor")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_assigned_visitor_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["worker.id"], name=op.f("fk_assigned_visitor_worker_id_worker")
        ),
        sa.ForeignKeyConstraint(
            ["agree_with_id"], ["worker.id"], name=op.f("fk_assigned_visitor_agree_with_id_worker")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_assigned_visitor_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assigned_visitor")),
    )
    for column in ("resident_id", "worker_id", "agree_with_id"):
        op.create_index(op.f(f"ix_assigned_visitor_{column}"), _TABLE, [column])
    op.create_index(
        "uq_assigned_visitor_open",
        _TABLE,
        ["resident_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
