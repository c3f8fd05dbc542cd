"""Tables of outward forms: a department's own workbook, filled from the register and from records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.people.core.purposes import Purpose
from gisgrid.records.core.rules import OutwardRows
from gisgrid.storage.base import Base, Id, Keyed

_WAITS: Final = text("decided_at IS NULL")


class OutwardForm(Keyed, Base):
    """A version of a template: the shape of its sheets, which field each place is, what a row is about."""

    __tablename__ = "outward_form"
    __table_args__ = (
        one_of("rows", OutwardRows),
        one_of("purpose", Purpose),
        CheckConstraint("number > 0", name="number"),
        UniqueConstraint("owner_area_id", "code", "number"),
    )

    owner_area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    code: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    department: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    template: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)
    rows: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str | None] = mapped_column(String(40))
    legal_basis: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    made_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]


class OutwardApproval(Keyed, Base):
    """Somebody asks to fill a template with rows of persons for an area; a second person decides.

    While nobody has decided it waits. ``until`` is the last day on which an approval holds.
    """

    __tablename__ = "outward_approval"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (is_approved IS NULL)", name="decided"),
        CheckConstraint("(until IS NULL) = (is_approved IS NULL OR is_approved = false)", name="until"),
        Index("ix_outward_approval_form", "outward_form_id", "area_id"),
        Index(
            "uq_outward_approval_waiting",
            "outward_form_id",
            "area_id",
            unique=True,
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
    )

    outward_form_id: Mapped[Id] = mapped_column(ForeignKey(OutwardForm.id))
    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(Encrypted("outward_approval.reason"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    is_approved: Mapped[bool | None]
    until: Mapped[date | None]


class OutwardRun(Keyed, Base):
    """That a template was filled: for which area and month, how many rows and cells, the file's digest.

    The file is not kept. ``cell_count`` counts the cells that somebody would have to type: they are
    ``prefilled``, left empty for want of consent, or ``empty`` since nobody knows or said what stands there.
    """

    __tablename__ = "outward_run"

    outward_form_id: Mapped[Id] = mapped_column(ForeignKey(OutwardForm.id), index=True)
    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    month: Mapped[date]
    as_of: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    row_count: Mapped[int]
    cell_count: Mapped[int]
    prefilled: Mapped[int]
    empty: Mapped[int]
    no_consent: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
