"""The table of norms: how many households a grid and a member have, how many micro grids a grid."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.storage.base import Base, Id


class Norm(Base):
    """The norm of a community that has one of its own; all others go by the national one."""

    __tablename__ = "norm"
    __table_args__ = (
        CheckConstraint(
            "0 < ok_from AND ok_from <= ok_to AND ok_to <= high_to AND per_member > 0", name="rising"
        ),
        CheckConstraint("0 < micro_from AND micro_from <= micro_to", name="micro"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), primary_key=True)
    ok_from: Mapped[int]
    ok_to: Mapped[int]
    high_to: Mapped[int]
    per_member: Mapped[int]
    micro_from: Mapped[int]
    micro_to: Mapped[int]
