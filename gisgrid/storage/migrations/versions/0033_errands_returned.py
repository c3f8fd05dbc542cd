"""An organisation may return what it was asked, and an account tells which organisation it stands for."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

_ENDS = ("returned_at", "withdrawn_at")
_STEPS = ("asked", "withdrawn", "receipted", "finished", "returned")
_KINDS = [f"errand_{step}" for step in _STEPS]


def upgrade() -> None:
    op.add_column("case_errand", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("organisation", sa.String(length=100), nullable=True))


def downgrade() -> None:
    # Earlier an errand that isn't finished runs until it is taken back, and notices of errands have no words.
    errands, notices = (
        sa.table("case_errand", *map(sa.column, _ENDS)),
        sa.table("case_notice", sa.column("kind")),
    )
    ended = errands.c.returned_at.is_not(None)
    op.execute(errands.update().where(ended).values(withdrawn_at=errands.c.returned_at))
    op.execute(notices.delete().where(notices.c.kind.in_(_KINDS)))
    op.drop_column("account", "organisation")
    op.drop_column("case_errand", "returned_at")
