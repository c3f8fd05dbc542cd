"""Tables of records: one filled form about one subject on one day by one worker. Append-only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.erasures import erased_to
from gisgrid.access.keys.encryption import Encrypted, EncryptedBytes
from gisgrid.access.models import one_of
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.rules import FieldBecame
from gisgrid.records.core.subjects import AboutSubject, subject_check
from gisgrid.records.core.work_models import Round
from gisgrid.storage.base import Base, Id, Keyed

GONE: Final = ""
"""What stands in place of answers that were erased or redacted: it is never read as JSON."""
_WAITING = text("record_id IS NULL")


class Record(Keyed, AboutSubject, Base):
    """What was noted about a subject. Its id is made by who sends it and is its idempotency key too.

    ``cell_id`` is the subject's cell at that time, nothing outside. ``answers``, ``marks``, ``reason`` (why
    it corrects another) and ``position`` are sealed, whatever the form; ``sent`` is the sealed digest of what
    was sent, so that the same thing is known again. ``met`` stands open. ``is_day_doubtful``: the times that
    came with it could not be, and the day of receipt counts. ``parent_id``: it was a row of a repeat.
    """

    __tablename__ = "record"
    __table_args__ = (
        subject_check(),
        CheckConstraint("corrects_id IS NULL OR corrects_id <> id", name="corrects"),
        Index("ix_record_resident", "resident_id", "form_code", "day"),
        Index("ix_record_form", "form_code", "day"),
        Index("ix_record_cell", "cell_id", "day"),
    )

    form_version_id: Mapped[Id] = mapped_column(ForeignKey(FormVersion.id), index=True)
    form_code: Mapped[str] = mapped_column(String(60))
    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    cell_id: Mapped[Id | None] = mapped_column(ForeignKey("unit_cell.id"))
    parent_id: Mapped[Id | None] = mapped_column(ForeignKey("record.id"), index=True)
    day: Mapped[date]
    is_day_doubtful: Mapped[bool] = mapped_column(default=False)
    filled_at: Mapped[datetime]
    received_at: Mapped[datetime]
    author_account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    author_worker_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    corrects_id: Mapped[Id | None] = mapped_column(ForeignKey("record.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(Encrypted("record.reason"), info=erased_to(None))
    answers: Mapped[str] = mapped_column(Encrypted("record.answers"), info=erased_to(GONE))
    marks: Mapped[str] = mapped_column(Encrypted("record.marks"), info=erased_to(GONE))
    sent: Mapped[str] = mapped_column(Encrypted("record.sent"), info=erased_to(GONE))
    position: Mapped[str | None] = mapped_column(Encrypted("record.position"), info=erased_to(None))
    met: Mapped[bool | None]
    task_key: Mapped[str | None] = mapped_column(String(160))
    round_id: Mapped[Id | None] = mapped_column(ForeignKey(Round.id), index=True)
    redacted_at: Mapped[datetime | None]
    redacted_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class RecordPhoto(Keyed, Base):
    """A photo of a record as JPEG without metadata; it is sent before its record and waits for it.

    ``resident_id`` is copied from the record. ``digest`` is that of the file that was sent.
    """

    __tablename__ = "record_photo"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0", name="size"),
        CheckConstraint("(record_id IS NULL) = (question IS NULL)", name="waits"),
        Index(
            "uq_record_photo_waiting",
            "author_account_id",
            "digest",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    record_id: Mapped[Id | None] = mapped_column(ForeignKey(Record.id), index=True)
    resident_id: Mapped[Id | None] = mapped_column(ForeignKey("resident.id"), index=True)
    question: Mapped[str | None] = mapped_column(String(120))
    author_account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    picture: Mapped[bytes | None] = mapped_column(
        EncryptedBytes("record_photo.picture"), info=erased_to(None), deferred=True
    )
    thumbnail: Mapped[bytes | None] = mapped_column(
        EncryptedBytes("record_photo.thumbnail"), info=erased_to(None), deferred=True
    )


class RecordField(Keyed, Base):
    """What came of an answer that stands for a field of the register; no values."""

    __tablename__ = "record_field"
    __table_args__ = (
        one_of("became", FieldBecame),
        CheckConstraint("(resident_id IS NULL) <> (household_id IS NULL)", name="one_subject"),
        Index("ix_record_field_resident", "resident_id", "field"),
        Index("ix_record_field_household", "household_id", "field"),
    )

    record_id: Mapped[Id] = mapped_column(ForeignKey(Record.id), index=True)
    field: Mapped[str] = mapped_column(String(60))
    resident_id: Mapped[Id | None] = mapped_column(ForeignKey("resident.id"))
    household_id: Mapped[Id | None] = mapped_column(ForeignKey("household.id"))
    became: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
