"""API tokens: 256 random bits, shown once, stored as a SHA-256, expiring, revocable."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.accounts import find_account
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, ApiToken, Role
from gisgrid.errors import InvalidInput, NotFound, say

DEFAULT_DAYS: Final = 365
_MAX_DAYS: Final = 3650
_SECRET_BYTES: Final = 32
_PREFIX: Final = "gisgrid_"
"""Makes a leaked token recognisable to scanners."""


def create_token(
    session: Session, actor: Actor, name: str, *, now: datetime, days: int = DEFAULT_DAYS
) -> str:
    """A new token that acts with the rights of an account; only its digest is stored.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is no working account of that name.
    InvalidInput
        ``days`` is not between 1 and 3650.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    if not 1 <= days <= _MAX_DAYS:
        raise InvalidInput(say("a token is valid for 1 to {most} days", most=_MAX_DAYS), field="days")
    account = find_account(session, name)
    if account is None or account.role == Role.LOCAL or account.disabled_at is not None:
        raise NotFound("there is no working account of that name")
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    row = ApiToken(
        account_id=account.id,
        digest=_digest(secret),
        label=name,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    record(session, actor, "token:create", "api_token", now=now, object_id=row.id)
    return secret


def revoke_token(session: Session, actor: Actor, token_id: str, *, now: datetime) -> None:
    """End one token at once. Doing it twice changes nothing.

    Raises
    ------
    NotAllowed
        The actor may not manage accounts.
    NotFound
        There is no such token.
    """
    require(actor, Action.ACCOUNTS_MANAGE)
    row = session.get(ApiToken, token_id)
    if row is None:
        raise NotFound("there is no such token")
    if row.revoked_at is None:
        row.revoked_at = now
        record(session, actor, "token:revoke", "api_token", now=now, object_id=row.id)


def verify_token(session: Session, token: str, *, now: datetime) -> str | None:
    """The id of the account a token acts for; nothing if it is unknown, expired or revoked.

    Looking up by the digest of 256 random bits leaves nothing to learn from how long it takes.
    """
    statement = (
        select(ApiToken.account_id)
        .join(Account, Account.id == ApiToken.account_id)
        .where(
            ApiToken.digest == _digest(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            Account.disabled_at.is_(None),
        )
    )
    return session.scalar(statement)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
