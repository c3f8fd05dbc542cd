"""Accounts as an administrator manages them: the list, the card, one-time passwords, scope, sessions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gisgrid.access.accounts import (
    NewAccount,
    create_account,
    end_tokens,
    forget_pin,
    managed_account,
    named,
)
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, AccountScope, AuditEntry, Role, Worker
from gisgrid.access.passwords import hash_password
from gisgrid.errors import Conflict, InvalidInput, NotFound

PAGE: Final = 50
_SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and figures that nobody takes for one another when they are read out."""
_GROUPS, _GROUP = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account in the list. ``worker`` is the person on duty behind it, or ``organisation``."""

    id: str
    name: str
    role: Role
    worker: str | None
    organisation: str | None
    disabled_at: datetime | None
    last_login: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCard:
    """One account with all that an administrator may know of it; no hash, no secret."""

    row: AccountRow
    worker_id: str | None
    areas: Sequence[str]
    household: bool
    created_at: datetime
    has_password: bool
    must_change: bool
    has_pin: bool
    locked_until: datetime | None
    is_own: bool
    may_instruct: bool


def list_accounts(
    session: Session, actor: Actor, *, text: str = "", role: Role | None = None, page: int = 1
) -> tuple[list[AccountRow], int]:
    """A page of accounts by name, and how many there are. ``text`` is a part of a name.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    wanted: list[ColumnElement[bool]] = [Account.role != Role.LOCAL]
    if text:
        wanted.append(
            Account.name.contains(text, autoescape=True)
            | Worker.name.contains(text, autoescape=True)
            | Account.organisation.contains(text, autoescape=True)
        )
    if role:
        wanted.append(Account.role == role)
    beside = select(func.count()).select_from(Account).outerjoin(Worker, Worker.id == Account.worker_id)
    total = session.scalar(beside.where(*wanted)) or 0
    statement = (
        select(Account, Worker.name)
        .outerjoin(Worker, Worker.id == Account.worker_id)
        .where(*wanted)
        .order_by(Account.name)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    rows = session.execute(statement).all()
    logins = _last_logins(session, [account.id for account, _ in rows])
    return [_row(account, worker, logins.get(account.id)) for account, worker in rows], total


def account_card(session: Session, actor: Actor, account_id: str) -> AccountCard:
    """One account by its id.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is none, or it is the built-in one.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    account = session.get(Account, account_id)
    if account is None or account.role == Role.LOCAL:
        raise NotFound("there is no such account")
    scopes = session.scalars(select(AccountScope).where(AccountScope.account_id == account.id)).all()
    worker = session.get(Worker, account.worker_id) if account.worker_id else None
    login = _last_logins(session, [account.id]).get(account.id)
    return AccountCard(
        row=_row(account, worker.name if worker else None, login),
        worker_id=account.worker_id,
        areas=sorted(scope.area_id for scope in scopes if scope.area_id),
        household=any(scope.household_id for scope in scopes),
        created_at=account.created_at,
        has_password=account.password_hash is not None,
        must_change=account.must_change_password,
        has_pin=account.pin_hash is not None,
        locked_until=account.locked_until,
        is_own=account.id == actor.account_id,
        may_instruct=account.may_instruct,
    )


def open_account(session: Session, actor: Actor, command: NewAccount, *, now: datetime) -> tuple[str, str]:
    """Make an account and a one-time password for it: the account's id and the password, told once.

    Raises
    ------
    NotAllowed, InvalidInput, Conflict
        As for making an account; a worker who isn't there, or who has an account.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    _check_worker(session, command.worker_id)
    account = create_account(session, actor, command, now=now)
    return account.id, give_password(session, actor, account.name, now=now)


def give_password(session: Session, actor: Actor, name: str, *, now: datetime) -> str:
    """A one-time password, told once: it ends all sessions and tokens; its owner must choose another at once.

    Raises
    ------
    NotAllowed, NotFound
        As for every change of an account.
    Conflict
        It is one's own account.
    """
    account = _others_account(session, actor, name)
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    password = "-".join(groups)
    account.password_hash, account.must_change_password = hash_password(password), True
    account.session_version += 1
    account.failed_logins, account.locked_until = 0, None
    forget_pin(account)
    end_tokens(session, actor, account, now=now)
    record(session, actor, "account:password", "account", now=now, object_id=account.id, fields=("password",))
    return password


def end_account_sessions(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """End all sessions of an account on every device; password and tokens stay.

    Raises
    ------
    NotAllowed, NotFound
        As for every change of an account.
    """
    account = managed_account(session, actor, name)
    account.session_version += 1
    record(session, actor, "login:end_all", "account", now=now, object_id=account.id)


def enable_account(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """Let a disabled account in again; its tokens stay ended. Doing it twice changes nothing.

    Raises
    ------
    NotAllowed, NotFound
        As for every change of an account.
    """
    account = managed_account(session, actor, name)
    if account.disabled_at is not None:
        account.disabled_at = None
        record(session, actor, "account:enable", "account", now=now, object_id=account.id)


def set_scope(
    session: Session,
    actor: Actor,
    name: str,
    *,
    worker_id: str | None,
    area_ids: Sequence[str],
    now: datetime,
) -> None:
    """Say which person on duty stands behind an account, and which areas it sees beside their duties.

    Raises
    ------
    NotAllowed, NotFound
        As for every change of an account.
    InvalidInput
        There is no such worker, or another account is theirs.
    """
    account = managed_account(session, actor, name)
    _check_worker(session, worker_id, but=account.id)
    rows = session.scalars(
        select(AccountScope).where(AccountScope.account_id == account.id, AccountScope.area_id.is_not(None))
    ).all()
    before = sorted(row.area_id for row in rows if row.area_id)
    change = {
        "worker": (account.worker_id, worker_id),
        "areas": (before, sorted(set(area_ids))),
    }
    changed = {field: both for field, both in change.items() if both[0] != both[1]}
    if not changed:
        return
    account.worker_id = worker_id
    for row in rows:
        session.delete(row)
    session.flush()
    session.add_all(AccountScope(account_id=account.id, area_id=area) for area in sorted(set(area_ids)))
    record(
        session,
        actor,
        "account:scope",
        "account",
        now=now,
        object_id=account.id,
        fields=tuple(changed),
        change=changed,
    )


def name_organisation(session: Session, actor: Actor, name: str, organisation: str, *, now: datetime) -> None:
    """Say which property company or social organisation an account stands for; nothing takes the name away.

    Raises
    ------
    NotAllowed, NotFound
        As for every change of an account.
    InvalidInput
        The name is too long, or the account is nobody's of an organisation.
    """
    account = managed_account(session, actor, name)
    before, after = account.organisation, named(Role(account.role), organisation)
    if before == after:
        return
    account.organisation = after
    record(
        session,
        actor,
        "account:organisation",
        "account",
        now=now,
        object_id=account.id,
        fields=("organisation",),
        change={"organisation": (before, after)},
    )


def let_instruct(session: Session, actor: Actor, name: str, *, may_instruct: bool, now: datetime) -> None:
    """Give a leader the right to instruct, or take it; its sessions end, as with another role.

    Raises
    ------
    NotAllowed, NotFound
        As for every change of an account.
    InvalidInput
        The account is no leader's.
    """
    account = managed_account(session, actor, name)
    if may_instruct and account.role != Role.LEADER:
        raise InvalidInput("only a leader can have the right to instruct", field="instruct")
    if account.may_instruct == may_instruct:
        return
    before, account.may_instruct = account.may_instruct, may_instruct
    account.session_version += 1
    record(
        session,
        actor,
        "account:instruct",
        "account",
        now=now,
        object_id=account.id,
        fields=("may_instruct",),
        change={"may_instruct": (before, may_instruct)},
    )


def refuse_own(actor: Actor, name: str) -> None:
    """An administrator can't take away the own account: somebody must be left who can give it back.

    Raises
    ------
    Conflict
        It is one's own account.
    """
    if actor.name == name:
        raise Conflict("an administrator can't do this to the own account: another administrator can")


def _others_account(session: Session, actor: Actor, name: str) -> Account:
    account = managed_account(session, actor, name)
    refuse_own(actor, name)
    return account


def _check_worker(session: Session, worker_id: str | None, *, but: str | None = None) -> None:
    if worker_id is None:
        return
    if session.get(Worker, worker_id) is None:
        raise InvalidInput("there is no such worker", field="worker")
    holder = select(Account.id).where(Account.worker_id == worker_id, Account.disabled_at.is_(None))
    if [holder_id for holder_id in session.scalars(holder) if holder_id != but]:
        raise InvalidInput("this worker has an account already", field="worker")


def _last_logins(session: Session, ids: Sequence[str]) -> dict[str, datetime]:
    statement = (
        select(AuditEntry.object_id, func.max(AuditEntry.at))
        .where(
            AuditEntry.action == "login", AuditEntry.object_kind == "account", AuditEntry.object_id.in_(ids)
        )
        .group_by(AuditEntry.object_id)
    )
    return {str(account): at for account, at in session.execute(statement)}


def _row(account: Account, worker: str | None, last_login: datetime | None) -> AccountRow:
    return AccountRow(
        id=account.id,
        name=account.name,
        role=Role(account.role),
        worker=worker,
        organisation=account.organisation,
        disabled_at=account.disabled_at,
        last_login=last_login,
    )


def name_of(session: Session, actor: Actor, account_id: str) -> str:
    """The name of an account by its id, for the steps that go by name."""
    return account_card(session, actor, account_id).row.name
