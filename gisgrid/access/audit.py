"""The audit trail: who, when, which action, which ids, which fields; never a value. Append-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry


def record(  # noqa: PLR0913 - one entry has these parts
    session: Session,
    actor: Actor,
    action: str,
    object_kind: str,
    *,
    now: datetime,
    object_id: str | None = None,
    count: int = 1,
    fields: Sequence[str] = (),
    reason: str | None = None,
    change: Mapping[str, tuple[Any, Any]] | None = None,
) -> None:
    """Add one entry. A list is one entry with how many and in which scope, a card one entry with its id.

    The role is kept with the entry, since an account may get another one later. ``change`` holds what a
    setting was before and is now, by field; never anything of a resident, a password or a name.
    """
    details: dict[str, Any] = {"role": actor.role.value if actor.role else None}
    if object_id is None and (scope := sorted(actor.areas | actor.buildings)):
        details["scope"] = scope
    if change:
        details["change"] = {name: list(values) for name, values in change.items()}
    session.add(
        AuditEntry(
            at=now,
            account_id=actor.account_id,
            operator=actor.operator,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            count=count,
            fields=list(fields),
            reason=reason,
            details=details,
        )
    )
