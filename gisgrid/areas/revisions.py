"""The divisions a community has had."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Account
from gisgrid.areas.look import Look
from gisgrid.areas.models import Revision


def list_revisions(look: Look) -> list[dict[str, Any]]:
    """Number, times, reason and who published each revision, the newest first."""
    require(look.actor, Action.AREAS_VIEW)
    rows = look.session.execute(
        select(Revision, Account.name)
        .outerjoin(Account, Account.id == Revision.account_id)
        .where(Revision.community_id == look.community.id)
        .order_by(Revision.number.desc())
    )
    return [
        {
            "id": revision.id,
            "revision": revision.number,
            "published_at": revision.published_at.astimezone(look.tz).isoformat(),
            "effective_at": revision.effective_at.astimezone(look.tz).isoformat(timespec="seconds"),
            "backdated": revision.is_backdated,
            "scheduled": revision.effective_at > look.when.at,
            "reason": revision.reason,
            "by": name,
        }
        for revision, name in rows
    ]
