"""Changing one's own password: what ends, what is counted, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from gisgrid.access.accounts import (
    NewAccount,
    PasswordChange,
    change_own_password,
    create_account,
    disable_account,
    set_password,
)
from gisgrid.access.actors import NOBODY, Actor, load_actor
from gisgrid.access.logins import FREE_TRIES, LoggedIn, authenticate
from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.access.sessions import account_of_session, begin_session
from gisgrid.errors import InvalidInput, NotAllowed
from gisgrid.storage.engine import Database

LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")
OLD, NEW = "a long enough one", "another long one"
RIGHT = PasswordChange(old=OLD, new=NEW, again=NEW)


def somebody(database: Database, now: datetime) -> Actor:
    with database.write() as session:
        account = create_account(session, LOCAL, NewAccount(name="staff", role=Role.STAFF), now=now)
        set_password(session, LOCAL, "staff", OLD, now=now)
        actor = load_actor(session, account.id, now=now)
    assert actor
    return actor


def stored(database: Database, column: str) -> object:
    with database.read() as session:
        return session.scalar(select(getattr(Account, column)).where(Account.name == "staff"))


def faults_of(database: Database, actor: Actor, change: PasswordChange, now: datetime) -> set[str | None]:
    with pytest.raises(InvalidInput) as refused:
        change_own_password(database, actor, change, now=now)
    return {fault.field for fault in refused.value.faults}


def test_a_new_password_opens_and_the_old_one_does_not(database: Database, now: datetime) -> None:
    actor = somebody(database, now)
    change_own_password(database, actor, RIGHT, now=now)
    assert authenticate(database, "staff", OLD, now=now) is None
    assert authenticate(database, "staff", NEW, now=now) is not None


def test_a_new_password_ends_every_session_but_the_one_it_answers_with(
    database: Database, now: datetime
) -> None:
    actor = somebody(database, now)
    before = begun(database, authenticate(database, "staff", OLD, now=now), now)
    after = begun(database, change_own_password(database, actor, RIGHT, now=now), now)
    with database.read() as session:
        assert account_of_session(session, before, now=now) is None
        assert account_of_session(session, after, now=now) == actor.account_id


def begun(database: Database, found: LoggedIn | None, now: datetime) -> str:
    """A session of an account that has proved its password."""
    assert found
    with database.write() as session:
        return begin_session(session, found, until=now + timedelta(hours=12), now=now)


def test_the_change_is_in_the_audit_trail_without_the_password(database: Database, now: datetime) -> None:
    actor = somebody(database, now)
    change_own_password(database, actor, RIGHT, now=now)
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.account_id == actor.account_id)).one()
        assert (entry.action, entry.object_id, entry.fields) == (
            "account:password",
            actor.account_id,
            ["password"],
        )


def test_a_wrong_old_password_counts_like_a_failed_login(database: Database, now: datetime) -> None:
    actor = somebody(database, now)
    for tried in range(1, FREE_TRIES + 1):
        assert faults_of(database, actor, replace(RIGHT, old="wrong"), now) == {"old"}
        assert stored(database, "failed_logins") == tried
    assert stored(database, "locked_until") == now + timedelta(minutes=1)
    assert faults_of(database, actor, RIGHT, now) == {"old"}, "locked: not even the right one"
    later = now + timedelta(minutes=2)
    change_own_password(database, actor, RIGHT, now=later)
    assert (stored(database, "failed_logins"), stored(database, "locked_until")) == (0, None)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (PasswordChange(old=OLD, new="short", again="short"), {"password"}),
        (PasswordChange(old=OLD, new="staff", again="x"), {"password", "again"}),
        (PasswordChange(old=OLD, new=OLD, again=OLD), {"password"}),
        (PasswordChange(old=OLD, new=NEW, again=OLD), {"again"}),
        (PasswordChange(old="", new="", again=""), {"password"}),
        (PasswordChange(old=OLD, new="x" * 257, again="x" * 257), {"password"}),
    ],
)
def test_a_password_that_will_not_do_is_refused_before_the_old_one_is_tried(
    spatialite: Database, now: datetime, change: PasswordChange, fields: set[str]
) -> None:
    actor = somebody(spatialite, now)
    assert faults_of(spatialite, actor, change, now) == fields
    assert stored(spatialite, "failed_logins") == 0


def test_nobody_and_disabled_accounts_change_nothing(spatialite: Database, now: datetime) -> None:
    actor = somebody(spatialite, now)
    with spatialite.write() as session:
        disable_account(session, LOCAL, "staff", now=now)
    for who in (NOBODY, actor):
        with pytest.raises(NotAllowed):
            change_own_password(spatialite, who, RIGHT, now=now)
