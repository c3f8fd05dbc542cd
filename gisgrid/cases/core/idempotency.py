"""Keys that make sending twice safe: what was done with one before is known again, and not done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.cases.core.models import Case, CaseLog, IdempotencyKey
from gisgrid.errors import Conflict, say

_PURPOSE: Final = "case:repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeatable:
    """A client's key that makes sending twice safe; ``client`` is its account or address."""

    key: str
    client: str


def known_use(session: Session, repeat: Repeatable | None, parts: Sequence[str]) -> IdempotencyKey | None:
    """What a key was used for before, where it was used for just this; nothing for a new key or none.

    ``parts`` are the content. Whoever asks holds the lock under which keys of this content are kept, so that
    no twin is on its way.

    Raises
    ------
    Conflict
        The key was used for something else before.
    """
    known = session.get(IdempotencyKey, (repeat.key, repeat.client)) if repeat else None
    if known is not None and not Digests(key_ring(session), _PURPOSE).is_of(known.request_digest, parts):
        raise Conflict(say("this key was used for another request before"))
    return known


def keep_use(
    session: Session, repeat: Repeatable | None, parts: Sequence[str], *, case_id: str, at: datetime
) -> None:
    """Note what a key was used for, as a keyed digest: nobody tries there what a text may have been."""
    if repeat is None:
        return
    digest = Digests(key_ring(session), _PURPOSE).current(parts)
    session.add(
        IdempotencyKey(
            key=repeat.key,
            account_key=repeat.client,
            request_digest=digest,
            case_id=case_id,
            created_at=at,
        )
    )


def state_after_step(session: Session, repeat: Repeatable | None, case: Case, action: str) -> str:
    """The state a step with a key led to, for who sees the case no more; without a key that of now."""
    known = session.get(IdempotencyKey, (repeat.key, repeat.client)) if repeat else None
    if known is None or known.case_id != case.id:
        return case.state
    line = (CaseLog.case_id == case.id, CaseLog.at == known.created_at, CaseLog.action == action)
    return session.scalar(select(CaseLog.to_state).where(*line).limit(1)) or case.state
