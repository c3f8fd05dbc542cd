"""Who looks in on whom: the assigned visitors of residents."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.storage.base import Base, Dated, Id, Keyed, dated_check
from gisgrid.welfare.rules import VisitorKind

_OPEN = text("valid_to IS NULL")


class AssignedVisitor(Keyed, Dated, Base):
    """Who visits a resident, from when to when; at most one at a time.

    ``worker_id``: a person on duty; else ``name``, encrypted: a volunteer or an organisation.
    ``agree_with_id``: the member who took the resident's grid over, with whom it is still to be agreed who
    visits from now on.
    """

    __tablename__ = "assigned_visitor"
    __table_args__ = (
        one_of("kind", VisitorKind),
        dated_check(),
        CheckConstraint("(kind = 'worker') = (worker_id IS NOT NULL)", name="worker"),
        CheckConstraint("(worker_id IS NULL) <> (name IS NULL)", name="one_visitor"),
        Index(
            "uq_assigned_visitor_open",
            "resident_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    resident_id: Mapped[Id] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    worker_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    name: Mapped[str | None] = mapped_column(Encrypted("assigned_visitor.name"))
    agree_with_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
