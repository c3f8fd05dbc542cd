"""Many PINs at once: no more than five are looked at, and nobody is shut out for good."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from gisgrid.access.accounts import NewAccount, create_account, set_password
from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.logins import authenticate
from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.access.passwords import matches
from gisgrid.access.pins import TRIES, open_with_pin, set_pin
from gisgrid.access.sessions import account_of_session, begin_session
from gisgrid.storage.engine import Database

LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")
PASSWORD, PIN, WRONG = "a long enough one", "402917", "000001"
AT_ONCE = 12


def with_pin(database: Database, now: datetime) -> str:
    """A session of a member who has a PIN."""
    with database.write() as session:
        account = create_account(session, LOCAL, NewAccount(name="member", role=Role.MEMBER), now=now)
        set_password(session, LOCAL, "member", PASSWORD, now=now)
        actor = load_actor(session, account.id, now=now)
    assert actor
    set_pin(database, actor, PIN, PIN, now=now)
    return logged_in(database, now)


def logged_in(database: Database, now: datetime) -> str:
    found = authenticate(database, "member", PASSWORD, now=now)
    assert found
    with database.write() as session:
        return begin_session(session, found, until=now + timedelta(days=30), now=now)


def at_once(database: Database, own: str, pins: list[str], now: datetime) -> list[bool]:
    """What each of several threads gets that try a PIN at the same moment."""
    begin = threading.Barrier(len(pins))

    def guess(pin: str) -> bool:
        begin.wait()
        return open_with_pin(database, own, pin, now=now)

    with ThreadPoolExecutor(len(pins)) as pool:
        return list(pool.map(guess, pins))


def test_many_wrong_pins_at_once_end_the_sessions_and_leave_the_pin_as_good_as_ever(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def seen(stored: str | None, pin: str) -> bool:
        looked_at.append(pin)
        return matches(stored, pin)

    own, other = with_pin(database, now), logged_in(database, now)
    monkeypatch.setattr("gisgrid.access.pins.matches", seen)
    assert not any(at_once(database, own, [WRONG] * AT_ONCE, now))
    assert len(looked_at) <= TRIES
    with database.read() as session:
        assert account_of_session(session, own, now=now) is None
        assert account_of_session(session, other, now=now) is None
        assert session.scalar(select(Account.pin_failures).where(Account.name == "member")) == 0
        ended = select(func.count()).where(AuditEntry.action == "login:pin_end")
        assert session.scalar(ended) == 1
    again = logged_in(database, now)
    for _time in range(TRIES + 2):
        assert open_with_pin(database, again, PIN, now=now)
    with database.read() as session:
        assert account_of_session(session, again, now=now)


def test_right_pins_at_once_all_open(database: Database, now: datetime) -> None:
    own = with_pin(database, now)
    assert all(at_once(database, own, [PIN] * TRIES, now))
    assert open_with_pin(database, own, PIN, now=now)
