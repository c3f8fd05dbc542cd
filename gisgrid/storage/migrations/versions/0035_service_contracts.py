"""Contracts by which organisations serve people at home, and the purpose these are asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_TABLE, _TEXTS = "service_contract", "consent_text"
_SERVICES = "('meals', 'cleaning', 'bathing', 'medical', 'company', 'other')"
_NEW = "contracted_services"
_BEFORE = "('registration', 'contact', 'elder_visits', 'sensitive_needs')"
_AFTER = f"('registration', 'contact', 'elder_visits', 'sensitive_needs', '{_NEW}')"


def upgrade() -> None:
    _allow_purposes(_AFTER)
    op.create_table(
        _TABLE,
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("resident_id", sa.String(length=36), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(f"service IN {_SERVICES}", name=op.f("ck_service_contract_service")),
        sa.CheckConstraint(
            "until_day IS NULL OR until_day >= from_day", name=op.f("ck_service_contract_days")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{_TABLE}_{column}_{other}"))
            for column, other in (
                ("account_id", "account"),
                ("resident_id", "resident"),
                ("made_by", "account"),
                ("ended_by", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_contract")),
    )
    for column in ("account_id", "resident_id"):
        op.create_index(op.f(f"ix_service_contract_{column}"), _TABLE, [column])


def downgrade() -> None:
    op.drop_table(_TABLE)
    # Answers to the purpose stay: they are not read before. Its texts can't.
    texts = sa.table(_TEXTS, sa.column("purpose"))
    op.execute(texts.delete().where(texts.c.purpose == _NEW))
    _allow_purposes(_BEFORE)


def _allow_purposes(purposes: str) -> None:
    """Say anew which purposes texts may be about; SQLite needs the table to be written anew for it."""
    name, rule = op.f("ck_consent_text_purpose"), f"purpose IN {purposes}"
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table(_TEXTS, copy_from=_texts(name, rule), recreate="always"):
            return
    op.drop_constraint(name, _TEXTS, type_="check")
    op.create_check_constraint(name, _TEXTS, rule)


def _texts(name: str, rule: str) -> sa.Table:
    return sa.Table(
        _TEXTS,
        sa.MetaData(),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(rule, name=name),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_consent_text_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("purpose", "version", name=op.f("uq_consent_text_purpose_version")),
    )
