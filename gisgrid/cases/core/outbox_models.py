"""Tables of the addresses messages go to, and of the messages that wait for being sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.storage.base import Base, Id, Keyed


class HookEvent(StrEnum):
    """What a message can be about."""

    REPORTED = "reported"
    ESCALATED = "escalated"
    SUPERVISED = "supervised"
    CLOSED = "closed"
    TEST = "test"


class Webhook(Keyed, Base):
    """An address that gets messages about a community's cases; address and secret are sealed.

    ``host`` is all of the address that is shown; ``site`` is where links in messages lead.
    """

    __tablename__ = "webhook"

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    label: Mapped[str] = mapped_column(String(100))
    host: Mapped[str] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(Encrypted("webhook.url"))
    secret: Mapped[str | None] = mapped_column(Encrypted("webhook.secret"))
    site: Mapped[str] = mapped_column(String(200))
    events: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class HookMessage(Keyed, Base):
    """A message in the outbox. ``facts`` name no person; ``next_at`` is when it is tried next.

    ``error`` is a word, or the status of the answer; nothing of the address or the answer is kept.
    """

    __tablename__ = "webhook_message"
    __table_args__ = (Index("ix_webhook_message_next", "next_at"),)

    webhook_id: Mapped[Id] = mapped_column(ForeignKey("webhook.id"), index=True)
    event: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(40))
