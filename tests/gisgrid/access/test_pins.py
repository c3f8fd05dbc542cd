"""Many PINs at once take effect one after the other, and nobody is shut out for good."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
PASSWORD, PIN, WRONG = "a long enough one", "40291736", "00000001"
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


def state_of(database: Database, own: str, now: datetime) -> tuple[bool, int, int]:
    """Whether a session runs, how many wrong tries stand against its account, how often all were ended."""
    with database.read() as session:
        runs = account_of_session(session, own, now=now) is not None
        failures = session.scalars(select(Account.pin_failures).where(Account.name == "member")).one()
        ended = select(func.count()).where(AuditEntry.action == "login:pin_end")
        return runs, failures, session.scalar(ended) or 0


def test_many_wrong_pins_at_once_end_the_sessions_and_leave_the_pin_as_good_as_ever(
    database: Database, now: datetime
) -> None:
    own, other = with_pin(database, now), logged_in(database, now)
    assert not any(at_once(database, own, [WRONG] * AT_ONCE, now))
    assert state_of(database, own, now) == state_of(database, other, now) == (False, 0, 1)
    again = logged_in(database, now)
    for _time in range(TRIES + 2):
        assert open_with_pin(database, again, PIN, now=now)
    assert state_of(database, again, now)[0]


def test_right_pins_at_once_all_open(database: Database, now: datetime) -> None:
    own = with_pin(database, now)
    assert all(at_once(database, own, [PIN] * AT_ONCE, now))
    assert open_with_pin(database, own, PIN, now=now)


@pytest.mark.parametrize("arrived", ["first", "last"])
def test_a_right_pin_beside_four_wrong_ones_ends_nothing(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, arrived: str
) -> None:
    """The right one is still being looked at when the four wrong ones are known to be wrong; or all wait."""
    own = with_pin(database, now)
    wrong_known, all_begun = threading.Semaphore(0), threading.Barrier(TRIES)

    def slow(stored: str | None, pin: str) -> bool:
        all_begun.wait(timeout=30)
        if pin == PIN and arrived == "last":
            for _wrong in range(TRIES - 1):
                assert wrong_known.acquire(timeout=30)
        return matches(stored, pin)

    def guess(pin: str) -> bool:
        found = open_with_pin(database, own, pin, now=now)
        wrong_known.release()
        return found

    with monkeypatch.context() as patch, ThreadPoolExecutor(TRIES) as pool:
        patch.setattr("gisgrid.access.pins.matches", slow)
        found = list(pool.map(guess, [PIN, *[WRONG] * (TRIES - 1)]))
    assert found == [True, *[False] * (TRIES - 1)]
    runs, failures, ended = state_of(database, own, now)
    assert (runs, ended) == (True, 0)
    assert failures == 0 if arrived == "last" else failures < TRIES
    assert open_with_pin(database, own, PIN, now=now)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(pins=st.lists(st.sampled_from([PIN, WRONG]), min_size=2, max_size=10))
def test_any_pins_at_once_are_some_order_of_the_same_one_by_one(database: Database, pins: list[str]) -> None:
    """Fewer than five wrong ones end nothing; whatever opened, opened before the fifth wrong one in a row."""
    now = datetime(2026, 11, 24, 2, tzinfo=UTC)
    with database.write() as session:
        is_new = session.scalar(select(Account.id).where(Account.name == "member")) is None
    own = with_pin(database, now) if is_new else logged_in(database, now)
    before = state_of(database, own, now)
    assert before[:2] == (True, 0)
    opened = at_once(database, own, pins, now)
    assert not any(is_open for pin, is_open in zip(pins, opened, strict=True) if pin == WRONG)
    runs, failures, ended = state_of(database, own, now)
    wrong, right = pins.count(WRONG), pins.count(PIN)
    assert ended - before[2] in (0, 1)
    assert runs == (ended == before[2])
    assert failures < TRIES
    if wrong < TRIES:
        assert runs
        assert opened.count(True) == right
    if not right:
        assert runs == (wrong < TRIES)
        assert failures == (wrong if runs else 0)
    if not runs:  # the count began anew, and nothing opened afterwards
        assert failures == 0
        assert not open_with_pin(database, own, PIN, now=now)
