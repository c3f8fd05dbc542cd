"""The table of background images. Their tiles lie in one file each beside the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.storage.base import Base, Id, Keyed

_STANDS = text("removed_at IS NULL")


class BackgroundImage(Keyed, Base):
    """An image of the ground: bounds in EPSG:4326, zooms and number of its tiles, bytes of their file.

    Without a community it is shown in all of them that it covers. Only a ``public`` one is shown to residents
    and to who is not logged in. ``file_name`` is what was sent, ``attribution`` whom the image is from.
    """

    __tablename__ = "background_image"
    __table_args__ = (
        CheckConstraint("west < east AND south < north", name="bounds"),
        CheckConstraint("min_zoom >= 0 AND min_zoom <= max_zoom", name="zooms"),
        CheckConstraint("tiles > 0 AND size > 0", name="size"),
        Index(
            "uq_background_image_name",
            "name",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    name: Mapped[str] = mapped_column(String(60))
    attribution: Mapped[str] = mapped_column(String(200))
    community_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"))
    is_public: Mapped[bool]
    file_name: Mapped[str] = mapped_column(String(200))
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    min_zoom: Mapped[int]
    max_zoom: Mapped[int]
    tiles: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime]
    added_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:4326."""
        return (self.west, self.south, self.east, self.north)
