"""Approvals of outward forms wait until somebody decides; runs say for which area and month they were.

Both tables are made anew: nothing wrote them before.
"""

from alembic import op

from gisgrid.storage.migrations.initial.table import NewTable
from gisgrid.storage.migrations.later import forms, outward

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew(outward.approvals_and_runs())


def downgrade() -> None:
    _make_anew([table for table in forms.outward() if table.name in outward.CHANGED])


def _make_anew(tables: list[NewTable]) -> None:
    for table in tables:
        op.drop_table(table.name)
        table.create()
