"""The divisions a community has had."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Account
from gisgrid.areas.answers import PublishedRow, WithdrawnRow
from gisgrid.areas.models import Revision, WithdrawnRevision
from gisgrid.areas.view import View


def list_revisions(view: View) -> list[PublishedRow]:
    """Number, times, reason and who published each revision, the newest first."""
    require(view.actor, Action.AREAS_VIEW)
    rows = view.session.execute(
        select(Revision, Account.name)
        .outerjoin(Account, Account.id == Revision.account_id)
        .where(Revision.community_id == view.community.id)
        .order_by(Revision.number.desc())
    )
    return [
        {
            "id": revision.id,
            "revision": revision.number,
            "published_at": revision.published_at.astimezone(view.tz).isoformat(),
            "effective_at": revision.effective_at.astimezone(view.tz).isoformat(timespec="seconds"),
            "backdated": revision.is_backdated,
            "scheduled": revision.effective_at > view.when.at,
            "reason": revision.reason,
            "by": name,
        }
        for revision, name in rows
    ]


def list_withdrawn(view: View) -> list[WithdrawnRow]:
    """Scheduled revisions that were withdrawn before their day: who, when and why; the newest first."""
    require(view.actor, Action.AREAS_VIEW)
    publisher, withdrawer = aliased(Account), aliased(Account)
    rows = view.session.execute(
        select(WithdrawnRevision, publisher.name, withdrawer.name)
        .outerjoin(publisher, publisher.id == WithdrawnRevision.account_id)
        .outerjoin(withdrawer, withdrawer.id == WithdrawnRevision.withdrawn_by_id)
        .where(
            WithdrawnRevision.community_id == view.community.id,
            WithdrawnRevision.withdrawn_at <= view.when.at,
        )
        .order_by(WithdrawnRevision.number.desc())
    )
    return [
        {
            "revision": revision.number,
            "published_at": revision.published_at.astimezone(view.tz).isoformat(),
            "effective_at": revision.effective_at.astimezone(view.tz).isoformat(timespec="seconds"),
            "reason": revision.reason,
            "by": published_by,
            "withdrawn_at": revision.withdrawn_at.astimezone(view.tz).isoformat(),
            "withdrawn_by": withdrawn_by,
            "withdrawn_reason": revision.withdrawn_reason,
        }
        for revision, published_by, withdrawn_by in rows
    ]
