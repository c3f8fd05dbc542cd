"""What the demo consists of: plain frozen records, free of any database.

Geometries are shapely in EPSG:4326 with every coordinate on the lattice; times are aware UTC. Keys
are small strings that are unique within one kind of record of one community.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from shapely import LineString, Point, Polygon

from data.demo.fieldwork.records import Fieldwork
from data.demo.personas.records import (
    DemoAccount,
    DemoConsent,
    DemoDuty,
    DemoHousehold,
    DemoNeed,
    DemoResident,
    DemoVisitor,
    DemoWorker,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoArea:
    """An area of any level; ``parent`` is a code, ``None`` for the subdistrict at the top."""

    code: str
    name: str
    level: str
    parent: str | None
    grid_type: str = "general"
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A unit cell. ``kind`` is ``building`` or ``block``; ``compound`` names the zone it lies in."""

    key: str
    number: int
    kind: str
    compound: str
    geom: Polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A cell in a micro grid over a half-open time, backdated for the past."""

    cell: str
    area: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCompound:
    """A residential compound; ``area`` is its code in the area tree."""

    key: str
    name: str
    area: str
    built_from: int
    built_to: int
    property_company: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBuilding:
    """A residential building. ``dwellings`` counts flats, lived in or empty."""

    key: str
    code: str
    compound: str
    cell: str
    number: int
    address: str
    kind: str
    units: int
    floors: int
    dwellings: int
    built_year: int
    condition: str
    lift: bool
    geom: Polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFacility:
    """A service point; ``floor_area_m2`` where the text of the programme names one."""

    key: str
    kind: str
    name: str
    address: str
    cell: str
    floor_area_m2: float | None
    geom: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStreet:
    """A street's centre line. ``kind`` is main, road, lane or dead_end; ``width_m`` kerb to kerb."""

    key: str
    name: str
    kind: str
    width_m: float
    geom: LineString


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLandscape:
    """Land that is drawn, not lived in: ``kind`` is water or green (school yards are green)."""

    key: str
    name: str
    kind: str
    geom: Polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCategory:
    """A category of cases; confidential ones are suppressed below 5 for roles without person rights."""

    code: str
    name: str
    name_en: str
    group: str
    confidential: bool
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCase:
    """A reported case.

    ``geom`` is the position as it was given; ``datum`` is what the reporter said it was measured in.
    ``cell`` is where that position lies, ``None`` outside the community. ``duplicate_of`` is a number.
    """

    number: str
    category: str
    severity: str
    description: str
    channel: str
    state: str
    reported_at: datetime
    handled_at: datetime | None
    closed_at: datetime | None
    due_at: datetime
    address: str | None
    building: str | None
    datum: str
    geom: Point
    cell: str | None
    duplicate_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRevision:
    """A division of the community, made known and in force from ``effective_at``."""

    number: int
    effective_at: datetime
    published_at: datetime
    grids: int
    reason: str
    backdated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlanEdit:
    """One edit of the draft plan: ``paint`` cells to an area, or end the ``duty`` of a worker."""

    op: str
    cells: tuple[str, ...] = ()
    to: str | None = None
    worker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlan:
    """A plan left open so that the rules have something to find."""

    name: str
    drafter: str
    edits: tuple[DemoPlanEdit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedCase:
    """What is special about one case: ``kind`` is hotspot, border, wrong_datum, duplicate or outside."""

    number: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCommunity:
    """Everything of one community; the first area is the subdistrict, the second the community."""

    seed: int
    index: int
    code: str
    name: str
    outline: Polygon
    areas: tuple[DemoArea, ...]
    cells: tuple[Cell, ...]
    memberships: tuple[Membership, ...]
    compounds: tuple[DemoCompound, ...]
    buildings: tuple[DemoBuilding, ...]
    streets: tuple[DemoStreet, ...]
    landscapes: tuple[DemoLandscape, ...]
    households: tuple[DemoHousehold, ...]
    residents: tuple[DemoResident, ...]
    consents: tuple[DemoConsent, ...]
    needs: tuple[DemoNeed, ...]
    visitors: tuple[DemoVisitor, ...]
    facilities: tuple[DemoFacility, ...]
    workers: tuple[DemoWorker, ...]
    duties: tuple[DemoDuty, ...]
    accounts: tuple[DemoAccount, ...]
    categories: tuple[DemoCategory, ...]
    cases: tuple[DemoCase, ...]
    planted: tuple[PlantedCase, ...]
    revisions: tuple[DemoRevision, ...]
    plan: DraftPlan
    fieldwork: Fieldwork

    def grid_of_cell(self) -> dict[str, str]:
        """Cell key to the code of the grid it is in now."""
        parents = {area.code: area.parent for area in self.areas}
        now = [membership for membership in self.memberships if membership.valid_to is None]
        return {membership.cell: parents[membership.area] or "" for membership in now}

    def households_by_grid(self) -> dict[str, int]:
        """Number of households per code of a grid as it is now."""
        grids, cells = self.grid_of_cell(), {building.key: building.cell for building in self.buildings}
        return dict(Counter(grids[cells[household.building]] for household in self.households))
