"""Tables of residents, consent and needs. Names and phones are encrypted in the row."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.people.core.contract_rules import HomeService
from gisgrid.people.core.erasure_rules import ErasureState
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.request_rules import Mediator, RequestOutcome, RequestState
from gisgrid.people.core.rules import NOT_ASKED, AgeBand, ConsentStatus, Leaving, ResidenceStatus
from gisgrid.storage.base import DERIVED, Base, Dated, Id, Keyed, dated_check

_ANSWERS: Final = ", ".join(f"'{answer}'" for answer in (*ConsentStatus, NOT_ASKED))
"""What may stand as a resident's present answer; an answer that was given is never the last of them."""


class Resident(Keyed, Base):
    """A person living in a household. ``consent`` is the present answer to being registered, or not_asked.

    Of an erased person only the id stays, so that what names it still finds it: no birth date either.
    ``leaving`` says why somebody lives here no more; ``phone_digest`` is the blind index of the phone and is
    written with it (:mod:`gisgrid.people.core.phone_digests`).
    """

    __tablename__ = "resident"
    __table_args__ = (
        one_of("residence_status", ResidenceStatus),
        CheckConstraint(f"consent IN ({_ANSWERS})", name="consent"),
        CheckConstraint("sex IN ('f', 'm')", name="sex"),
        one_of("leaving", Leaving),
        CheckConstraint("lived_to IS NULL OR lived_to > lived_from", name="lived"),
        Index("ix_resident_birth", "birth_date"),
    )

    household_id: Mapped[Id] = mapped_column(ForeignKey("household.id"), index=True)
    name: Mapped[str | None] = mapped_column(Encrypted("resident.name"))
    phone: Mapped[str | None] = mapped_column(Encrypted("resident.phone"))
    birth_date: Mapped[date | None]
    sex: Mapped[str | None] = mapped_column(String(1))
    residence_status: Mapped[str] = mapped_column(String(20))
    consent: Mapped[str] = mapped_column(String(20), default=NOT_ASKED)
    lived_from: Mapped[date]
    lived_to: Mapped[date | None]
    leaving: Mapped[str | None] = mapped_column(String(10))
    external_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    erased_at: Mapped[datetime | None]
    phone_digest: Mapped[str | None] = mapped_column(String(64), index=True, info=DERIVED)


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


class ConsentText(Keyed, Base):
    """What people are asked for a purpose, from when on. Append-only; the built-in text holds before."""

    __tablename__ = "consent_text"
    __table_args__ = (one_of("purpose", Purpose), UniqueConstraint("purpose", "version"))

    purpose: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


_RUNNING = text("closed_at IS NULL")


class DataRequest(Keyed, Base):
    """Asking a household to register: where it stands, and from which day on it may be asked again.

    ``remind_on`` is the day on which somebody is to look after it; at most one runs per household.
    """

    __tablename__ = "data_request"
    __table_args__ = (
        one_of("state", RequestState),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(
            "uq_data_request_running",
            "household_id",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
    )

    household_id: Mapped[Id] = mapped_column(ForeignKey("household.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    opened_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    remind_on: Mapped[date | None]
    ask_again_from: Mapped[date | None]
    closed_at: Mapped[datetime | None]


class DataRequestStep(Keyed, Base):
    """One visit or mediation in the course of a request. Append-only; the mediator's name is encrypted."""

    __tablename__ = "data_request_step"
    __table_args__ = (
        one_of("outcome", RequestOutcome),
        one_of("mediator_kind", Mediator),
    )

    request_id: Mapped[Id] = mapped_column(ForeignKey("data_request.id"), index=True)
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    mediator_kind: Mapped[str | None] = mapped_column(String(20))
    mediator: Mapped[str | None] = mapped_column(Encrypted("data_request_step.mediator"))


class ErasureRequest(Keyed, Base):
    """A household, or one person of it, asks to be erased; a head carries it out after confirming."""

    __tablename__ = "erasure_request"
    __table_args__ = (one_of("state", ErasureState),)

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    household_id: Mapped[Id] = mapped_column(ForeignKey("household.id"), index=True)
    resident_id: Mapped[Id | None] = mapped_column(ForeignKey("resident.id"))
    state: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    asked_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(Encrypted("erasure_request.reason"))


class ErasedCount(Base):
    """How many people of an age band were erased in a grid (the community itself where there is no grid)."""

    __tablename__ = "erased_count"
    __table_args__ = (
        CheckConstraint("count > 0", name="count"),
        one_of("age_band", AgeBand),
    )

    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), primary_key=True)
    age_band: Mapped[str] = mapped_column(String(10), primary_key=True)
    count: Mapped[int]


class Need(Keyed, Dated, Base):
    """A need of a resident. One without a legal basis can't be stored."""

    __tablename__ = "need"
    __table_args__ = (dated_check(),)

    resident_id: Mapped[Id] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    grade: Mapped[int | None]
    legal_basis: Mapped[str] = mapped_column(String(120))


class ServiceContract(Keyed, Base):
    """What an organisation does for a resident by contract, from which day to which, both included.

    Goes with the person when that is erased.
    """

    __tablename__ = "service_contract"
    __table_args__ = (
        one_of("service", HomeService),
        CheckConstraint("until_day IS NULL OR until_day >= from_day", name="days"),
    )

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"), index=True)
    resident_id: Mapped[Id] = mapped_column(ForeignKey("resident.id"), index=True)
    service: Mapped[str] = mapped_column(String(20))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
