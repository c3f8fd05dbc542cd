"""A check value tells a wrong key file before it writes; what was refused before this revision goes.

`gisgrid db upgrade` seals the check value. Names and phones under a refusal were hidden until now: they are
emptied, and forgotten where an import noted what was there before.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.errors import MissingPart

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_NO = ("refused", "withdrawn")
_RESIDENT = sa.table(
    "resident", *map(sa.column, ("id", "household_id", "name", "phone", "consent", "erased_at"))
)
_HOUSEHOLD = sa.table("household", *map(sa.column, ("id", "consent", "contact")))
_CONSENT = sa.table(
    "consent", *map(sa.column, ("id", "household_id", "resident_id", "purpose", "status", "asked_at"))
)
_CHANGE = sa.table("import_change", sa.column("object_id"), sa.column("before", sa.LargeBinary()))


def upgrade() -> None:
    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_key_check_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_check")),
    )
    person, home = _RESIDENT.c, _HOUSEHOLD.c
    refusing = sa.select(home.id).where(home.consent.in_(_NO))
    unregistered = person.consent.in_(_NO) | person.household_id.in_(refusing)
    uncalled = person.household_id.in_(_said_no("household_id")) | person.id.in_(_said_no("resident_id"))
    quiet = home.consent.in_(_NO) | home.id.in_(_said_no("household_id"))
    _forget(sa.select(person.id).where(unregistered | uncalled))
    _forget(sa.select(home.id).where(quiet))
    answer = sa.select(home.consent).where(home.id == person.household_id).scalar_subquery()
    of_all = person.erased_at.is_(None) & person.consent.not_in(_NO) & person.household_id.in_(refusing)
    op.execute(_RESIDENT.update().where(of_all).values(consent=answer))
    held = person.name.is_not(None) | person.phone.is_not(None)
    op.execute(_RESIDENT.update().where(held, unregistered).values(name=None, phone=None))
    op.execute(_RESIDENT.update().where(person.phone.is_not(None), uncalled).values(phone=None))
    op.execute(_HOUSEHOLD.update().where(home.contact.is_not(None), quiet).values(contact=None))


def downgrade() -> None:
    op.drop_table("key_check")  # what was refused stays gone


def _said_no(subject: str) -> sa.Select[Any]:
    """Households or people whose last answer to being called is a no."""
    said, later = _CONSENT.alias("said"), _CONSENT.alias("later")
    is_later = (later.c.asked_at > said.c.asked_at) | (
        (later.c.asked_at == said.c.asked_at) & (later.c.id > said.c.id)
    )
    another = sa.exists().where(later.c[subject] == said.c[subject], later.c.purpose == "contact", is_later)
    last = (said.c[subject].is_not(None), said.c.purpose == "contact", said.c.status.in_(_NO), ~another)
    return sa.select(said.c[subject]).where(*last)


def _forget(ids: sa.Select[Any]) -> None:
    """Let nothing be known of what some objects were before imports."""
    bind = op.get_bind()
    noted = (_CHANGE.c.before.is_not(None), _CHANGE.c.object_id.in_(ids))
    if bind.scalar(sa.select(sa.func.count()).select_from(_CHANGE).where(*noted)):
        nothing = _ring(bind).encrypt("", "import_change.before")
        bind.execute(_CHANGE.update().where(*noted).values(before=nothing))


def _ring(bind: sa.Connection) -> Any:
    """The keys that the database was opened with (`gisgrid.access.keys.encryption`)."""
    keys = getattr(bind.dialect, "gisgrid_keys", None)
    if keys is None:
        raise MissingPart("the database was opened without its key file")
    return keys.ring() if callable(getattr(keys, "ring", None)) else keys
