"""Time limits become rules with versions, which cases keep; communities have working days of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_RULES = {
    "small": ('{"days": 1, "at": "06:00"}', '{"amount": 60, "unit": "continuous_hour"}'),
    "big": ('{"amount": 1440, "unit": "continuous_hour"}', '{"days": 1, "at": "00:00"}'),
    "hard": ('{"amount": 10080, "unit": "continuous_hour"}', '{"amount": 4320, "unit": "continuous_hour"}'),
    "emergency": ('{"amount": 120, "unit": "continuous_hour"}', '{"amount": 5, "unit": "continuous_hour"}'),
}
"""The standard rules, by which cases fell due until now: deadline and target."""


def upgrade() -> None:
    op.create_table(
        "limit_version",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_limit_version_number")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["area.id"], name=op.f("fk_limit_version_community_id_area")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_limit_version_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_version")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_limit_version_community_id_number")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_work", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["area.id"], name=op.f("fk_calendar_day_community_id_area")
        ),
        sa.PrimaryKeyConstraint("community_id", "day", name=op.f("pk_calendar_day")),
    )
    for column in _columns():
        op.add_column("case_file", column)
    # One statement on both databases: SQLite can add a column with its key, but no key later.
    op.execute(
        "ALTER TABLE case_file ADD COLUMN limit_version_id VARCHAR(36) "
        "CONSTRAINT fk_case_file_limit_version_id_limit_version REFERENCES limit_version (id)"
    )
    op.create_index("ix_case_escalates", "case_file", ["community_id", "escalates_at"])
    for severity, (deadline, target) in _RULES.items():
        _keep(f'{{"deadline": {deadline}, "target": {target}}}', f"severity = '{severity}'")
    _keep('{"deadline": null, "target": null}', "external_number IS NOT NULL")
    # What they have reached of their time was told before, or never will be.
    op.execute(
        "UPDATE case_file SET escalates_at = reported_at, escalated = -1 WHERE due_at IS NOT NULL "
        "AND state NOT IN ('closed', 'rated', 'rejected', 'void')"
    )


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("target_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_limit", sa.JSON(), nullable=True),
        sa.Column("escalates_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated", sa.Integer(), server_default="0", nullable=False),
    ]


def _keep(rule: str, where: str) -> None:
    value = f"'{rule}'" if op.get_bind().dialect.name == "sqlite" else f"CAST('{rule}' AS JSON)"
    op.execute(f"UPDATE case_file SET time_limit = {value} WHERE due_at IS NOT NULL AND {where}")  # noqa: S608


def downgrade() -> None:
    op.drop_index("ix_case_escalates", "case_file")
    op.drop_column("case_file", "limit_version_id")
    for column in reversed(_columns()):
        op.drop_column("case_file", column.name)
    op.drop_table("calendar_day")
    op.drop_table("limit_version")
