"""Accounts: making and ending them, their passwords and roles, and the built-in account ``local``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, func, select, update
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.logins import LoggedIn, count_failure, is_locked, usable_hash
from gisgrid.access.models import Account, AccountScope, ApiToken, Role
from gisgrid.access.passwords import check_password, hash_password, matches, password_faults
from gisgrid.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, say
from gisgrid.storage.engine import Database

LOCAL_NAME: Final = "local"
ORGANISATIONS: Final = frozenset({Role.PROPERTY, Role.ORG})
"""Roles of property companies and social organisations."""
_LONGEST_NAME: Final = 100
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to be made. ``area_id`` and ``household_id`` limit what it sees, beside its duties.

    ``organisation``: the name of the property company or social organisation it stands for.
    ``may_instruct``: of a leader, who is a party to what is escalated to the subdistrict.
    """

    name: str
    role: Role
    password_hash: str | None = None
    worker_id: str | None = None
    area_id: str | None = None
    household_id: str | None = None
    organisation: str | None = None
    may_instruct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """What somebody types to change their own password: the old one, and the new one twice."""

    old: str
    new: str
    again: str


def create_account(session: Session, actor: Actor, command: NewAccount, *, now: datetime) -> Account:
    """Make an account that can log in once it has a password.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    InvalidInput
        The name is not made of a-z, 0-9, ``_ . -``, or the role is the command line's own; an organisation's
        name is too long, or given to somebody who is none; the right to instruct is given to no leader.
    Conflict
        An account of that name exists, disabled or not.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    _check_new(command)
    if find_account(session, command.name) is not None:
        raise Conflict("an account of that name exists")
    account = Account(
        name=command.name,
        role=command.role,
        worker_id=command.worker_id,
        password_hash=command.password_hash,
        organisation=named(command.role, command.organisation),
        may_instruct=command.may_instruct,
        created_at=now,
    )
    session.add(account)
    session.flush()
    _add_scopes(session, account.id, command)
    record(
        session, actor, "account:create", "account", now=now, object_id=account.id, fields=("name", "role")
    )
    return account


def _check_new(command: NewAccount) -> None:
    faults = []
    if not _NAME.fullmatch(command.name):
        faults.append(
            Fault(message="a name is made of a-z, 0-9 and _ . -, up to 80 characters", field="name")
        )
    if command.role == Role.LOCAL:
        faults.append(Fault(message="this role belongs to the command line alone", field="role"))
    if command.may_instruct and command.role != Role.LEADER:
        faults.append(Fault(message="only a leader can have the right to instruct", field="instruct"))
    if faults:
        raise InvalidInput(faults)


def named(role: Role, organisation: str | None) -> str | None:
    """The name of the organisation an account stands for, trimmed; nothing where it has none.

    Raises
    ------
    InvalidInput
        It is too long, or the role is not that of a property company or a social organisation.
    """
    name = (organisation or "").strip()
    if name and role not in ORGANISATIONS:
        message = say("only a property company or a social organisation has a name of an organisation")
        raise InvalidInput(message, field="organisation")
    if len(name) > _LONGEST_NAME:
        message = say("the name of an organisation has at most {most} characters", most=_LONGEST_NAME)
        raise InvalidInput(message, field="organisation")
    return name or None


def _add_scopes(session: Session, account_id: str, command: NewAccount) -> None:
    if command.area_id:
        session.add(AccountScope(account_id=account_id, area_id=command.area_id))
    if command.household_id:
        session.add(AccountScope(account_id=account_id, household_id=command.household_id))


def find_account(session: Session, name: str) -> Account | None:
    """The account of a name, disabled or not."""
    return session.scalar(select(Account).where(Account.name == name))


def organisation_name() -> ColumnElement[str]:
    """What an organisation is called: its name, or that of its account where nobody has given it one."""
    return func.coalesce(Account.organisation, Account.name)


def organisation_of(session: Session, actor: Actor) -> str | None:
    """The name of the organisation the actor stands for; nothing for everybody else."""
    if actor.role not in ORGANISATIONS:
        return None
    return session.scalar(select(Account.organisation).where(Account.id == actor.account_id))


def disable_account(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """End an account: its sessions and tokens end for good. Doing it twice changes nothing.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is no account of that name, or it is the built-in one.
    """
    account = managed_account(session, actor, name)
    if account.disabled_at is None:
        account.disabled_at = now
        account.session_version += 1
        forget_pin(account)
        end_tokens(session, actor, account, now=now)
        record(session, actor, "account:disable", "account", now=now, object_id=account.id)


def set_password(session: Session, actor: Actor, name: str, password: str, *, now: datetime) -> None:
    """Give an account a new password, which ends all its sessions and tokens and any lock.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is no account of that name, or it is the built-in one.
    InvalidInput
        The password is too short, too long or the account's name.
    """
    account = managed_account(session, actor, name)
    check_password(password, account_name=account.name)
    _replace_password(session, actor, account, hash_password(password), now=now)


def _replace_password(
    session: Session, actor: Actor, account: Account, password_hash: str, *, now: datetime
) -> None:
    account.password_hash, account.must_change_password = password_hash, False
    forget_pin(account)
    end_tokens(session, actor, account, now=now)
    account.session_version += 1
    account.failed_logins, account.locked_until = 0, None
    record(session, actor, "account:password", "account", now=now, object_id=account.id, fields=("password",))


def change_own_password(
    database: Database, actor: Actor, change: PasswordChange, *, now: datetime
) -> LoggedIn:
    """Give oneself a new password, which ends all sessions and tokens; the answer begins a new session.

    The slow hashes are worked out between two short transactions, as at logging in. A wrong old password
    counts like a failed login, so that a session left open is no way round the lock.

    Raises
    ------
    NotAllowed
        Nobody is logged in, or the account was disabled in the meantime.
    InvalidInput
        The new password won't do, was typed in two ways or is the old one; the old one is wrong.
    """
    _check_change(change, actor.name)
    with database.read() as session:
        stored = session.scalar(usable_hash(now).where(Account.id == actor.account_id))
    fresh = hash_password(change.new) if matches(stored, change.old) else None
    with database.write() as session:
        account = session.scalar(select(Account).where(Account.id == actor.account_id).with_for_update())
        if account is None or account.role == Role.LOCAL or account.disabled_at is not None:
            raise NotAllowed("log in first")
        if fresh and account.password_hash == stored and not is_locked(account, now):
            _replace_password(session, actor, account, fresh, now=now)
            return LoggedIn(
                account_id=account.id, role=Role(account.role), session_version=account.session_version
            )
        count_failure(session, account, now)
    raise InvalidInput("the old password is wrong, or the account is locked for a while", field="old")


def _check_change(change: PasswordChange, name: str) -> None:
    faults = password_faults(change.new, account_name=name)
    if change.new == change.old:
        faults.append(Fault(message="the new password is the old one", field="password"))
    if change.new != change.again:
        faults.append(Fault(message="the new password was typed in two different ways", field="again"))
    if faults:
        raise InvalidInput(faults)


def set_role(session: Session, actor: Actor, name: str, role: Role, *, now: datetime) -> None:
    """Give an account another role, which ends all its sessions and tokens.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is no account of that name, or it is the built-in one.
    InvalidInput
        The role is the command line's own.
    """
    account = managed_account(session, actor, name)
    _check_new(NewAccount(name=account.name, role=role))
    before, account.role = account.role, role.value
    if role not in ORGANISATIONS:
        account.organisation = None
    if role != Role.LEADER:
        account.may_instruct = False
    account.session_version += 1
    forget_pin(account)
    end_tokens(session, actor, account, now=now)
    record(
        session,
        actor,
        "account:role",
        "account",
        now=now,
        object_id=account.id,
        fields=("role",),
        change={"role": (before, role.value)},
    )


def forget_pin(account: Account) -> None:
    """Take the PIN from an account: what a phone remembered ends with the password or role it was for."""
    account.pin_hash, account.pin_failures = None, 0


def end_tokens(session: Session, actor: Actor, account: Account, *, now: datetime) -> None:
    """End every token of an account for good: what it was made under no longer holds."""
    running = update(ApiToken).where(ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None))
    ended = session.execute(running.values(revoked_at=now).execution_options(synchronize_session="fetch"))
    if count := cast("CursorResult[Any]", ended).rowcount:
        record(session, actor, "token:revoke", "account", now=now, object_id=account.id, count=count)


def managed_account(session: Session, actor: Actor, name: str) -> Account:
    """An account to be managed, by its name.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is no account of that name, or it is the built-in one.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    account = find_account(session, name)
    if account is None or account.role == Role.LOCAL:
        raise NotFound("there is no account of that name")
    return account


def has_local_account(session: Session) -> bool:
    """Whether the built-in account of the command line is there."""
    return session.scalar(select(Account.id).where(Account.role == Role.LOCAL)) is not None


def ensure_local_account(session: Session, *, now: datetime) -> Account:
    """The built-in account of the command line, made once. It has no password and cannot log in."""
    account = session.scalar(select(Account).where(Account.role == Role.LOCAL))
    if account is None:
        account = Account(name=LOCAL_NAME, role=Role.LOCAL, created_at=now)
        session.add(account)
        session.flush()
    return account
