"""Records by the building or the facility where their subjects are, for a map; nobody's name is among it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute
from typing_extensions import TypedDict

from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.days import period
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.lists.openings import require_reading
from gisgrid.records.lists.queries import USUAL_DAYS, RecordFilter, listed


class RecordPlace(TypedDict):
    """A building or a facility with how many records there are about it and whom it houses.

    `unmet` are those in which nobody was met; `last` is the day of the newest. In degrees, EPSG:4326.
    """

    id: str
    label: str
    lon: float
    lat: float
    records: int
    unmet: int
    last: str


class RecordPlaces(TypedDict):
    """Places of the records that were wanted, the most first; `elsewhere` are records that have no place."""

    rows: list[RecordPlace]
    total: int
    elsewhere: int
    first: str
    last: str


class _PlaceCount(NamedTuple):
    """What is counted at a place, nothing where subjects have none."""

    place: str | None
    records: int
    unmet: int
    last: date


class _Spot(NamedTuple):
    """Where a building or a facility stands, and what it is called on the map."""

    label: str
    point: shapely.Point


def record_places(view: View, wanted: RecordFilter, *, now: datetime) -> RecordPlaces:
    """The places of the records that :func:`list_records` lists, all at once. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role sees no list of records.
    NotFound
        No such form or grid.
    InvalidInput
        The days can't be so.
    """
    require_reading(view.actor)
    days = period(wanted.first, wanted.last, today=view.when.day, tz=view.tz, days=USUAL_DAYS)
    place = func.coalesce(Record.building_id, Household.building_id, Record.facility_id)
    noted = (
        listed(view, wanted, days).with_only_columns(place.label("place"), Record.met, Record.day).subquery()
    )
    unmet = func.count().filter(noted.c.met.is_(False))
    statement = select(noted.c.place, func.count(), unmet, func.max(noted.c.day)).group_by(noted.c.place)
    counts = [_PlaceCount(*row) for row in view.session.execute(statement)]
    total = sum(count.records for count in counts)
    record(view.session, view.actor, "records:list", "record", now=now, count=total)
    spots = _spots(view, [count.place for count in counts if count.place is not None])
    rows = [_row(count, spots[count.place]) for count in counts if count.place in spots]
    return RecordPlaces(
        rows=sorted(rows, key=lambda row: (-row["records"], row["label"], row["id"])),
        total=total,
        elsewhere=total - sum(row["records"] for row in rows),
        first=days.first.isoformat(),
        last=days.last.isoformat(),
    )


def _row(count: _PlaceCount, spot: _Spot) -> RecordPlace:
    return RecordPlace(
        id=count.place or "",
        label=spot.label,
        lon=spot.point.x,
        lat=spot.point.y,
        records=count.records,
        unmet=count.unmet,
        last=count.last.isoformat(),
    )


def _spots(view: View, ids: Iterable[str]) -> Mapping[str | None, _Spot]:
    """The buildings and facilities of some ids: the middle of a footprint, or the point of a facility."""
    spots: dict[str | None, _Spot] = {}
    kinds: tuple[tuple[Any, InstrumentedAttribute[str], Any], ...] = (
        (Building.id, Building.address, Building.footprint),
        (Facility.id, Facility.name, Facility.position),
    )
    for few in batches(sorted(ids)):
        for key, label, shape in kinds:
            for row in view.session.execute(select(key, label, shape).where(key.in_(few))):
                spots[row[0]] = _Spot(row[1], row[2].centroid)
    return spots
