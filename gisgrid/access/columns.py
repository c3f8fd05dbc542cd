"""Which columns of files were chosen last time, by who sends them and by what the columns are called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import ImportColumns
from gisgrid.storage.base import new_id


def recall_columns(
    session: Session, actor: Actor, *, kind: str, headers: Sequence[str], community_id: str | None
) -> tuple[str, ...]:
    """What was chosen for such a file, each ``OURS=THEIRS``: by the actor, else in the community."""
    statement = select(ImportColumns).where(
        ImportColumns.kind == kind, ImportColumns.headers == headers_digest(headers)
    )
    own = session.scalar(statement.where(ImportColumns.account_id == actor.account_id))
    if own is None and community_id is not None:
        there = statement.where(ImportColumns.community_id == community_id)
        own = session.scalar(there.order_by(ImportColumns.at.desc(), ImportColumns.id.desc()).limit(1))
    return tuple(own.columns) if own is not None else ()


def remember_columns(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    headers: Sequence[str],
    columns: Sequence[str],
    community_id: str | None,
    now: datetime,
) -> None:
    """Keep what was chosen for the next file with these headers."""
    if actor.account_id is None:
        return
    digest = headers_digest(headers)
    known = session.scalar(
        select(ImportColumns).where(
            ImportColumns.account_id == actor.account_id,
            ImportColumns.kind == kind,
            ImportColumns.headers == digest,
        )
    )
    if known is None:
        known = ImportColumns(id=new_id(), account_id=actor.account_id, kind=kind, headers=digest)
        session.add(known)
    known.columns, known.community_id, known.at = list(columns), community_id, now
    session.flush()


def headers_digest(headers: Sequence[str]) -> str:
    """The same for the same columns, in whatever order."""
    return hashlib.sha256(json.dumps(sorted(headers), ensure_ascii=False).encode()).hexdigest()
