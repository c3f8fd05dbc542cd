"""The table of photos. Both sizes are sealed; what was taken out leaves its row behind."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.erasures import erased_to
from gisgrid.access.keys.encryption import EncryptedBytes
from gisgrid.access.models import one_of
from gisgrid.storage.base import Base, Id, Keyed


class PhotoKind(StrEnum):
    """What a photo shows: what was reported, how it was before the handling, how it is after."""

    REPORT = "report"
    BEFORE = "before"
    AFTER = "after"


class CasePhoto(Keyed, Base):
    """A photo of a case as JPEG without metadata, with a small one for lists.

    ``digest`` is that of the file that was sent. Both are nothing where the photo was taken out.
    """

    __tablename__ = "case_photo"
    __table_args__ = (
        one_of("kind", PhotoKind),
        CheckConstraint("width > 0 AND height > 0", name="size"),
        UniqueConstraint("case_id", "kind", "digest"),
    )

    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"))
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    picture: Mapped[bytes | None] = mapped_column(
        EncryptedBytes("case_photo.picture"), info=erased_to(None), deferred=True
    )
    thumbnail: Mapped[bytes | None] = mapped_column(
        EncryptedBytes("case_photo.thumbnail"), info=erased_to(None), deferred=True
    )
