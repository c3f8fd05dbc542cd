"""The declarative base, names of constraints, public ids and half-open intervals."""

from __future__ import annotations

import secrets
import time
import uuid
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final

from sqlalchemy import CheckConstraint, ColumnElement, Integer, MetaData, String, or_
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column

from gisgrid.storage.types import UtcDateTime

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[str, mapped_column(String(36))]
"""A public id: a UUIDv7 as text."""


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


def new_id() -> str:
    """A new UUIDv7: sortable by time, unguessable enough for a public id (RFC 9562, section 5.7)."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


class Keyed:
    """Mixin of a table whose key is a public id."""

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)


class Featured:
    """Mixin of a table with a geometry: a public id, and an integer key for R-trees and GIS programs.

    SpatiaLite's R-tree points at the row's number, which only an integer primary key keeps through a VACUUM.
    """

    fid: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[Id] = mapped_column(unique=True, default=new_id)


class Dated:
    """Mixin of a row that holds for a half-open interval; nothing is overwritten, only closed."""

    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


def dated_check() -> CheckConstraint:
    """The constraint every dated table has: an interval is never empty."""
    return CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="interval")


def valid_at(table: type[Dated], at: datetime) -> ColumnElement[bool]:
    """Rows of a dated table that hold at an instant, as SQL."""
    return (table.valid_from <= at) & or_(table.valid_to.is_(None), table.valid_to > at)


def lived_on(
    lived_from: InstrumentedAttribute[date], lived_to: InstrumentedAttribute[date | None], day: date
) -> ColumnElement[bool]:
    """Rows whose half-open interval of days holds a day, as SQL."""
    return (lived_from <= day) & or_(lived_to.is_(None), lived_to > day)
