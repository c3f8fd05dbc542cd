"""Every table at once: what the revisions up to this one had come to, on both databases.

Databases that came here step by step have the same tables. Those at an earlier revision can't come here any
more (``gisgrid.storage.migrate``).
"""

import secrets
from collections.abc import Callable

from alembic import op

from gisgrid.storage.migrations.initial import (
    accounts,
    appraisals,
    areas,
    cases,
    communities,
    people,
    places,
    plans,
    triggers,
)
from gisgrid.storage.migrations.initial.table import NewTable

revision = "0043"
down_revision = None
branch_labels = None
depends_on = None

_SUBJECTS: tuple[Callable[[], list[NewTable]], ...] = (
    *(accounts.accounts, accounts.logins),
    *(areas.areas, areas.outlines, areas.cells, areas.memberships, areas.revisions, areas.lineage),
    *(communities.norms, communities.rules),
    *(accounts.audit, accounts.backgrounds, accounts.imports),
    *(places.ground, places.buildings, places.households, places.facilities, places.duties),
    accounts.scopes,
    *(people.residents, people.visits, people.consents, people.requests, people.erasures),
    *(cases.categories, cases.cases, cases.steps, cases.referrals),
    *(cases.reports, cases.disputes, cases.webhooks),
    *(appraisals.marks, appraisals.appeals, appraisals.evaluations),
    *(plans.plans, plans.notes, plans.proposals),
)
"""A table comes after those that it points to."""
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10


def upgrade() -> None:
    for tables in _SUBJECTS:
        for table in tables():
            table.create()
    triggers.create_view()
    triggers.create_triggers()
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    op.execute(f"INSERT INTO installation (code) VALUES ('{code}')")  # noqa: S608 - drawn here


def downgrade() -> None:
    triggers.drop_view()
    for tables in reversed(_SUBJECTS):
        for table in reversed(tables()):
            op.drop_table(table.name)
    triggers.drop_triggers()
