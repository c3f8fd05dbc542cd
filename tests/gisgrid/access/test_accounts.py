"""Accounts: who may make them, how logging in answers, when a lock falls, what ends a session or a token."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.accounts import (
    NewAccount,
    PasswordChange,
    change_own_password,
    create_account,
    disable_account,
    ensure_local_account,
    set_password,
    set_role,
)
from gisgrid.access.actors import Actor, load_actor, local_actor
from gisgrid.access.administration import enable_account, give_password
from gisgrid.access.logins import (
    FREE_TRIES,
    LoggedIn,
    authenticate,
    lock_duration,
)
from gisgrid.access.models import Account, ApiToken, AuditEntry, Role
from gisgrid.access.passwords import hash_password, matches
from gisgrid.access.sessions import account_of_session, begin_session
from gisgrid.access.tokens import ALL, create_token, revoke_token, verify_token
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests.conftest import NOW

PASSWORD = "a long enough one"
LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")


def make(database: Database, now: datetime, name: str = "staff", role: Role = Role.STAFF) -> str:
    with database.write() as session:
        account = create_account(session, LOCAL, NewAccount(name=name, role=role), now=now)
        set_password(session, LOCAL, name, PASSWORD, now=now)
        return account.id


def fail(database: Database, now: datetime, times: int, name: str = "staff") -> None:
    for _ in range(times):
        assert authenticate(database, name, "wrong", now=now) is None


def test_the_right_password_logs_in(database: Database, now: datetime) -> None:
    account_id = make(database, now)
    found = authenticate(database, "staff", PASSWORD, now=now)
    assert found == LoggedIn(account_id=account_id, role=Role.STAFF, session_version=2)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMIN, Role.LOCAL}])
def test_only_administrators_and_the_command_line_manage_accounts(
    spatialite: Database, now: datetime, role: Role
) -> None:
    actor = Actor(role=role)
    with spatialite.write() as session:
        for refused in (
            lambda: create_account(session, actor, NewAccount(name="x", role=Role.STAFF), now=now),
            lambda: disable_account(session, actor, "x", now=now),
            lambda: set_password(session, actor, "x", PASSWORD, now=now),
            lambda: set_role(session, actor, "x", Role.HEAD, now=now),
            lambda: create_token(session, actor, "x", now=now),
            lambda: revoke_token(session, actor, "x", now=now),
        ):
            with pytest.raises(NotAllowed):
                refused()


def test_the_command_lines_account_cannot_log_in(database: Database, now: datetime) -> None:
    with database.write() as session:
        account = ensure_local_account(session, now=now)
        account.password_hash = hash_password(PASSWORD)
        assert ensure_local_account(session, now=now).id == account.id
    assert authenticate(database, "local", PASSWORD, now=now) is None
    with database.write() as session:
        assert local_actor(session, "tester").account_id == account.id
        with pytest.raises(NotFound):
            set_password(session, LOCAL, "local", PASSWORD, now=now)
        with pytest.raises(NotFound):
            create_token(session, LOCAL, "local", now=now)
        with pytest.raises(InvalidInput):
            create_account(session, LOCAL, NewAccount(name="two", role=Role.LOCAL), now=now)


def test_a_lock_falls_after_five_wrong_tries_and_even_the_right_password_waits(
    database: Database, now: datetime
) -> None:
    make(database, now)
    fail(database, now, FREE_TRIES)
    assert authenticate(database, "staff", PASSWORD, now=now + timedelta(seconds=59)) is None
    assert authenticate(database, "staff", PASSWORD, now=now + timedelta(seconds=61)) is not None


def test_the_lock_grows_with_every_further_wrong_try(database: Database, now: datetime) -> None:
    make(database, now)
    fail(database, now, FREE_TRIES)
    later = now + timedelta(seconds=61)
    fail(database, later, 1)
    assert authenticate(database, "staff", PASSWORD, now=later + timedelta(seconds=61)) is None
    assert authenticate(database, "staff", PASSWORD, now=later + timedelta(seconds=121)) is not None


def test_tries_during_a_lock_do_not_make_it_longer(database: Database, now: datetime) -> None:
    make(database, now)
    fail(database, now, 4 * FREE_TRIES)
    assert authenticate(database, "staff", PASSWORD, now=now + timedelta(seconds=61)) is not None


def test_a_login_forgets_earlier_wrong_tries(database: Database, now: datetime) -> None:
    make(database, now)
    fail(database, now, FREE_TRIES - 1)
    assert authenticate(database, "staff", PASSWORD, now=now) is not None
    fail(database, now, FREE_TRIES - 1)
    assert authenticate(database, "staff", PASSWORD, now=now) is not None


@given(st.integers(0, 10_000))
def test_locks_never_shrink_and_end_at_half_an_hour(failed: int) -> None:
    none = timedelta(0)
    assert (lock_duration(failed) or none) <= (lock_duration(failed + 1) or none) <= timedelta(minutes=30)
    assert (lock_duration(failed) is None) == (failed < FREE_TRIES)


def test_an_unknown_account_costs_as_much_as_a_wrong_password() -> None:
    stored = hash_password(PASSWORD)

    def cost(value: str | None) -> float:
        runs = []
        for _ in range(5):
            start = time.process_time()
            assert not matches(value, "wrong")
            runs.append(time.process_time() - start)
        return min(runs)

    assert cost(None) > cost(stored) / 3


def test_no_password_opens_the_hash_of_nobody() -> None:
    assert not matches(None, "")
    assert not matches("", "")


def test_a_disabled_account_neither_logs_in_nor_keeps_its_session_or_token(
    database: Database, now: datetime
) -> None:
    make(database, now)
    own = begun(database, now)
    with database.write() as session:
        token = create_token(session, LOCAL, "staff", now=now)
        assert account_of_session(session, own, now=now)
        disable_account(session, LOCAL, "staff", now=now)
        disable_account(session, LOCAL, "staff", now=now)
    assert authenticate(database, "staff", PASSWORD, now=now) is None
    with database.read() as session:
        assert account_of_session(session, own, now=now) is None
        assert verify_token(session, token, now=now) is None


def test_change_of_password_or_role_ends_all_sessions(database: Database, now: datetime) -> None:
    account_id = make(database, now)
    for change in (
        lambda session: set_password(session, LOCAL, "staff", "another long one", now=now),
        lambda session: set_role(session, LOCAL, "staff", Role.HEAD, now=now),
    ):
        own = begun(database, now)
        with database.write() as session:
            assert account_of_session(session, own, now=now) == account_id
            change(session)
            assert account_of_session(session, own, now=now) is None


OTHER = "another long one"


def own_change(database: Database, now: datetime) -> None:
    with database.read() as session:
        account = session.scalars(select(Account).where(Account.name == "staff")).one()
        actor = load_actor(session, account.id, now=now)
    assert actor
    change_own_password(database, actor, PasswordChange(old=PASSWORD, new=OTHER, again=OTHER), now=now)


def within(change: Callable[[Session], object]) -> Callable[[Database, datetime], None]:
    def run(database: Database, _now: datetime) -> None:
        with database.write() as session:
            change(session)

    return run


ENDS = {
    "own password": own_change,
    "password": within(lambda session: set_password(session, LOCAL, "staff", OTHER, now=NOW)),
    "one-time password": within(lambda session: give_password(session, LOCAL, "staff", now=NOW)),
    "role": within(lambda session: set_role(session, LOCAL, "staff", Role.HEAD, now=NOW)),
    "disable": within(lambda session: disable_account(session, LOCAL, "staff", now=NOW)),
}


@pytest.mark.parametrize("way", ENDS)
def test_tokens_end_with_what_they_were_made_under_and_stay_dead(
    database: Database, now: datetime, way: str
) -> None:
    make(database, now)
    make(database, now, name="other")
    with database.write() as session:
        tokens = [create_token(session, LOCAL, "staff", now=now) for _number in range(2)]
        others = create_token(session, LOCAL, "other", now=now)
    ENDS[way](database, now)
    with database.write() as session:
        enable_account(session, LOCAL, "staff", now=now)
    with database.read() as session:
        assert [verify_token(session, token, now=now) for token in tokens] == [None, None]
        assert verify_token(session, others, now=now)
        ended = session.scalars(select(AuditEntry).where(AuditEntry.action == "token:revoke")).one()
        assert ended.count == 2
    with database.write() as session:
        fresh = create_token(session, LOCAL, "staff", now=now)
        assert verify_token(session, fresh, now=now)


def begun(database: Database, now: datetime) -> str:
    """A session of the account as it stands."""
    with database.write() as session:
        account = session.scalars(select(Account).where(Account.name == "staff")).one()
        found = LoggedIn(
            account_id=account.id, role=Role(account.role), session_version=account.session_version
        )
        return begin_session(session, found, until=now + timedelta(hours=12), now=now)


def test_a_new_password_lifts_a_lock(database: Database, now: datetime) -> None:
    make(database, now)
    fail(database, now, FREE_TRIES)
    with database.write() as session:
        set_password(session, LOCAL, "staff", PASSWORD, now=now)
    assert authenticate(database, "staff", PASSWORD, now=now) is not None


@pytest.mark.parametrize("password", ["short", "x" * 257, "staff-staff"[:5], "ffats"])
def test_poor_passwords_are_refused(spatialite: Database, now: datetime, password: str) -> None:
    make(spatialite, now)
    with spatialite.write() as session, pytest.raises(InvalidInput):
        set_password(session, LOCAL, "staff", password, now=now)


@pytest.mark.parametrize("name", ["", "Staff", "网格员", "a b", "../x", "x" * 81])
def test_names_are_plain(spatialite: Database, now: datetime, name: str) -> None:
    with spatialite.write() as session, pytest.raises(InvalidInput):
        create_account(session, LOCAL, NewAccount(name=name, role=Role.STAFF), now=now)


def test_a_name_is_taken_once(database: Database, now: datetime) -> None:
    make(database, now)
    with database.write() as session, pytest.raises(Conflict):
        create_account(session, LOCAL, NewAccount(name="staff", role=Role.HEAD), now=now)


def test_a_token_works_until_it_expires_or_is_revoked(database: Database, now: datetime) -> None:
    account_id = make(database, now)
    with database.write() as session:
        token = create_token(session, LOCAL, "staff", now=now, days=1)
    with database.write() as session:
        assert verify_token(session, token, now=now) == (account_id, ALL)
        assert verify_token(session, token + "x", now=now) is None
        assert verify_token(session, token, now=now + timedelta(days=1)) is None
        revoke_token(session, LOCAL, session.scalars(select(ApiToken.id)).one(), now=now)
    with database.read() as session:
        assert verify_token(session, token, now=now) is None


def test_the_database_holds_neither_password_nor_token(database: Database, now: datetime) -> None:
    make(database, now)
    with database.write() as session:
        token = create_token(session, LOCAL, "staff", now=now)
    with database.read() as session:
        assert token not in session.scalars(select(ApiToken.digest)).one()
        assert PASSWORD not in str(session.scalars(select(Account.password_hash)).one())


def test_every_step_leaves_an_audit_entry(database: Database, now: datetime) -> None:
    make(database, now)
    fail(database, now, FREE_TRIES)
    with database.write() as session:
        create_token(session, LOCAL, "staff", now=now)
        set_role(session, LOCAL, "staff", Role.HEAD, now=now)
        disable_account(session, LOCAL, "staff", now=now)
    with database.read() as session:
        rows = session.execute(select(AuditEntry.action, func.count()).group_by(AuditEntry.action))
        counted = {row[0]: row[1] for row in rows}
    assert counted == dict.fromkeys(
        [
            "account:create",
            "account:password",
            "login:lock",
            "token:create",
            "token:revoke",
            "account:role",
            "account:disable",
        ],
        1,
    )
