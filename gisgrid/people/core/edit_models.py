"""Tables of the hand edit: its history, its clashes, what stewards note of doors, decisions on duplicates."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.storage.base import Base, Id, Keyed


class ClashState(StrEnum):
    """Where a clash stands. Gone: what it was about was erased or refused meanwhile."""

    WAITING = "waiting"
    KEPT = "kept"
    TAKEN = "taken"
    GONE = "gone"


class DoorNoteKind(StrEnum):
    """What a steward saw at a door."""

    MOVED_IN = "moved_in"
    MOVED_OUT = "moved_out"
    EMPTY = "empty"


class DoorOutcome(StrEnum):
    """What came of a note about a door."""

    REGISTERED = "registered"
    AS_KNOWN = "as_known"
    WRONG = "wrong"


class RegisterEdit(Keyed, Base):
    """One field of the register changed by hand: who, when, and both values as sealed JSON. Append-only.

    ``act_id`` holds what was changed by one act together. Values are blanked when the person is erased or
    the purpose refused; nothing else of a row ever changes.
    """

    __tablename__ = "register_edit"

    at: Mapped[datetime]
    household_id: Mapped[Id] = mapped_column(ForeignKey("household.id"), index=True)
    resident_id: Mapped[Id | None] = mapped_column(ForeignKey("resident.id"), index=True)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    field: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(40))
    act_id: Mapped[Id]
    undoes_id: Mapped[Id | None] = mapped_column(ForeignKey("register_edit.id"))
    before: Mapped[str | None] = mapped_column(Encrypted("register_edit.before"))
    after: Mapped[str | None] = mapped_column(Encrypted("register_edit.after"))
    reason: Mapped[str | None] = mapped_column(Encrypted("register_edit.reason"))


class FieldClash(Keyed, Base):
    """An answer given to a value that the register no longer held. Staff settle it; members look again."""

    __tablename__ = "field_clash"
    __table_args__ = (one_of("state", ClashState),)

    at: Mapped[datetime]
    household_id: Mapped[Id] = mapped_column(ForeignKey("household.id"), index=True)
    resident_id: Mapped[Id | None] = mapped_column(ForeignKey("resident.id"), index=True)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    field: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(40))
    answer: Mapped[str | None] = mapped_column(Encrypted("field_clash.answer"))
    state: Mapped[str] = mapped_column(String(10), default=ClashState.WAITING)
    look_again_at: Mapped[datetime | None]
    look_again_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class DoorNote(Keyed, Base):
    """What a steward noted of a door: unit, room and what was seen there, never a person."""

    __tablename__ = "door_note"
    __table_args__ = (
        one_of("kind", DoorNoteKind),
        one_of("outcome", DoorOutcome),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled"),
    )

    building_id: Mapped[Id] = mapped_column(ForeignKey("building.id"), index=True)
    unit: Mapped[str | None] = mapped_column(String(20))
    room: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10))
    day: Mapped[date]
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str | None] = mapped_column(String(10))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class DuplicateDecision(Keyed, Base):
    """Whether two people of the register, the smaller id first, are one and the same."""

    __tablename__ = "duplicate_decision"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
    )

    first_id: Mapped[Id] = mapped_column(ForeignKey("resident.id"))
    second_id: Mapped[Id] = mapped_column(ForeignKey("resident.id"), index=True)
    is_same: Mapped[bool]
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
