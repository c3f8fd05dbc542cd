"""The table of proposals that are being worked out, or wait for somebody's decision."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.models import one_of
from gisgrid.areas.models import Area
from gisgrid.redraw.plans.models import Plan
from gisgrid.storage.base import Base, Id, Keyed


class JobState(StrEnum):
    """Where a proposal stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ACCEPTED = "accepted"


class JobKind(StrEnum):
    """What is proposed."""

    BALANCE = "balance"
    MICRO_GRIDS = "micro_grids"
    TIDY = "tidy"


class ProposalJob(Keyed, Base):
    """One proposal for a plan: what was asked, how far it is, and what came of it.

    ``stand``: the plan's edits in force and its revision when it was asked for; ``task``: the arrays it is
    worked out from (see `gisgrid.redraw.proposals.task`); ``host``: the machine that works on it;
    ``heartbeat``: when it was last heard of, by the clock of whoever started it; ``failure``: why it failed,
    a template and its values.
    """

    __tablename__ = "proposal_job"
    __table_args__ = (
        one_of("state", JobState),
        one_of("kind", JobKind),
        Index("ix_proposal_job_state", "state"),
    )

    plan_id: Mapped[Id] = mapped_column(ForeignKey(Plan.id), index=True)
    community_id: Mapped[Id] = mapped_column(ForeignKey(Area.id))
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    stand: Mapped[str] = mapped_column(String(64))
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    task: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(String(20), default=JobState.QUEUED)
    progress: Mapped[float] = mapped_column(default=0.0)
    host: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    heartbeat: Mapped[datetime | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
