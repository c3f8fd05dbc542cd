"""Notices of time limits keep whose level it was and its percent: levels are settings now."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_KINDS = (
    ("limit_75", "limit_owner", 75),
    ("limit_100", "limit_community", 100),
    ("limit_150", "limit_subdistrict", 150),
)


def upgrade() -> None:
    op.add_column("case_notice", sa.Column("percent", sa.Integer(), nullable=True))
    notices = _notices()
    for old, new, percent in _KINDS:
        op.execute(notices.update().where(notices.c.kind == old).values(kind=new, percent=percent))


def downgrade() -> None:
    # Percents other than these are forgotten; versions of rules keep theirs, which were not read before.
    notices = _notices()
    for old, new, _percent in _KINDS:
        op.execute(notices.update().where(notices.c.kind == new).values(kind=old))
    op.drop_column("case_notice", "percent")


def _notices() -> sa.TableClause:
    return sa.table("case_notice", sa.column("kind", sa.String), sa.column("percent", sa.Integer))
