"""Who serves a need: a table beside the needs, by person and kind of need."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.storage.base import Base, Id, Keyed


class ServerKind(StrEnum):
    """Who serves a need."""

    MEMBER = "member"
    VOLUNTEER = "volunteer"
    ORGANISATION = "organisation"
    PROPERTY = "property"
    STATION = "station"


_RUNNING = text("until IS NULL")


class NeedService(Keyed, Base):
    """Who serves a need of a resident, from a day on up to another; at most one at a time for each kind.

    Rows of needs come and go with their grades, so that it hangs on person and kind. ``worker_id``: a person
    on duty; ``organisation_id``: the account of an organisation or a property company; ``facility_id``: a
    station; else ``name``, sealed: a volunteer, blank after a no. ``until`` is the first day on which it
    holds no more. A row is only ever ended. It goes with the person when that is erased.
    """

    __tablename__ = "need_service"
    __table_args__ = (
        one_of("server", ServerKind),
        CheckConstraint("until IS NULL OR until >= since", name="days"),
        CheckConstraint("(server = 'member') = (worker_id IS NOT NULL)", name="worker"),
        CheckConstraint(
            "(server IN ('organisation', 'property')) = (organisation_id IS NOT NULL)", name="organisation"
        ),
        CheckConstraint("(server = 'station') = (facility_id IS NOT NULL)", name="facility"),
        CheckConstraint("name IS NULL OR server = 'volunteer'", name="name"),
        Index(
            "uq_need_service_running",
            "resident_id",
            "kind",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
    )

    resident_id: Mapped[Id] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    server: Mapped[str] = mapped_column(String(20))
    worker_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    organisation_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    facility_id: Mapped[Id | None] = mapped_column(ForeignKey("facility.id"), index=True)
    name: Mapped[str | None] = mapped_column(Encrypted("need_service.name"))
    since: Mapped[date]
    until: Mapped[date | None]
    noted_at: Mapped[datetime]
    noted_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
