"""Buildings and streets from a file: good rows are kept, bad ones reported with all their faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, Generic, TypeVar

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from data.importers.kinds.fields import names_of
from data.importers.outcome import ImportOutcome, Remark, row_faults
from data.importers.readers.table import FileTable
from data.importers.values.columns import choose_columns, need
from data.importers.values.datum_check import DatumCheck, buildings_of, check_datum
from data.importers.values.shapes import (
    clean_street,
    reference_of_shapes,
    refuse_nowhere,
    shapes_in_degrees,
    shapes_note,
)
from data.importers.values.values import RowFaults, choice, whole_number, yes_or_no
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.imports import ImportNotes
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.division import load_division
from gisgrid.areas.imports import community_for
from gisgrid.areas.nearness import FAR, far_outside
from gisgrid.crs import Datum, shift_datum
from gisgrid.errors import Fault, Sentence, row_said, say
from gisgrid.geometry.clean import clean_polygon
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.heartbeat import Pulse, no_pulse, part_of, stages_of
from gisgrid.places.models import Condition
from gisgrid.places.service import NewBuilding, NewStreet, Saved, save_buildings, save_streets
from gisgrid.positions.placement import PLACING_STEPS, place_objects

BUILDING_FIELDS: Final = names_of("buildings")
STREET_FIELDS: Final = names_of("streets")
_CONDITIONS: Final = {grade.value.casefold(): grade.value for grade in Condition}
_LIMITS: Final[Mapping[str, int]] = {"code": 60, "address": 200, "name": 80, "compound": 120}
_STREET_NAME_LIMIT: Final = 200
_KIND_LIMIT: Final = 60
_SAVING_SHARE: Final = 0.7
"""Share of an import of buildings that is over when they are kept, and have to be placed yet."""

Row = TypeVar("Row", NewBuilding, NewStreet)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRows(Generic[Row]):
    """The good rows of a file, the faults of the others, and all its shapes that can be used.

    ``suspects`` have faults and a shape. ``mended`` shapes were repaired, which changed ``mended_m2`` of
    land; ``datum`` is what was said of them.
    """

    good: Sequence[Row]
    faults: Sequence[Fault]
    shapes: GeometryArray
    source: str
    mended: int = 0
    mended_m2: float = 0.0
    warnings: Sequence[Sentence] = ()
    datum: Datum = Datum.WGS84
    suspects: Sequence[Row] = ()


def read_buildings(
    table: FileTable,
    *,
    crs: str | None = None,
    columns: Sequence[str] = (),
    fix: bool = False,
    pulse: Pulse = no_pulse,
) -> PlaceRows[NewBuilding]:
    """Buildings of a table: those without fault, and every fault of the others.

    A building without address is called by its compound and name, else by its code. Invalid footprints are
    faults unless ``fix``.

    Raises
    ------
    MissingCrs
        Neither the file nor the caller says the CRS.
    InvalidInput
        There are no shapes, or no column by which a building could be known again.
    """
    chosen = choose_columns(table, BUILDING_FIELDS, columns)
    reference = reference_of_shapes(table, crs)
    shapes = shapes_in_degrees(table, reference, as_drawn=True)
    need(chosen, "code", "address")
    good, suspects, faults, first_rows = [], [], [], dict[str, int]()
    mended: list[float] = []
    each = chosen.each_row(BUILDING_FIELDS, pulse=pulse)
    for (row, texts, _values), shape in zip(each, shapes, strict=True):
        reading = RowFaults()
        clean = reading.take("geometry", partial(clean_polygon, shape, repair=fix), None)
        reading.take("geometry", partial(refuse_nowhere, shape), None)
        building = _building(row, texts, clean.shape if clean else None, reading=reading)
        _refuse_twins(row, building, seen=first_rows, reading=reading)
        if reading.found:
            faults += row_faults(table.source, row, reading.found)
            suspects += [building] if clean else []
        else:
            good.append(building)
            mended += [clean.moved_m2] if clean and clean.repaired else []
    return PlaceRows(
        good=good,
        suspects=suspects,
        faults=faults,
        shapes=as_array([building.footprint for building in good]),
        source=table.source,
        mended=len(mended),
        mended_m2=sum(mended),
        warnings=(*table.notes, *shapes_note(shapes)),
        datum=reference.datum,
    )


def _building(
    row: int, texts: Mapping[str, str], footprint: BaseGeometry | None, *, reading: RowFaults
) -> NewBuilding:
    """The building of a row; what is wrong with its fields goes to ``reading``."""
    for name, limit in _LIMITS.items():
        if len(texts[name]) > limit:
            reading.found.append((name, say("at most {limit} characters", limit=limit)))
    if not texts["code"] and not texts["address"]:
        reading.found.append(("code", say("neither a code nor an address: it could not be known again")))
    return NewBuilding(
        row=row,
        code=texts["code"] or None,
        address=_address(texts),
        name=texts["name"] or None,
        compound=texts["compound"] or None,
        floors=_number(texts, "floors", lowest=1, highest=300, reading=reading),
        built_year=_number(texts, "built_year", lowest=1000, highest=2200, reading=reading),
        condition=reading.take(
            "condition", lambda: choice(texts["condition"], _CONDITIONS, wanted="A, B, C, D"), None
        ),
        has_lift=reading.take("lift", lambda: yes_or_no(texts["lift"]) if texts["lift"] else None, None),
        dwellings=_number(texts, "dwellings", lowest=0, highest=100_000, reading=reading),
        footprint=footprint if footprint is not None else shapely.Polygon(),
    )


def _number(
    texts: Mapping[str, str], field: str, *, lowest: int, highest: int, reading: RowFaults
) -> int | None:
    return reading.take(field, lambda: whole_number(texts[field], lowest=lowest, highest=highest), None)


def _address(texts: Mapping[str, str]) -> str:
    return texts["address"] or f"{texts['compound']}{texts['name']}" or texts["code"]


def _refuse_twins(row: int, building: NewBuilding, *, seen: dict[str, int], reading: RowFaults) -> None:
    if not building.key:
        return
    field = "code" if building.code else "address"
    first = seen.setdefault(f"{field} {building.key}", row)
    if first != row:
        reading.found.append((field, say("{place} has the same code or address", place=row_said(first))))


def read_streets(
    table: FileTable, *, crs: str | None = None, columns: Sequence[str] = (), pulse: Pulse = no_pulse
) -> PlaceRows[NewStreet]:
    """Streets of a table: those without fault, and every fault of the others.

    Raises
    ------
    MissingCrs, InvalidInput
        As `read_buildings`.
    """
    chosen = choose_columns(table, STREET_FIELDS, columns)
    shapes = shapes_in_degrees(table, reference_of_shapes(table, crs), as_drawn=True)
    good, suspects, faults, first_rows = [], [], [], dict[bytes, int]()
    each = chosen.each_row(STREET_FIELDS, pulse=pulse)
    for (row, texts, _values), shape in zip(each, shapes, strict=True):
        reading = RowFaults()
        line = reading.take("geometry", partial(clean_street, shape), None)
        reading.take("geometry", partial(refuse_nowhere, shape), None)
        street = _street(row, texts, line, reading=reading)
        first = first_rows.setdefault(shapely.to_wkb(street.geom), row) if line is not None else row
        if first != row:
            reading.found.append(("geometry", say("the same line as {place}", place=row_said(first))))
        if reading.found:
            faults += row_faults(table.source, row, reading.found)
            suspects += [street] if line is not None else []
        else:
            good.append(street)
    return PlaceRows(
        good=good,
        suspects=suspects,
        faults=faults,
        shapes=as_array([street.geom for street in good]),
        source=table.source,
        warnings=(*table.notes, *shapes_note(shapes)),
    )


def _street(
    row: int, texts: Mapping[str, str], line: BaseGeometry | None, *, reading: RowFaults
) -> NewStreet:
    for name, limit in (("name", _STREET_NAME_LIMIT), ("kind", _KIND_LIMIT)):
        if len(texts[name]) > limit:
            reading.found.append((name, say("at most {limit} characters", limit=limit)))
    layer = reading.take("layer", lambda: whole_number(texts["layer"], lowest=-20, highest=20), None)
    return NewStreet(
        row=row,
        geom=line if line is not None else shapely.LineString(),
        name=texts["name"] or None,
        kind=texts["kind"] or None,
        tunnel=reading.take("tunnel", lambda: yes_or_no(texts["tunnel"]), False),
        bridge=reading.take("bridge", lambda: yes_or_no(texts["bridge"]), False),
        layer=layer or 0,
    )


def import_buildings(
    session: Session,
    actor: Actor,
    rows: PlaceRows[NewBuilding],
    *,
    community: str,
    at: datetime,
    pulse: Pulse = no_pulse,
    notes: ImportNotes | None = None,
) -> ImportOutcome:
    """Save the good rows, place them in cells where the community has some, and say what happened."""
    require(actor, Action.PLACES_IMPORT)
    if not rows.good:
        counts = {"community": community, **_counts(Saved(), rows)}
        return ImportOutcome(counts=counts, faults=rows.faults, warnings=rows.warnings)
    community_id = community_for(session, actor, community, shapes=rows.shapes, at=at, notes=notes)
    wait_for_others(session, community_id)
    rows = _near(session, community_id, rows, at=at)
    datum = _datum_check(session, community_id, rows)
    count = len(rows.good)
    saving = part_of(pulse, count, first=0.0, last=_SAVING_SHARE)
    saved = save_buildings(
        session, actor, community_id, buildings=rows.good, at=at, pulse=saving, notes=notes
    )
    mended = {"repaired": rows.mended, "repaired_m2": round(rows.mended_m2, 3)}
    counts = {"community": community, **_counts(saved, rows), **mended}
    if saved.new or saved.updated:
        placing = part_of(pulse, count, first=_SAVING_SHARE, last=1.0)
        step = stages_of(placing, count, PLACING_STEPS)
        placed = place_objects(session, community_id, at=at, step=step)
        counts |= {"objects_placed": placed.placed, "objects_moved": placed.changed_area}
    return ImportOutcome(
        counts=counts, faults=rows.faults, remarks=_remarks(saved), warnings=rows.warnings, datum=datum
    )


def _near(session: Session, community_id: str, rows: PlaceRows[Row], *, at: datetime) -> PlaceRows[Row]:
    """The rows without those that lie far outside the community, which are faults, as faulty ones are."""
    division = load_division(session, community_id, at=at, revision=0)
    far = far_outside(division, rows.shapes)
    odd = far_outside(division, as_array([_shape(suspect) for suspect in rows.suspects]))
    good = [row for row, is_far in zip(rows.good, far.tolist(), strict=True) if not is_far]
    away = [row for row, is_far in zip(rows.good, far.tolist(), strict=True) if is_far]
    away += [row for row, is_far in zip(rows.suspects, odd.tolist(), strict=True) if is_far]
    faulty = {(fault.row, fault.field) for fault in rows.faults}
    away = [row for row in away if (row.row, "geometry") not in faulty]
    more: list[Fault] = [Fault(message=FAR, file=rows.source, row=row.row, field="geometry") for row in away]
    return replace(rows, good=good, faults=[*rows.faults, *more], shapes=rows.shapes[~far])


def _shape(place: NewBuilding | NewStreet) -> BaseGeometry:
    return place.footprint if isinstance(place, NewBuilding) else place.geom


def _datum_check(session: Session, community_id: str, rows: PlaceRows[NewBuilding]) -> DatumCheck | None:
    """How well buildings that are known lie on their footprints, read in each datum."""
    middle = shapely.point_on_surface(rows.shapes)
    lon, lat = shift_datum(shapely.get_x(middle), shapely.get_y(middle), Datum.WGS84, rows.datum)
    keys = [building.code or building.address for building in rows.good]
    return check_datum(lon, lat, said=rows.datum, ground=buildings_of(session, community_id), recorded=keys)


def import_streets(
    session: Session,
    actor: Actor,
    rows: PlaceRows[NewStreet],
    *,
    community: str,
    at: datetime,
    pulse: Pulse = no_pulse,
    notes: ImportNotes | None = None,
) -> ImportOutcome:
    """Save the good rows and say what happened."""
    require(actor, Action.PLACES_IMPORT)
    if not rows.good:
        counts = {"community": community, **_counts(Saved(), rows)}
        return ImportOutcome(counts=counts, faults=rows.faults, warnings=rows.warnings)
    community_id = community_for(session, actor, community, shapes=rows.shapes, at=at, notes=notes)
    wait_for_others(session, community_id)
    rows = _near(session, community_id, rows, at=at)
    saved = save_streets(session, actor, community_id, streets=rows.good, at=at, pulse=pulse, notes=notes)
    counts = {"community": community, **_counts(saved, rows)}
    return ImportOutcome(counts=counts, faults=rows.faults, remarks=_remarks(saved), warnings=rows.warnings)


def _counts(saved: Saved, rows: PlaceRows[Row]) -> dict[str, object]:
    return {
        "new": saved.new,
        "updated": len(saved.updated),
        "unchanged": saved.unchanged,
        "refused": len({fault.row for fault in rows.faults}),
    }


def _remarks(saved: Saved) -> list[Remark]:
    return [
        Remark(row=row, key=key, field=", ".join(names), message=say("changed"))
        for row, key, names in saved.updated
    ]
