"""Tables of compounds, buildings, households, facilities and the streets and land of the base map."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.storage.base import DERIVED, Base, Featured, Id, Keyed
from gisgrid.storage.types import Shape


class Condition(StrEnum):
    """Condition grade of a building: A sound, D dangerous."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class FacilityType(StrEnum):
    """Kinds of places people are served at."""

    SERVICE_CENTER = "service_center"
    SERVICE_STATION = "service_station"
    VOLUNTEER_POINT = "volunteer_point"
    HOME_CARE_STATION = "home_care_station"
    RED_POST = "red_post"


class HouseholdKind(StrEnum):
    """How a household lives in its dwelling."""

    OWNED = "owned"
    RENTED = "rented"
    COLLECTIVE = "collective"
    VACANT = "vacant"
    SECOND_HOME = "second_home"


class LandKind(StrEnum):
    """Land drawn on the base map beside streets and buildings."""

    WATER = "water"
    GREEN = "green"


class Compound(Keyed, Base):
    """A residential compound (小区) as a place; an area level only where a community says so."""

    __tablename__ = "compound"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(String(120))
    area_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"))


class Building(Featured, Base):
    """A building with its footprint. ``code`` never depends on the grid it lies in."""

    __tablename__ = "building"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        CheckConstraint("condition IS NULL OR condition IN ('A', 'B', 'C', 'D')", name="condition"),
        CheckConstraint("floors IS NULL OR floors > 0", name="floors"),
        CheckConstraint("dwellings IS NULL OR dwellings >= 0", name="dwellings"),
        Index("ix_building_search", "community_id", "search_text"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    code: Mapped[str | None] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(200))
    name: Mapped[str | None] = mapped_column(String(80))
    compound_id: Mapped[Id | None] = mapped_column(ForeignKey("compound.id"), index=True)
    floors: Mapped[int | None]
    built_year: Mapped[int | None]
    condition: Mapped[str | None] = mapped_column(String(1))
    has_lift: Mapped[bool | None]
    dwellings: Mapped[int | None]
    footprint: Mapped[BaseGeometry] = mapped_column(Shape("GEOMETRY"), nullable=False)
    cell_id: Mapped[Id | None] = mapped_column(ForeignKey("unit_cell.id"), index=True, info=DERIVED)
    search_text: Mapped[str] = mapped_column(String(200), default="")
    search_pinyin: Mapped[str] = mapped_column(String(600), default="")
    search_initials: Mapped[str] = mapped_column(String(120), default="")


class Household(Featured, Base):
    """A household at its standard address, a point in its building; it stands there even when people refuse.

    ``consent`` is the present answer to being registered: granted, refused, withdrawn, statutory_duty, none.
    ``contact`` is a phone number to reach it by; none is kept where consent was refused or withdrawn.
    ``people_told`` is how many live there by what they say, ``minors`` how many of them are below 14 and have
    no row of their own. ``vacated_at``: since when nobody of the register lives there any more.
    """

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("community_id", "std_address"),
        CheckConstraint(
            "consent IS NULL OR consent IN ('granted', 'refused', 'withdrawn', 'statutory_duty')",
            name="consent",
        ),
        CheckConstraint(
            "kind IS NULL OR kind IN ('owned', 'rented', 'collective', 'vacant', 'second_home')", name="kind"
        ),
        CheckConstraint("people_told >= 0", name="people_told"),
        CheckConstraint("minors >= 0", name="minors"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    building_id: Mapped[Id | None] = mapped_column(ForeignKey("building.id"), index=True)
    unit: Mapped[str | None] = mapped_column(String(20))
    room: Mapped[str | None] = mapped_column(String(20))
    std_address: Mapped[str] = mapped_column(String(200))
    position: Mapped[Point | None] = mapped_column(Shape("POINT"))
    cell_id: Mapped[Id | None] = mapped_column(ForeignKey("unit_cell.id"), index=True, info=DERIVED)
    consent: Mapped[str | None] = mapped_column(String(20))
    lived_from: Mapped[date]
    lived_to: Mapped[date | None]
    last_verified_at: Mapped[datetime | None]
    kind: Mapped[str | None] = mapped_column(String(20))
    contact: Mapped[str | None] = mapped_column(Encrypted("household.contact"))
    people_told: Mapped[int | None]
    minors: Mapped[int | None]
    vacated_at: Mapped[datetime | None]


class Facility(Featured, Base):
    """A place people are served at, with its office phone."""

    __tablename__ = "facility"
    __table_args__ = (
        one_of("type", FacilityType),
        Index("uq_facility_code", "community_id", "code", unique=True),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    code: Mapped[str | None] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(String(200))
    office_phone: Mapped[str | None] = mapped_column(String(40))
    capacity: Mapped[int | None]
    floor_area_m2: Mapped[float | None]
    position: Mapped[Point] = mapped_column(Shape("POINT"), nullable=False)
    cell_id: Mapped[Id | None] = mapped_column(ForeignKey("unit_cell.id"), index=True, info=DERIVED)


class Street(Featured, Base):
    """A street as a line, for the base map and for making street blocks."""

    __tablename__ = "street"

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str | None] = mapped_column(String(60))
    tunnel: Mapped[bool] = mapped_column(default=False)
    bridge: Mapped[bool] = mapped_column(default=False)
    layer: Mapped[int] = mapped_column(default=0)
    geom: Mapped[BaseGeometry] = mapped_column(Shape("GEOMETRY"), nullable=False)


class Landscape(Featured, Base):
    """Water and green of the base map."""

    __tablename__ = "landscape"
    __table_args__ = (one_of("kind", LandKind),)

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[BaseGeometry] = mapped_column(Shape("GEOMETRY"), nullable=False)
