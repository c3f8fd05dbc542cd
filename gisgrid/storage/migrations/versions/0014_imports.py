"""Imports are kept with what they changed; households, facilities and workers get what files tell of them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None

_KINDS = "('owned', 'rented', 'collective', 'vacant')"
_ANSWERS = "('granted', 'refused', 'withdrawn', 'statutory_duty')"
_ANSWERS_OR_NONE = "('granted', 'refused', 'withdrawn', 'statutory_duty', 'not_asked')"


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("community_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("operator", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_import_run_community_id_area")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_import_run_account_id_account")
        ),
        sa.ForeignKeyConstraint(["undone_by"], ["account.id"], name=op.f("fk_import_run_undone_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    for column in ("community_id", "account_id", "at", "undone_by"):
        op.create_index(op.f(f"ix_import_run_{column}"), "import_run", [column])
    op.create_table(
        "import_change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("object_kind", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_run.id"], name=op.f("fk_import_change_import_id_import_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
    )
    for column in ("import_id", "object_id"):
        op.create_index(op.f(f"ix_import_change_{column}"), "import_change", [column])
    # One statement on both databases: SQLite can add a column with its check, but no constraint later.
    op.execute(
        "ALTER TABLE household ADD COLUMN kind VARCHAR(20) "
        f"CONSTRAINT ck_household_kind CHECK (kind IS NULL OR kind IN {_KINDS})"
    )
    op.add_column("household", sa.Column("contact", sa.LargeBinary(), nullable=True))
    op.add_column("facility", sa.Column("code", sa.String(length=60), nullable=True))
    op.create_index("uq_facility_code", "facility", ["community_id", "code"], unique=True)
    op.add_column("worker", sa.Column("code", sa.String(length=60), nullable=True))
    op.create_index(op.f("ix_worker_code"), "worker", ["code"])
    _answers(_ANSWERS_OR_NONE)


def downgrade() -> None:
    # Without the word for it, who was not asked counts as refused: nothing of them is shown then.
    op.execute("UPDATE resident SET consent = 'refused' WHERE consent = 'not_asked'")
    _answers(_ANSWERS)
    op.drop_index(op.f("ix_worker_code"), "worker")
    op.drop_column("worker", "code")
    op.drop_index("uq_facility_code", "facility")
    op.drop_column("facility", "code")
    op.drop_column("household", "contact")
    op.drop_column("household", "kind")
    op.drop_table("import_change")
    op.drop_table("import_run")


def _answers(words: str) -> None:
    """Let a resident's consent be one of these words."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_resident_consent"), "resident", type_="check")
        op.create_check_constraint(op.f("ck_resident_consent"), "resident", f"consent IN {words}")
        return
    # SQLite can't alter a check: the table is made anew by its own words and filled again. Rows that refer
    # to it find theirs again before the transaction ends.
    op.execute("PRAGMA defer_foreign_keys = ON")
    made = _sql("type = 'table' AND name = 'resident'")
    indexes = _sql("type = 'index' AND tbl_name = 'resident' AND sql IS NOT NULL")
    op.execute("CREATE TABLE resident_kept AS SELECT * FROM resident")
    op.drop_table("resident")
    known = next(one for one in (_ANSWERS_OR_NONE, _ANSWERS) if f"consent IN {one}" in made[0])
    op.execute(made[0].replace(f"consent IN {known}", f"consent IN {words}"))
    op.execute("INSERT INTO resident SELECT * FROM resident_kept")
    for index in indexes:
        op.execute(index)
    op.execute("DROP TABLE resident_kept")


def _sql(where: str) -> list[str]:
    found = op.get_bind().execute(sa.text(f"SELECT sql FROM sqlite_master WHERE {where} ORDER BY name"))  # noqa: S608
    return [row[0] for row in found]
