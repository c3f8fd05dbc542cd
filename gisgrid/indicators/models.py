"""Tables of the monthly appraisal: whether there is one, the outside marks and their weight, appeals."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.storage.base import Base, Id, Keyed


class AppraisalRule(Keyed, Base):
    """Whether a community appraises from a month on, and how much the outside mark weighs, in per cent.

    Never changed; where no rule was made there is no appraisal.
    """

    __tablename__ = "appraisal_rule"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("external_share BETWEEN 0 AND 100", name="share"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int]
    month: Mapped[date]
    external_share: Mapped[int]
    is_on: Mapped[bool] = mapped_column(default=True, server_default=true())
    made_at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class ExternalMark(Keyed, Base):
    """A mark of 0 to 100 an evaluator gave a worker for a month. Append-only: the last of each counts."""

    __tablename__ = "external_mark"
    __table_args__ = (
        CheckConstraint("mark BETWEEN 0 AND 100", name="mark"),
        Index("ix_external_mark_month", "community_id", "month"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    worker_id: Mapped[Id] = mapped_column(ForeignKey("worker.id"))
    month: Mapped[date]
    mark: Mapped[int]
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class Appeal(Keyed, Base):
    """What a worker has against the score of a month, and the answer; ``adjusted`` points come on top."""

    __tablename__ = "appraisal_appeal"
    __table_args__ = (
        CheckConstraint("adjusted BETWEEN -100 AND 100", name="adjusted"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("ix_appraisal_appeal_month", "community_id", "month"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    worker_id: Mapped[Id] = mapped_column(ForeignKey("worker.id"))
    month: Mapped[date]
    reason: Mapped[str] = mapped_column(Encrypted("appraisal_appeal.reason"))
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str | None] = mapped_column(Encrypted("appraisal_appeal.answer"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    adjusted: Mapped[int] = mapped_column(default=0, server_default="0")
