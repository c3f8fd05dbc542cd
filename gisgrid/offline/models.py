"""The table of phones that hold an account's territory."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.storage.base import Base, Id, Keyed


class Device(Keyed, Base):
    """A phone of an account. ``phone`` is the number that it drew itself, ``label`` the kind of its browser.

    ``holds`` are the ids of the areas or buildings it was last told it may hold, until ``until`` at the
    latest; ``prepared_at``: since when it holds any. ``stopped_at``: since when it is given nothing more and
    is told to delete what it holds; ``purged_at``: when it last said that it has.
    """

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("account_id", "phone"),)

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"), index=True)
    community_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"), index=True)
    phone: Mapped[str] = mapped_column(String(32))
    label: Mapped[str] = mapped_column(String(40))
    seen_at: Mapped[datetime]
    prepared_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    holds: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(Encrypted("device.reason"))
    purged_at: Mapped[datetime | None]
