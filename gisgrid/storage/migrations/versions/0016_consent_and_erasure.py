"""Texts of consent, requests with mediation, erasure; the audit trail and answers can only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

_PURPOSES = "('registration', 'contact', 'elder_visits', 'sensitive_needs')"
_STATES = "('open', 'mediating', 'cooling', 'granted', 'ended')"
_OUTCOMES = "('not_met', 'undecided', 'mediation', 'refused', 'withdrawn', 'granted')"
_MEDIATORS = (
    "('neighbour', 'relative', 'building_steward', 'party_member', 'committee', 'property', 'police')"
)
_ERASURES = "('asked', 'done', 'taken_back', 'declined')"
_BANDS = "('0-13', '14-17', '18-59', '60-64', '65-69', '70-79', '80+')"
_RUNNING = sa.text("closed_at IS NULL")
_GROWING = ("audit_entry", "consent")


def _id(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=36), nullable=nullable)


def _points_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    _texts()
    _requests()
    _erasures()
    op.add_column("resident", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    _let_birth_dates_go()
    for table in _GROWING:
        _only_grows(table)


def downgrade() -> None:
    for table in _GROWING:
        _may_shrink(table)
    # An erased person has no birth date and had to have one: nothing else can stand there.
    op.execute("UPDATE resident SET birth_date = '1900-01-01' WHERE birth_date IS NULL")
    _ask_for_birth_dates()
    op.drop_column("resident", "erased_at")
    for table in ("erased_count", "erasure_request", "data_request_step", "data_request", "consent_text"):
        op.drop_table(table)


def _texts() -> None:
    op.create_table(
        "consent_text",
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        _id("account_id"),
        _id("id", nullable=False),
        sa.CheckConstraint(f"purpose IN {_PURPOSES}", name=op.f("ck_consent_text_purpose")),
        _points_to("consent_text", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("purpose", "version", name=op.f("uq_consent_text_purpose_version")),
    )


def _requests() -> None:
    op.create_table(
        "data_request",
        _id("household_id", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        _id("opened_by"),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("ask_again_from", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _id("id", nullable=False),
        sa.CheckConstraint(f"state IN {_STATES}", name=op.f("ck_data_request_state")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_data_request_attempts")),
        _points_to("data_request", "household_id", "household"),
        _points_to("data_request", "opened_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    op.create_index(op.f("ix_data_request_household_id"), "data_request", ["household_id"])
    op.create_index(
        "uq_data_request_running",
        "data_request",
        ["household_id"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.create_table(
        "data_request_step",
        _id("request_id", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _id("account_id"),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("mediator_kind", sa.String(length=20), nullable=True),
        sa.Column("mediator", sa.LargeBinary(), nullable=True),
        _id("id", nullable=False),
        sa.CheckConstraint(f"outcome IN {_OUTCOMES}", name=op.f("ck_data_request_step_outcome")),
        sa.CheckConstraint(f"mediator_kind IN {_MEDIATORS}", name=op.f("ck_data_request_step_mediator_kind")),
        _points_to("data_request_step", "request_id", "data_request"),
        _points_to("data_request_step", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request_step")),
    )
    op.create_index(op.f("ix_data_request_step_request_id"), "data_request_step", ["request_id"])


def _erasures() -> None:
    op.create_table(
        "erasure_request",
        _id("community_id", nullable=False),
        _id("household_id", nullable=False),
        _id("resident_id"),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        _id("asked_by"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _id("decided_by"),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        _id("id", nullable=False),
        sa.CheckConstraint(f"state IN {_ERASURES}", name=op.f("ck_erasure_request_state")),
        _points_to("erasure_request", "community_id", "area"),
        _points_to("erasure_request", "household_id", "household"),
        _points_to("erasure_request", "resident_id", "resident"),
        _points_to("erasure_request", "asked_by", "account"),
        _points_to("erasure_request", "decided_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
    )
    for column in ("community_id", "household_id"):
        op.create_index(op.f(f"ix_erasure_request_{column}"), "erasure_request", [column])
    op.create_table(
        "erased_count",
        _id("area_id", nullable=False),
        sa.Column("age_band", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_erased_count_count")),
        sa.CheckConstraint(f"age_band IN {_BANDS}", name=op.f("ck_erased_count_age_band")),
        _points_to("erased_count", "area_id", "area"),
        sa.PrimaryKeyConstraint("area_id", "age_band", name=op.f("pk_erased_count")),
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _let_birth_dates_go() -> None:
    if _is_sqlite():
        _another_column("DATE")
    else:
        op.alter_column("resident", "birth_date", nullable=True)


def _ask_for_birth_dates() -> None:
    if _is_sqlite():
        _another_column("DATE DEFAULT '1900-01-01' NOT NULL")
    else:
        op.alter_column("resident", "birth_date", nullable=False)


def _another_column(kind: str) -> None:
    """SQLite can't alter a column: another one takes its name and its values."""
    op.drop_index("ix_resident_birth", "resident")
    op.execute(f"ALTER TABLE resident ADD COLUMN born {kind}")
    op.execute("UPDATE resident SET born = birth_date")
    op.execute("ALTER TABLE resident DROP COLUMN birth_date")
    op.execute("ALTER TABLE resident RENAME COLUMN born TO birth_date")
    op.create_index("ix_resident_birth", "resident", ["birth_date"])


def _only_grows(table: str) -> None:
    """No row is changed or deleted; a sealed reason may be sealed anew by another key, never taken out."""
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
    sealed = [name for name in columns if name == "reason"]
    plain = ", ".join(name for name in columns if name not in sealed)
    if _is_sqlite():
        _refuse_on_sqlite(table, plain, sealed)
    else:
        _refuse_on_postgres(table, plain, sealed)


def _refuse_on_sqlite(table: str, plain: str, sealed: list[str]) -> None:
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refusal}")
    op.execute(f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {plain} ON {table} {refusal}")
    for name in sealed:
        lost = f"WHEN (OLD.{name} IS NULL) <> (NEW.{name} IS NULL)"
        op.execute(f"CREATE TRIGGER {table}_sealed BEFORE UPDATE OF {name} ON {table} {lost} {refusal}")


def _refuse_on_postgres(table: str, plain: str, sealed: list[str]) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} only grows' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    refusal = f"EXECUTE FUNCTION {table}_only_grows()"
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {refusal}")
    op.execute(f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refusal}")
    op.execute(f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {plain} ON {table} FOR EACH ROW {refusal}")
    for name in sealed:
        lost = f"WHEN ((OLD.{name} IS NULL) <> (NEW.{name} IS NULL))"
        on = f"BEFORE UPDATE OF {name} ON {table} FOR EACH ROW"
        op.execute(f"CREATE TRIGGER {table}_sealed {on} {lost} {refusal}")


def _may_shrink(table: str) -> None:
    names = [f"{table}_kept", f"{table}_fixed"]
    names += [f"{table}_sealed"] if table == "audit_entry" else []
    if _is_sqlite():
        for name in names:
            op.execute(f"DROP TRIGGER {name}")
        return
    for name in (*names, f"{table}_emptied"):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(f"DROP FUNCTION {table}_only_grows()")
