"""Tables of the rules cases fall due by, and of a community's own working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.storage.base import Base, Id, Keyed


class LimitVersion(Keyed, Base):
    """One version of a community's rules. Never changed: a case keeps the one it was reported under."""

    __tablename__ = "limit_version"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int]
    valid_from: Mapped[datetime]
    made_at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)


class CalendarDay(Base):
    """A day on which a community works, or doesn't, other than the calendar says."""

    __tablename__ = "calendar_day"

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    is_work: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60))
