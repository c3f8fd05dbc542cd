"""Logging in by name and password, with a lock that grows with every further wrong try.

An unknown account, a wrong password, a locked and a disabled account give the same answer at the same cost.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import owner_of
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Role
from gisgrid.access.passwords import hash_password, matches, needs_rehash
from gisgrid.storage.engine import Database

FREE_TRIES: Final = 5
_FIRST_LOCK: Final = timedelta(minutes=1)
_LONGEST_LOCK: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """An account that has proved its password; a session belongs to one ``session_version``."""

    account_id: str
    role: Role
    session_version: int
    must_change: bool = False


def lock_duration(failed_logins: int) -> timedelta | None:
    """How long so many wrong tries in a row lock an account: not at all, then 1, 2, 4 … 30 minutes."""
    beyond = failed_logins - FREE_TRIES
    if beyond < 0:
        return None
    lock = _FIRST_LOCK * float(2 ** min(beyond, 10))
    return min(lock, _LONGEST_LOCK)


def authenticate(
    database: Database, name: str, password: str, *, now: datetime, known: Collection[str] = ()
) -> LoggedIn | None:
    """The account that a name and a password open, or nothing.

    The slow hash is worked out between two short transactions, so that nobody can hold the database's one
    writer by trying passwords. While an account is locked not even the right password opens it,
    but for the accounts ``known`` (ids) to the caller's browser: their tries the caller limits itself, and
    a lock made by strangers stays as it is.
    """
    with database.read() as session:
        stored = session.scalar(usable_hash(now, known).where(Account.name == name))
    is_right = matches(stored, password)
    fresh = hash_password(password) if is_right and stored and needs_rehash(stored) else None
    with database.write() as session:
        account = session.scalar(select(Account).where(Account.name == name).with_for_update())
        if account is None or account.role == Role.LOCAL:
            return None
        is_shut = is_locked(account, now) and account.id not in known
        if not is_right or account.password_hash != stored or is_shut:
            if account.id not in known:
                count_failure(session, account, now)
            return None
        account.password_hash = fresh or account.password_hash
        if not is_locked(account, now):
            account.failed_logins, account.locked_until = 0, None
        account.pin_failures = 0
        return _admit(session, account, now)


def usable_hash(now: datetime, known: Collection[str] = ()) -> Select[str | None]:
    """The stored hash of accounts that may be tried now; narrow it to one account."""
    is_open = Account.locked_until.is_(None) | (Account.locked_until <= now) | Account.id.in_(known)
    return select(Account.password_hash).where(
        Account.role != Role.LOCAL, Account.disabled_at.is_(None), is_open
    )


def is_locked(account: Account, now: datetime) -> bool:
    """Whether wrong tries have shut an account for the moment."""
    return account.locked_until is not None and account.locked_until > now


def count_failure(session: Session, account: Account, now: datetime) -> None:
    """Note a wrong try; the fifth in a row and those after it lock the account."""
    if is_locked(account, now):
        return  # a locked account's tries don't make its lock longer: nobody shall be shut out for ever
    account.failed_logins += 1
    lock = lock_duration(account.failed_logins)
    if lock is not None:
        account.locked_until = now + lock
        record(session, owner_of(account), "login:lock", "account", now=now, object_id=account.id)


def _admit(session: Session, account: Account, now: datetime) -> LoggedIn:
    record(session, owner_of(account), "login", "account", now=now, object_id=account.id)
    return LoggedIn(
        account_id=account.id,
        role=Role(account.role),
        session_version=account.session_version,
        must_change=account.must_change_password,
    )
