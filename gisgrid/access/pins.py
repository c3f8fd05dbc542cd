"""The PIN with which grid members and stewards open what the own phone remembers, between two passwords.

It is worth nothing elsewhere: it only opens a session that this phone keeps signed, and five wrong tries
end all sessions of the account.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor, owner_of
from gisgrid.access.audit import record
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.access.models import Account, Role
from gisgrid.access.passwords import hash_password, matches
from gisgrid.access.sessions import LoginSession, runs
from gisgrid.errors import Conflict, Fault, InvalidInput, NotAllowed
from gisgrid.storage.engine import Database

TRIES: Final = 5
_PURPOSE: Final = "pin version"
_PIN: Final = re.compile(r"[0-9]{8,12}")
_HOLDERS: Final = frozenset({Role.MEMBER, Role.STEWARD})
"""Roles that work with a phone of their own."""


def set_pin(database: Database, actor: Actor, pin: str, again: str, *, now: datetime) -> None:
    """Give oneself a PIN, or another one.

    Raises
    ------
    NotAllowed
        The account is no grid member's or steward's, or was disabled in the meantime.
    InvalidInput
        The PIN isn't 8 to 12 figures, is one figure over and over or in a row, or was typed in two ways.
    """
    _refuse_others(actor)
    _check(pin, again)
    hashed = hash_password(pin)
    with database.write() as session:
        account = _account(session, actor)
        account.pin_hash, account.pin_failures = hashed, 0
        record(session, actor, "account:pin", "account", now=now, object_id=account.id, fields=("pin",))


def drop_pin(database: Database, actor: Actor, *, now: datetime) -> None:
    """Do without a PIN: phones no longer stay logged in.

    Raises
    ------
    NotAllowed
        The account is no grid member's or steward's, or was disabled in the meantime.
    """
    _refuse_others(actor)
    with database.write() as session:
        account = _account(session, actor)
        if account.pin_hash is not None:
            account.pin_hash, account.pin_failures = None, 0
            record(session, actor, "account:pin_drop", "account", now=now, object_id=account.id)


def may_have_pin(role: Role | None) -> bool:
    """Whether accounts of a role work with a phone of their own."""
    return role in _HOLDERS


def pin_version(session: Session, account_id: str) -> str | None:
    """A text that changes with the PIN of an account and tells nothing of it; nothing without a PIN."""
    stored = session.scalar(select(Account.pin_hash).where(Account.id == account_id))
    return Digests(key_ring(session), _PURPOSE).current([account_id, stored]) if stored else None


def has_pin(session: Session, account_id: str) -> bool:
    """Whether an account has a PIN."""
    return session.scalar(select(Account.pin_hash).where(Account.id == account_id)) is not None


def open_with_pin(database: Database, session_id: str, pin: str, *, now: datetime) -> bool:
    """Whether a remembered session may go on; the fifth wrong try in a row ends all sessions of its account.

    The slow hash is worked out before a short transaction, as at logging in. Tries take effect one after the
    other, as that holds the account: the right PIN counts only where fewer than five wrong ones came before
    it, and a try that isn't known to be wrong yet never counts as one. So many at once tell no more than one
    after the other would. Whatever ends the sessions sets the count to nothing, and so does a password.
    """
    with database.read() as session:
        stored = session.scalar(_opened_by_pin(session_id, now).with_only_columns(Account.pin_hash))
    if stored is None:
        return False
    is_right = matches(stored, pin)
    with database.write() as session:
        account = session.scalar(_opened_by_pin(session_id, now).with_for_update(of=Account))
        if account is None or account.pin_hash != stored:
            return False
        if is_right:
            account.pin_failures = 0
            record(session, owner_of(account), "login:pin", "account", now=now, object_id=account.id)
            return True
        account.pin_failures += 1
        if account.pin_failures >= TRIES:
            _end_all(session, account, now)
        return False


def _end_all(session: Session, account: Account, now: datetime) -> None:
    """End what every phone remembers of an account; the count begins anew."""
    account.session_version += 1
    account.pin_failures = 0
    record(session, owner_of(account), "login:pin_end", "account", now=now, object_id=account.id)


def _opened_by_pin(session_id: str, now: datetime) -> Select[Account]:
    """The account of a session that a PIN may open."""
    return (
        select(Account)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(
            LoginSession.id == session_id,
            runs(now),
            Account.role.in_(_HOLDERS),
            Account.pin_hash.is_not(None),
        )
    )


def _refuse_others(actor: Actor) -> None:
    if not may_have_pin(actor.role) or actor.account_id is None:
        raise NotAllowed("only grid members and stewards stay logged in on a phone")


def _account(session: Session, actor: Actor) -> Account:
    account = session.scalar(select(Account).where(Account.id == actor.account_id).with_for_update())
    if account is None or account.disabled_at is not None:
        raise NotAllowed("log in first")
    if not may_have_pin(Role(account.role)):
        raise Conflict("the role of this account has changed")
    return account


def _check(pin: str, again: str) -> None:
    faults = []
    if not _PIN.fullmatch(pin):
        faults.append(Fault(message="a PIN has 8 to 12 figures and nothing else", field="pin"))
    elif _is_plain(pin):
        faults.append(
            Fault(message="a PIN is not one figure over and over, and no figures in a row", field="pin")
        )
    if pin != again:
        faults.append(Fault(message="the PIN was typed in two different ways", field="pin_again"))
    if faults:
        raise InvalidInput(faults)


def _is_plain(pin: str) -> bool:
    steps = {int(second) - int(first) for first, second in pairwise(pin)}
    return len(steps) == 1 and steps <= {-1, 0, 1}
