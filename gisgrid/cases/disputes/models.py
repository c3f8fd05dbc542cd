"""Tables of disputes beside their cases, of the log of their pipeline, of mediators and of the rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.erasures import erased_to
from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.cases.disputes.pipeline import DisputeStage, DisputeStep, Grade, MediationOutcome
from gisgrid.storage.base import Base, Id, Keyed

MEDIATION: Final = "mediation"
"""The skill that makes a category one of disputes, and somebody on duty a mediator."""


class Dispute(Base):
    """How the dispute of a case stands; see `gisgrid.cases.disputes.pipeline.DisputeSnapshot`.

    ``parties`` and ``agreement`` are sealed; nothing in the clear tells who is in dispute or about what.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        one_of("stage", DisputeStage),
        one_of("grade", Grade),
        one_of("outcome", MediationOutcome),
        CheckConstraint("(stage = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        CheckConstraint(
            "stage NOT IN ('follow_up', 'closed') OR outcome IS NOT NULL", name="settled_with_outcome"
        ),
        CheckConstraint("stage <> 'closed' OR follow_ups > 0", name="closed_after_follow_up"),
        Index("ix_dispute_follow_up", "follow_up_on"),
    )

    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(20))
    grade: Mapped[str | None] = mapped_column(String(20))
    mediator_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    settled_on: Mapped[date | None]
    planned: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    follow_up_on: Mapped[date | None]
    sessions: Mapped[int] = mapped_column(default=0, server_default="0")
    follow_ups: Mapped[int] = mapped_column(default=0, server_default="0")
    holds: Mapped[bool | None]
    merged_into_id: Mapped[Id | None] = mapped_column(ForeignKey("dispute.case_id"), index=True)
    parties: Mapped[str | None] = mapped_column(Encrypted("dispute.parties"), info=erased_to(None))
    agreement: Mapped[str | None] = mapped_column(Encrypted("dispute.agreement"), info=erased_to(None))


class DisputeEntry(Keyed, Base):
    """A line of a dispute's log: a step, and what was said and agreed, sealed. Append-only.

    ``details`` hold ids, words and days; with the stages they rebuild how the dispute stands. A session is
    the line of a ``meet`` with its time, place and people.
    """

    __tablename__ = "dispute_entry"
    __table_args__ = (one_of("step", DisputeStep), Index("ix_dispute_entry_case", "case_id", "at"))

    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"))
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    step: Mapped[str] = mapped_column(String(20))
    from_stage: Mapped[str] = mapped_column(String(20))
    to_stage: Mapped[str] = mapped_column(String(20))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    text: Mapped[str | None] = mapped_column(Encrypted("dispute_entry.text"), info=erased_to(None))
    place: Mapped[str | None] = mapped_column(Encrypted("dispute_entry.place"), info=erased_to(None))
    people: Mapped[str | None] = mapped_column(Encrypted("dispute_entry.people"), info=erased_to(None))


class DisputeRules(Keyed, Base):
    """One version of a community's grades and follow-up days. Never changed: a newer one takes over."""

    __tablename__ = "dispute_rules"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int]
    made_at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)


class MediatorProfile(Base):
    """What is kept of somebody who mediates, beside the skill: for what, and where to be found.

    ``specialties`` are codes of categories; none means all. Without a building and a station somebody is
    found in the grids of the own duties.
    """

    __tablename__ = "mediator"
    __table_args__ = (CheckConstraint("building_id IS NULL OR facility_id IS NULL", name="one_place"),)

    worker_id: Mapped[Id] = mapped_column(ForeignKey("worker.id"), primary_key=True)
    specialties: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    building_id: Mapped[Id | None] = mapped_column(ForeignKey("building.id"), index=True)
    facility_id: Mapped[Id | None] = mapped_column(ForeignKey("facility.id"), index=True)
    is_resting: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Not asked at present."""
