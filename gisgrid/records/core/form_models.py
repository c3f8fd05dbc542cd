"""Tables of forms and their versions: what is asked, as the workbook that was handed in and as its tree."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.models import one_of
from gisgrid.people.core.purposes import Purpose
from gisgrid.records.core.rules import SubjectKind, VersionState
from gisgrid.storage.base import Base, Id, Keyed

_BUILT_IN = text("owner_area_id IS NULL")
_PUBLISHED = text("state = 'published'")


class FieldForm(Keyed, Base):
    """What is asked about a kind of subject. Without an owner it is built in, else a community's own.

    ``purpose`` is what personal data are kept for; nothing where it holds none.
    """

    __tablename__ = "form"
    __table_args__ = (
        one_of("subject", SubjectKind),
        one_of("purpose", Purpose),
        CheckConstraint(
            "subject NOT IN ('person', 'household') OR purpose IS NOT NULL", name="needs_purpose"
        ),
        UniqueConstraint("owner_area_id", "code"),
        Index("uq_form_built_in", "code", unique=True, sqlite_where=_BUILT_IN, postgresql_where=_BUILT_IN),
    )

    code: Mapped[str] = mapped_column(String(60))
    owner_area_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"))
    subject: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str | None] = mapped_column(String(40))
    is_confidential: Mapped[bool] = mapped_column(default=False)
    legal_basis: Mapped[str | None] = mapped_column(String(120))
    closed_at: Mapped[datetime | None]


class FormVersion(Keyed, Base):
    """One version of a form. Once it is published it never changes, but that it is retired.

    ``tree`` is the form with its expressions parsed, ``sha256`` the digest of the workbook.
    """

    __tablename__ = "form_version"
    __table_args__ = (
        one_of("state", VersionState),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired"),
        UniqueConstraint("form_id", "number"),
        Index(
            "uq_form_version_published",
            "form_id",
            unique=True,
            sqlite_where=_PUBLISHED,
            postgresql_where=_PUBLISHED,
        ),
    )

    form_id: Mapped[Id] = mapped_column(ForeignKey("form.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    workbook: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    tree: Mapped[dict[str, Any]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    published_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    retired_at: Mapped[datetime | None]
