"""Tables of residents, consent and needs. Names and phones are encrypted in the row."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.people.rules import ConsentStatus, ResidenceStatus
from gisgrid.storage.base import Base, Dated, Id, Keyed, dated_check


class Resident(Keyed, Base):
    """A person living in a household. ``consent`` is the present answer to being registered."""

    __tablename__ = "resident"
    __table_args__ = (
        one_of("residence_status", ResidenceStatus),
        one_of("consent", ConsentStatus),
        CheckConstraint("sex IN ('f', 'm')", name="sex"),
        CheckConstraint("lived_to IS NULL OR lived_to > lived_from", name="lived"),
        Index("ix_resident_birth", "birth_date"),
    )

    household_id: Mapped[Id] = mapped_column(ForeignKey("household.id"), index=True)
    name: Mapped[str | None] = mapped_column(Encrypted("resident.name"))
    phone: Mapped[str | None] = mapped_column(Encrypted("resident.phone"))
    birth_date: Mapped[date]
    sex: Mapped[str | None] = mapped_column(String(1))
    residence_status: Mapped[str] = mapped_column(String(20))
    consent: Mapped[str] = mapped_column(String(20))
    lived_from: Mapped[date]
    lived_to: Mapped[date | None]
    external_key: Mapped[str | None] = mapped_column(String(64), unique=True)


class Consent(Keyed, Base):
    """One answer to one purpose: who was asked, with which text, by whom, when. Append-only."""

    __tablename__ = "consent"
    __table_args__ = (
        one_of("status", ConsentStatus),
        CheckConstraint("(household_id IS NULL) <> (resident_id IS NULL)", name="one_subject"),
    )

    household_id: Mapped[Id | None] = mapped_column(ForeignKey("household.id"), index=True)
    resident_id: Mapped[Id | None] = mapped_column(ForeignKey("resident.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    text_version: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    asked_by: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"))


class Need(Keyed, Dated, Base):
    """A need of a resident. One without a legal basis can't be stored."""

    __tablename__ = "need"
    __table_args__ = (dated_check(),)

    resident_id: Mapped[Id] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    grade: Mapped[int | None]
    legal_basis: Mapped[str] = mapped_column(String(120))
