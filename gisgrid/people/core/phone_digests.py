"""The blind index of residents' phones: the same number is known again without a phone being opened.

Whoever writes a resident's phone writes this too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.access.masks import STAR
from gisgrid.errors import MissingPart
from gisgrid.people.core.models import Resident

_PURPOSE: Final = "resident phone"
_LONGEST_NATIONAL: Final = 12
_AT_ONCE: Final = 500


def phone_digits(phone: str) -> str:
    """A number as it is dialled here: digits alone, without 86 in front.

    >>> phone_digits("+86 199-0000-0000")
    '19900000000'
    """
    digits = re.sub(r"\D", "", phone)
    return digits.removeprefix("86") if len(digits) > _LONGEST_NATIONAL else digits


def phone_digests(session: Session) -> Digests:
    """The digests of phones with the keys of a session's database."""
    return Digests(key_ring(session), _PURPOSE)


def phone_digest(digests: Digests, phone: str | None) -> str | None:
    """The blind index of a phone; nothing without a digit in it, or where some are masked."""
    digits = phone_digits(phone) if phone and STAR not in phone else ""
    return digests.current([digits]) if digits else None


def same_phone(digests: Digests, phone: str) -> list[str]:
    """Every digest under which a phone may stand, by each key."""
    digits = phone_digits(phone)
    return digests.every([digits]) if digits else []


def fill_phone_digests(session: Session, after: str) -> str | None:
    """Write the blind index of the next residents by id whose phone has none, or one of an older key.

    A phone whose key is lost keeps what it has. Gives the last id that was looked at, nothing at the end.
    """
    current = f"#{key_ring(session).current}:"
    is_old = func.substr(Resident.phone_digest, 1, len(current)) != current
    statement = (
        select(Resident.id)
        .where(Resident.id > after, Resident.phone.is_not(None))
        .where(or_(Resident.phone_digest.is_(None), is_old))
        .order_by(Resident.id)
        .limit(_AT_ONCE)
        .with_for_update()
    )
    ids, digests = session.scalars(statement).all(), phone_digests(session)
    for person in _opened(session, ids):
        person.phone_digest = phone_digest(digests, person.phone)
    session.flush()
    return ids[-1] if ids else None


def _opened(session: Session, ids: Sequence[str]) -> Sequence[Resident]:
    """Residents by id; where one doesn't open, each by itself, without those that don't."""
    statement = select(Resident).where(Resident.id.in_(ids))
    try:
        return session.scalars(statement).all()
    except MissingPart:
        if len(ids) == 1:
            return []
        return [person for person_id in ids for person in _opened(session, [person_id])]


def fill_every_phone_digest(session: Session) -> None:
    """Write every blind index that is missing, as a revision leaves it, and take away that of no phone.

    A revision has no key, and a restored backup may come from before there was one, or without its phones.
    """
    stale = Resident.phone.is_(None) & Resident.phone_digest.is_not(None)
    forget = update(Resident).where(stale).values(phone_digest=None)
    session.execute(forget.execution_options(synchronize_session="fetch"))
    last: str | None = ""
    while last is not None:
        last = fill_phone_digests(session, last)
