"""The divisions a community has had."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Account
from gisgrid.areas.answers import PublishedRow, WithdrawnRow
from gisgrid.areas.models import Revision, WithdrawnRevision
from gisgrid.areas.view import Look


def list_revisions(look: Look) -> list[PublishedRow]:
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


def list_withdrawn(look: Look) -> list[WithdrawnRow]:
    """Scheduled revisions that were withdrawn before their day: who, when and why; the newest first."""
    require(look.actor, Action.AREAS_VIEW)
    publisher, withdrawer = aliased(Account), aliased(Account)
    rows = look.session.execute(
        select(WithdrawnRevision, publisher.name, withdrawer.name)
        .outerjoin(publisher, publisher.id == WithdrawnRevision.account_id)
        .outerjoin(withdrawer, withdrawer.id == WithdrawnRevision.withdrawn_by_id)
        .where(
            WithdrawnRevision.community_id == look.community.id,
            WithdrawnRevision.withdrawn_at <= look.when.at,
        )
        .order_by(WithdrawnRevision.number.desc())
    )
    return [
        {
            "revision": one.number,
            "published_at": one.published_at.astimezone(look.tz).isoformat(),
            "effective_at": one.effective_at.astimezone(look.tz).isoformat(timespec="seconds"),
            "reason": one.reason,
            "by": published_by,
            "withdrawn_at": one.withdrawn_at.astimezone(look.tz).isoformat(),
            "withdrawn_by": withdrawn_by,
            "withdrawn_reason": one.withdrawn_reason,
        }
        for one, published_by, withdrawn_by in rows
    ]
