"""The declarative base, names of constraints, public ids and half-open intervals."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final

from sqlalchemy import BindParameter, CheckConstraint, ColumnElement, Integer, MetaData, String, or_
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column

from gisgrid.storage.types import UtcDateTime

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

STAYS_HERE: Final[dict[str, Any]] = {"stays_here": True}
"""``info`` of a table that belongs to one database: no backup, copy or hash holds its rows."""

DERIVED: Final[dict[str, Any]] = {"is_derived": True}
"""``info`` of a column that says nothing of the object itself: a key, or what a redraw or the clock sets."""

Id = Annotated[str, mapped_column(String(36))]
"""A public id: a UUIDv7 as text."""


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


class _Ids:
    """Ids of one process in the order in which they were given, also within a millisecond (RFC 9562, 6.2)."""

    def __init__(self) -> None:
        self._lock, self._time, self._count = threading.Lock(), 0, 0

    def next(self) -> str:
        """A new id, later than all before it."""
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._time:
                self._time, self._count = now, secrets.randbits(11)
            elif self._count < 0xFFF:
                self._count += 1
            else:
                self._time, self._count = self._time + 1, 0
            value = self._time << 80 | 0x7 << 76 | self._count << 64
        return str(uuid.UUID(int=value | 0x2 << 62 | secrets.randbits(62)))


_IDS: Final = _Ids()


def new_id() -> str:
    """A new UUIDv7: sorted by time, unguessable enough for a public id (RFC 9562, section 5.7).

    Rows that one process writes at the same moment are told in their order by their ids.
    """
    return _IDS.next()


class Keyed:
    """Mixin of a table whose key is a public id."""

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id, info=DERIVED)


class Featured:
    """Mixin of a table with a geometry: a public id, and an integer key for R-trees and GIS programs.

    SpatiaLite's R-tree points at the row's number, which only an integer primary key keeps through a VACUUM.
    """

    fid: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True, info=DERIVED)
    id: Mapped[Id] = mapped_column(unique=True, default=new_id, info=DERIVED)


class Dated:
    """Mixin of a row that holds for a half-open interval; nothing is overwritten, only closed."""

    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


def dated_check() -> CheckConstraint:
    """The constraint every dated table has: an interval is never empty."""
    return CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="interval")


def valid_at(table: type[Dated], at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Rows of a dated table that hold at an instant, as SQL."""
    return (table.valid_from <= at) & or_(table.valid_to.is_(None), table.valid_to > at)


def lived_on(
    lived_from: InstrumentedAttribute[date], lived_to: InstrumentedAttribute[date | None], day: date
) -> ColumnElement[bool]:
    """Rows whose half-open interval of days holds a day, as SQL."""
    return (lived_from <= day) & or_(lived_to.is_(None), lived_to > day)
