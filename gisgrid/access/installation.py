"""Which installation data belongs to: an id that goes with backups and copies, and into lists of cases."""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gisgrid.storage.base import Base


class Installation(Base):
    """The one row with the id that was drawn when the table was made. It is no secret."""

    __tablename__ = "installation"

    code: Mapped[str] = mapped_column(String(10), primary_key=True)


def installation_code(session: Session) -> str:
    """The id of the installation whose data this is: ten letters and digits."""
    return session.scalars(select(Installation.code)).one()
