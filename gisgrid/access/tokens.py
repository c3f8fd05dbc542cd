"""API tokens: 256 random bits, shown once, stored as a SHA-256, expiring, revocable, limited."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from gisgrid.access.accounts import find_account
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, ApiToken, Role
from gisgrid.errors import Fault, InvalidInput, NotFound, say

DEFAULT_DAYS: Final = 365
_MAX_DAYS: Final = 3650
_LONGEST_LABEL: Final = 100
_SECRET_BYTES: Final = 32
_PREFIX: Final = "gisgrid_"
"""Makes a leaked token recognisable to scanners."""


class ApiPart(StrEnum):
    """A part of the interface that a token may be limited to."""

    MAPS = "maps"
    PEOPLE = "people"
    CASES = "cases"
    PLANS = "plans"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenScope:
    """What a token may do with the rights of its account; no ``parts`` are all of them."""

    may_write: bool = True
    parts: tuple[ApiPart, ...] = ()


ALL: Final = TokenScope()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token in a list; the secret is not kept."""

    id: str
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    scope: TokenScope


def create_token(
    session: Session,
    actor: Actor,
    name: str,
    *,
    now: datetime,
    days: int = DEFAULT_DAYS,
    scope: TokenScope = ALL,
    label: str = "",
) -> str:
    """A new token that acts with the rights of an account, within a scope; only its digest is stored.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is no working account of that name.
    InvalidInput
        ``days`` is not between 1 and 3650, or the label is longer than 100 characters.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    _check(days, label)
    account = find_account(session, name)
    if account is None or account.role == Role.LOCAL or account.disabled_at is not None:
        raise NotFound("there is no working account of that name")
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    row = ApiToken(
        account_id=account.id,
        digest=_digest(secret),
        label=label.strip() or name,
        may_write=scope.may_write,
        parts=[part.value for part in scope.parts],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    record(session, actor, "token:create", "api_token", now=now, object_id=row.id)
    return secret


def _check(days: int, label: str) -> None:
    faults = []
    if not 1 <= days <= _MAX_DAYS:
        message = say("a token is valid for 1 to {most} days", most=_MAX_DAYS)
        faults.append(Fault(message=message, field="days"))
    if len(label.strip()) > _LONGEST_LABEL:
        message = say("a text has 1 to {most} characters", most=_LONGEST_LABEL)
        faults.append(Fault(message=message, field="label"))
    if faults:
        raise InvalidInput(faults)


def list_tokens(session: Session, actor: Actor, account_id: str) -> list[TokenRow]:
    """Tokens of an account, the newest first: of one's own, or of any for who manages accounts.

    Raises
    ------
    NotAllowed
        It is somebody else's account.
    """
    if actor.account_id is None or account_id != actor.account_id:
        require(actor, Action.ACCOUNTS_MANAGE)
    rows = session.scalars(
        select(ApiToken)
        .where(ApiToken.account_id == account_id)
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    )
    return [
        TokenRow(
            id=row.id,
            label=row.label,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            scope=_scope(row.may_write, row.parts),
        )
        for row in rows
    ]


def _scope(may_write: bool, parts: Sequence[str]) -> TokenScope:  # noqa: FBT001 - a column
    return TokenScope(may_write=may_write, parts=tuple(ApiPart(part) for part in parts))


def revoke_token(session: Session, actor: Actor, token_id: str, *, now: datetime) -> None:
    """End one token at once: one's own, or any for who manages accounts. Doing it twice changes nothing.

    Raises
    ------
    NotAllowed
        Nobody is logged in.
    NotFound
        There is no such token, or it is somebody else's.
    """
    if actor.account_id is None:
        require(actor, Action.ACCOUNTS_MANAGE)
    row = session.get(ApiToken, token_id)
    if row is None or not (row.account_id == actor.account_id or may(actor, Action.ACCOUNTS_MANAGE)):
        raise NotFound("there is no such token")
    if row.revoked_at is None:
        row.revoked_at = now
        record(session, actor, "token:revoke", "api_token", now=now, object_id=row.id)


def verify_token(session: Session, token: str, *, now: datetime) -> tuple[str, TokenScope] | None:
    """The id of the account a token acts for and within what; nothing if it is unknown, expired or revoked.

    Looking up by the digest of 256 random bits leaves nothing to learn from how long it takes.
    """
    row = session.execute(_token_that_holds(), {"digest": _digest(token), "now": now}).one_or_none()
    return (row.account_id, _scope(row.may_write, row.parts)) if row else None


@cache
def _token_that_holds() -> Select[str, bool, list[str]]:
    """The token of ``digest`` at ``now``. Asked by every request, so that it is put together once."""
    return (
        select(ApiToken.account_id, ApiToken.may_write, ApiToken.parts)
        .join(Account, Account.id == ApiToken.account_id)
        .where(
            ApiToken.digest == bindparam("digest"),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > bindparam("now"),
            Account.disabled_at.is_(None),
        )
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
