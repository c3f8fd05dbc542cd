"""Disputes beside their cases, the log of their pipeline, mediators, grades and follow-up days."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None

_ID = sa.String(length=36)
_STAGES = "'clue', 'sorted', 'mediating', 'follow_up', 'closed', 'merged'"
_STEPS = "'note', 'sort', 'grade', 'merge', 'ask', 'meet', 'agree', 'fail', 'visit', 'resume', 'close'"


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=True),
        sa.Column("mediator_id", _ID, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("planned", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("sessions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("follow_ups", sa.Integer(), server_default="0", nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=True),
        sa.Column("merged_into_id", _ID, nullable=True),
        sa.Column("parties", sa.LargeBinary(), nullable=True),
        sa.Column("agreement", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(f"stage IN ({_STAGES})", name=op.f("ck_dispute_stage")),
        sa.CheckConstraint("grade IN ('general', 'complex', 'major')", name=op.f("ck_dispute_grade")),
        sa.CheckConstraint(
            "outcome IN ('agreed', 'court', 'higher', 'police', 'withdrawn')", name=op.f("ck_dispute_outcome")
        ),
        sa.CheckConstraint(
            "(stage = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_dispute_merged")
        ),
        sa.CheckConstraint(
            "stage NOT IN ('follow_up', 'closed') OR outcome IS NOT NULL",
            name=op.f("ck_dispute_settled_with_outcome"),
        ),
        sa.CheckConstraint(
            "stage <> 'closed' OR follow_ups > 0", name=op.f("ck_dispute_closed_after_follow_up")
        ),
        _points_to("dispute", "case_id", "case_file"),
        _points_to("dispute", "mediator_id", "worker"),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["dispute.case_id"], name=op.f("fk_dispute_merged_into_id_dispute")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_mediator_id"), "dispute", ["mediator_id"])
    op.create_index(op.f("ix_dispute_merged_into_id"), "dispute", ["merged_into_id"])
    op.create_index("ix_dispute_follow_up", "dispute", ["follow_up_on"])
    op.create_table(
        "dispute_entry",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("from_stage", sa.String(length=20), nullable=False),
        sa.Column("to_stage", sa.String(length=20), nullable=False),
        sa.Column("details", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.Column("people", sa.LargeBinary(), nullable=True),
        sa.Column("id", _ID, nullable=False),
        sa.CheckConstraint(f"step IN ({_STEPS})", name=op.f("ck_dispute_entry_step")),
        _points_to("dispute_entry", "case_id", "case_file"),
        _points_to("dispute_entry", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_entry")),
    )
    op.create_index("ix_dispute_entry_case", "dispute_entry", ["case_id", "at"])
    op.create_table(
        "dispute_rules",
        sa.Column("community_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_dispute_rules_number")),
        _points_to("dispute_rules", "community_id", "area"),
        _points_to("dispute_rules", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_rules")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_dispute_rules_community_id_number")),
    )
    op.create_table(
        "mediator",
        sa.Column("worker_id", _ID, nullable=False),
        sa.Column("specialties", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("building_id", _ID, nullable=True),
        sa.Column("facility_id", _ID, nullable=True),
        sa.Column("is_resting", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("building_id IS NULL OR facility_id IS NULL", name=op.f("ck_mediator_one_place")),
        _points_to("mediator", "worker_id", "worker"),
        _points_to("mediator", "building_id", "building"),
        _points_to("mediator", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_mediator")),
    )
    op.create_index(op.f("ix_mediator_building_id"), "mediator", ["building_id"])
    op.create_index(op.f("ix_mediator_facility_id"), "mediator", ["facility_id"])
    # Confidential categories of the group of disputes are such from now on.
    category = sa.table(
        "category", sa.column("group"), sa.column("skill"), sa.column("is_confidential", sa.Boolean())
    )
    op.execute(
        category.update()
        .where(category.c.group == "矛盾纠纷", category.c.skill.is_(None), category.c.is_confidential)
        .values(skill="mediation")
    )


def downgrade() -> None:
    for table in ("mediator", "dispute_rules", "dispute_entry", "dispute"):
        op.drop_table(table)


def _points_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
