"""An id of the installation, drawn once; and no counter of cases any more, since their numbers are drawn."""

import secrets
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_TABLE = "installation"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_COUNTER = "case_counter"
_COUNTED = 14
"""So many characters a number has at most that was counted: four digits behind the day, five in a flood."""


def upgrade() -> None:
    made = op.create_table(
        _TABLE,
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_installation")),
    )
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    op.execute(made.insert().values(code=code))
    op.drop_table(_COUNTER)


def downgrade() -> None:
    counter = op.create_table(
        _COUNTER,
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_case_counter")),
    )
    rows = [{"day": date.fromisoformat(day), "last": last} for day, last in _counted()]
    if rows:
        op.bulk_insert(counter, rows)
    op.drop_table(_TABLE)


def _counted() -> list[tuple[str, int]]:
    """The days of numbers that were counted, and the last one of each: counting goes on after it."""
    number = sa.column("number", sa.String)
    day, digits = sa.func.substr(number, 1, 8), sa.cast(sa.func.substr(number, 10), sa.Integer)
    of_day = sa.select(day, sa.func.max(digits)).select_from(sa.table("case_file", number))
    rows = op.get_bind().execute(of_day.where(sa.func.length(number) <= _COUNTED).group_by(day))
    return [(found, last) for found, last in rows]
