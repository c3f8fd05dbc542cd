"""An id of the installation, drawn once, so that cases born here are known by it in lists of other houses."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_TABLE = "installation"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10


def upgrade() -> None:
    made = op.create_table(
        _TABLE,
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_installation")),
    )
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    op.execute(made.insert().values(code=code))


def downgrade() -> None:
    op.drop_table(_TABLE)
