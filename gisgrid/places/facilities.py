"""Keeps facilities that come from a file: known by their code, else by name and position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from shapely import Point
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.nearness import FAR, far_outside
from gisgrid.errors import InvalidInput, row_said, say
from gisgrid.geometry.lattice import as_array
from gisgrid.places.import_batches import Batch, RowKind, Saving, save_rows
from gisgrid.places.import_rows import (
    Importing,
    KeptRows,
    cells_of,
    differences,
    points_of,
    stored_rows,
    whole_rows,
)
from gisgrid.places.models import Facility, FacilityType
from gisgrid.places.registered import BuildingIndex, Place
from gisgrid.storage.base import new_id

_EMPTY: Final[Mapping[str, Any]] = dict.fromkeys(
    ("code", "address", "office_phone", "capacity", "floor_area_m2")
)
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFacility:
    """A facility as a file has it; what the file leaves open is None.

    ``lon``, ``lat`` in EPSG:4326, both nan without a position: then it stands at the building of its address.
    """

    row: int
    name: str
    type: FacilityType | None = None
    code: str | None = None
    address: str | None = None
    office_phone: str | None = None
    capacity: int | None = None
    floor_area_m2: float | None = None
    lon: float = float("nan")
    lat: float = float("nan")


_KIND: Final = RowKind(
    name="facilities",
    table=Facility,
    key="fid",
    action=Action.FACILITIES_IMPORT,
    placed=PlacedKind.FACILITY,
)


def save_facilities(running: Importing, facilities: Sequence[ImportedFacility]) -> KeptRows:
    """Keep facilities: new by code, else name and position; known ones take what the file says of them.

    A field the file leaves empty keeps its value. Where a facility leaves its cell, the cell goes to its
    placements.
    """
    return save_rows(_KIND, running, facilities, _take)


def _take(rows: Sequence[ImportedFacility], batch: Batch) -> None:
    saving = batch.saving
    own = points_of([facility.lon for facility in rows], [facility.lat for facility in rows])
    points = [
        point or _at_building(facility, saving.buildings) for facility, point in zip(rows, own, strict=True)
    ]
    stored_by_key = _known(saving.session, saving.community_id, rows)
    cells = cells_of(saving.running.division, points)
    far = far_outside(saving.running.division, as_array(own))
    for facility, point, cell, is_far in zip(rows, points, cells, far, strict=True):
        if is_far:
            saving.refuse(facility.row, "lon", FAR)
            continue
        stored = stored_by_key.get(_key(facility, point)) or _without_code(facility, point, stored_by_key)
        if _is_refused(facility, point, stored, saving):
            continue
        if stored is None:
            batch.fresh.append(_new(facility, point, cell, saving))
        else:
            _change(facility, point, cell, stored=stored, batch=batch)


def _at_building(facility: ImportedFacility, buildings: BuildingIndex) -> Point | None:
    try:
        building = buildings.home(Place(address=facility.address or "")).building
    except InvalidInput:
        return None
    return None if building is None or building.point.is_empty else building.point


def _key(facility: ImportedFacility, point: Point | None) -> Key:
    """What a facility is known by: its code, else its name and the point it stands at."""
    if facility.code:
        return ("code", facility.code)
    return ("name", facility.name, str(point.x), str(point.y)) if point else ("name", facility.name)


def _known(
    session: Session, community_id: str, batch: Sequence[ImportedFacility]
) -> dict[Key, Mapping[str, Any]]:
    """Stored facilities the rows may mean, by both kinds of key."""
    codes = [facility.code for facility in batch if facility.code]
    names = [facility.name for facility in batch]
    here = whole_rows(Facility).where(
        Facility.community_id == community_id, Facility.code.in_(codes) | Facility.name.in_(names)
    )
    stored: dict[Key, Mapping[str, Any]] = {}
    for row in stored_rows(session, here.order_by(Facility.fid.desc())):
        stored["name", row["name"], str(row["position"].x), str(row["position"].y)] = row
        if row["code"]:
            stored["code", row["code"]] = row
    return stored


def _without_code(
    facility: ImportedFacility, point: Point | None, stored_by_key: Mapping[Key, Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """A facility that has no code yet and stands there under this name: the row gives it its code."""
    stored = stored_by_key.get(("name", facility.name, str(point.x), str(point.y))) if point else None
    return stored if stored is not None and stored["code"] is None else None


def _is_refused(
    facility: ImportedFacility, point: Point | None, stored: Mapping[str, Any] | None, saving: Saving
) -> bool:
    faults: list[tuple[str, str]] = []
    field_name = "code" if facility.code else "name"
    twin = saving.twin(_key(facility, point), facility.row)
    if twin is not None:
        faults.append((field_name, say("{place} is the same facility", place=row_said(twin))))
    if stored is None and facility.type is None:
        faults.append(("type", say("a new facility needs its kind")))
    if stored is None and point is None:
        faults.append(("lon", say("neither a position nor an address with a building that is known here")))
    for name, message in faults:
        saving.refuse(facility.row, name, message)
    return bool(faults)


def _describe(facility: ImportedFacility) -> dict[str, Any]:
    values = {
        "code": facility.code,
        "name": facility.name,
        "type": facility.type.value if facility.type else None,
        "address": facility.address,
        "office_phone": facility.office_phone,
        "capacity": facility.capacity,
        "floor_area_m2": facility.floor_area_m2,
    }
    return {name: value for name, value in values.items() if value is not None}


def _new(facility: ImportedFacility, point: Point | None, cell: str | None, saving: Saving) -> dict[str, Any]:
    saving.kept.count("outside", cell is None)
    return {
        **_EMPTY,
        **_describe(facility),
        "id": new_id(),
        "community_id": saving.community_id,
        "position": point,
        "cell_id": cell,
    }


def _change(
    facility: ImportedFacility,
    point: Point | None,
    cell: str | None,
    *,
    stored: Mapping[str, Any],
    batch: Batch,
) -> None:
    values = _describe(facility)
    if point is not None and not np.isnan(facility.lon):
        values["position"] = point
    different = differences(stored, values)
    if not different:
        batch.saving.kept.unchanged += 1
        return
    named = list(different)
    if "position" in different and cell != stored["cell_id"]:
        different["cell_id"] = cell
    batch.change(facility.row, facility.code or facility.name, stored, different, named=named)
