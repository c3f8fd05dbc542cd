"""Forms, records with their photos, rules of tasks, rounds and outward forms; a purpose of their own."""

from collections.abc import Callable

from alembic import op

from gisgrid.storage.migrations.initial.table import NewTable
from gisgrid.storage.migrations.later import forms, growth, purposes, records, work

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_SUBJECTS: tuple[Callable[[], list[NewTable]], ...] = (
    *(forms.forms, forms.outward),
    *(work.rules, work.rounds),
    records.records,
)
"""A table comes after those that it points to."""


def upgrade() -> None:
    purposes.add_purpose()
    for tables in _SUBJECTS:
        for table in tables():
            table.create()
    growth.create_triggers()


def downgrade() -> None:
    for tables in reversed(_SUBJECTS):
        for table in reversed(tables()):
            op.drop_table(table.name)
    growth.drop_functions()
    purposes.remove_purpose()
