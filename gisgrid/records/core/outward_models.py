"""Tables of outward forms: a department's own workbook, filled from the register and from records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.models import one_of
from gisgrid.people.core.purposes import Purpose
from gisgrid.records.core.rules import OutwardRows
from gisgrid.storage.base import Base, Id, Keyed


class OutwardForm(Keyed, Base):
    """A version of a template: its cells by place, and what a row of it is about."""

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
    """A second person lets a template with rows of persons be filled for an area until a day."""

    __tablename__ = "outward_approval"
    __table_args__ = (Index("ix_outward_approval_form", "outward_form_id", "area_id"),)

    outward_form_id: Mapped[Id] = mapped_column(ForeignKey(OutwardForm.id))
    area_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    asked_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    approved_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime]
    until: Mapped[date]


class OutwardRun(Keyed, Base):
    """That a template was filled: how many rows and cells, and the digest of the file, which is not kept."""

    __tablename__ = "outward_run"

    outward_form_id: Mapped[Id] = mapped_column(ForeignKey(OutwardForm.id), index=True)
    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    as_of: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    row_count: Mapped[int]
    cell_count: Mapped[int]
    prefilled: Mapped[int]
    empty: Mapped[int]
    no_consent: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
