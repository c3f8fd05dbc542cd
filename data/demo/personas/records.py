"""The records about people: households, residents, workers and accounts. Nobody in them exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shapely import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoHousehold:
    """A household at its standard address; ``persons`` is ``None`` where consent was refused."""

    key: str
    building: str
    unit: int
    floor: int
    room: str
    address: str
    persons: int | None
    geom: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResident:
    """A person. ``residence_status`` as the register knows it; the phone is in no assigned range."""

    key: str
    household: str
    name: str
    sex: str
    birth_date: date
    residence_status: str
    is_contact: bool
    phone: str | None
    lived_from: date
    lived_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConsent:
    """What a household answered for one purpose, with the text's version and who asked."""

    household: str
    purpose: str
    status: str
    text_version: str
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoNeed:
    """A sensitive need of a resident; counted only because it has a legal basis."""

    resident: str
    kind: str
    grade: int | None
    legal_basis: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVisitor:
    """Who visits a resident since when: a worker's key, or a volunteer or an organisation by name."""

    resident: str
    kind: str
    worker: str | None
    name: str | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWorker:
    """Someone who serves the community; ``post`` is the title on the door."""

    key: str
    name: str
    sex: str
    birth_year: int
    education: str
    post: str
    phone: str
    party_member: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDuty:
    """Who serves what from when; exactly one of ``area`` and ``building`` is given."""

    worker: str
    kind: str
    area: str | None
    building: str | None
    primary: bool
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """A demo account; ``areas`` are codes of its scope, ``household`` only for residents.

    ``organisation``: what a property company or a social organisation is called. ``may_instruct``: a leader
    who is a party to what is escalated.
    """

    name: str
    role: str
    worker: str | None
    areas: tuple[str, ...]
    household: str | None = None
    organisation: str | None = None
    may_instruct: bool = False
