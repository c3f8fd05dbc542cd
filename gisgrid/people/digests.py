"""Digests by which imports know persons again, made anew with the key of today."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.people.core.models import Resident
from gisgrid.people.imports import PURPOSE, digest_parts

_AT_ONCE: Final = 500


def renew_digests(session: Session, after: str) -> str | None:
    """Renew those of the next residents by id; the last id that was looked at, nothing at the end.

    A digest of what a person was called before can't be made anew and keeps its key.
    """
    digests = Digests(key_ring(session), PURPOSE)
    current = f"#{key_ring(session).current}:"
    old = (
        Resident.external_key.startswith("#"),
        func.substr(Resident.external_key, 1, len(current)) != current,
    )
    statement = select(Resident).where(Resident.id > after, *old).order_by(Resident.id).limit(_AT_ONCE)
    last = None
    for person in session.scalars(statement.with_for_update()):
        last = person.id
        if person.name is None or person.birth_date is None or person.external_key is None:
            continue
        parts = digest_parts(person.household_id, person.name, person.birth_date)
        if digests.is_of(person.external_key, parts):
            person.external_key = digests.current(parts)
    session.flush()
    return last
