"""Tables of plans: a list of edits on a revision, with what was said and decided about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.models import one_of
from gisgrid.storage.base import Base, Id, Keyed


class PlanState(StrEnum):
    """Where a plan stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class NoteKind(StrEnum):
    """What was done with a plan beside editing it."""

    COMMENT = "comment"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    RECALL = "recall"


class Plan(Keyed, Base):
    """A redraw that is being drawn on a revision of its community."""

    __tablename__ = "plan"
    __table_args__ = (one_of("state", PlanState), Index("ix_plan_state", "community_id", "state"))

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    base_revision: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), default=PlanState.OPEN)
    drafter_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    published_revision: Mapped[int | None]


class PlanEdit(Keyed, Base):
    """One edit of a plan. Those taken back stay, marked, until another edit takes their place."""

    __tablename__ = "plan_edit"
    __table_args__ = (
        UniqueConstraint("plan_id", "position"),
        CheckConstraint("position > 0", name="position"),
    )

    plan_id: Mapped[Id] = mapped_column(ForeignKey("plan.id"), index=True)
    position: Mapped[int]
    op: Mapped[dict[str, Any]] = mapped_column(JSON)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime]
    is_undone: Mapped[bool] = mapped_column(default=False)


class PlanNote(Keyed, Base):
    """A comment or a decision on a plan. Append-only."""

    __tablename__ = "plan_note"
    __table_args__ = (one_of("kind", NoteKind),)

    plan_id: Mapped[Id] = mapped_column(ForeignKey("plan.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Of a publishing: which findings its reason stands for, and what passed from whom to whom."""


class NoticeKind(StrEnum):
    """What somebody is told of, and in which capacity."""

    SUBMITTED = "submitted"
    """To who holds grids that a plan touches."""
    PUBLISHED = "published"
    """To who holds grids that a plan has changed."""
    TO_APPROVE = "to_approve"
    ARRIVING = "arriving"
    """To a community that a submitted plan gives a grid to."""
    ARRIVED = "arrived"
    """To a community that a published plan has given a grid to."""
    OWN_PUBLISHED = "own_published"
    """To who drew part of the plan, as the following three are."""
    RETURNED = "returned"
    APPROVED = "approved"
    COMMENTED = "commented"
    WITHDRAWN = "withdrawn"
    """To all who were told of the publishing."""
    RECALLED = "recalled"
    """To all who were told of the submission."""


class Notice(Keyed, Base):
    """Tells an account what somebody else did with a plan. No free text: a reason stays with the plan."""

    __tablename__ = "notice"
    __table_args__ = (one_of("kind", NoticeKind), Index("ix_notice_account", "account_id", "at"))

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"))
    plan_id: Mapped[Id] = mapped_column(ForeignKey("plan.id"), index=True)
    note_id: Mapped[Id | None] = mapped_column(ForeignKey("plan_note.id"))
    """What was said on the plan then, and by whom."""
    kind: Mapped[str] = mapped_column(String(20))
    grids: Mapped[list[str]] = mapped_column(JSON)
    names: Mapped[dict[str, str] | None] = mapped_column(JSON)
    """What the grids were called then, by code."""
    has_sheet: Mapped[bool] = mapped_column(default=False)
    """Whether the account's worker gives or takes homes or cases, so that there is a sheet of it."""
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
