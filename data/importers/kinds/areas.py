"""Areas from a file: made clean, put on the lattice and settled against each other, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from data.importers.kinds.area_rows import (
    AS_DRAWN,
    Mending,
    Redrawn,
    clean_shapes,
    moved_by_area,
    moved_pieces,
    placed,
    read_area_rows,
    refuse_moves,
)
from data.importers.kinds.fields import names_of
from data.importers.outcome import ImportOutcome, Remark
from data.importers.readers.table import FileTable
from data.importers.values.columns import choose_columns, need
from data.importers.values.shapes import reference_of_shapes, shapes_in_degrees, shapes_note
from gisgrid.access.actors import Actor
from gisgrid.access.imports import ImportNotes
from gisgrid.areas.imported_area import ImportedArea, ImportedDivision
from gisgrid.areas.imports import IMPORT_LEVELS, SAME_WITHIN_M, SAVING_STEPS, SavedDivision, save_division
from gisgrid.areas.models import Level
from gisgrid.crs import to_lattice
from gisgrid.errors import Fault, InvalidInput, Sentence, say, some_of
from gisgrid.geometry.cells.areas import Settlement, cells_from_areas
from gisgrid.geometry.cells.faces import steps_of
from gisgrid.geometry.clean import clean_polygon
from gisgrid.geometry.lattice import GeometryArray, LatticeFrame, as_array
from gisgrid.geometry.measure import areas_m2
from gisgrid.heartbeat import Pulse, no_pulse, stages_of
from gisgrid.positions.placement import PLACING_STEPS, PlacementCounts, place_objects

FIELDS: Final = names_of("areas")
_TOLD_M2: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSource:
    """Areas of a file that tile, and what that took.

    ``moved_m2``: land that changed hands when overlaps and narrow gaps were settled; ``repaired_m2``: by
    how much making shapes valid changed them; ``moved_by_area``: both of each area that gained or lost land,
    by code; ``holes_m2``: wide gaps, which stay holes of the community; ``joined``: codes of several rows
    that became one area, with how many.
    """

    given: ImportedDivision
    source: str
    vertices: int
    vertices_moved: int
    moved_m2: float
    repaired_m2: float
    holes_m2: tuple[float, ...]
    moved_by_area: Mapping[str, float] = field(default_factory=dict)
    joined: Mapping[str, int] = field(default_factory=dict)
    warnings: Sequence[Sentence] = ()


def read_areas(
    table: FileTable,
    *,
    level: Level,
    crs: str | None = None,
    columns: Sequence[str] = (),
    mending: Mending = AS_DRAWN,
    pulse: Pulse = no_pulse,
) -> AreaSource:
    """The areas of a table, checked and settled, ready to be saved.

    Parameters
    ----------
    level
        What the areas are; one of ``IMPORT_LEVELS``.
    crs
        Overrides what the file says: an EPSG code, GCJ-02 or BD-09.
    columns
        ``OURS=THEIRS`` for code, name, parent, type.
    mending
        Whether invalid shapes, overlaps and gaps under 20 m are repaired, and areas of one code joined; else
        they are faults.
    pulse
        Is told between the three stages of it.

    Raises
    ------
    MissingCrs
        Neither the file nor the caller says the CRS.
    TooMuchMoved
        A repair would move more land of an area than was accepted.
    InvalidInput
        All faults of all rows at once; overlaps and gaps once every shape is a polygon.
    """
    if level not in IMPORT_LEVELS:
        raise InvalidInput(say("areas of the level {level} can't be imported", level=level), field="level")
    chosen = choose_columns(table, FIELDS, columns)
    shapes = shapes_in_degrees(table, reference_of_shapes(table, crs))
    need(chosen, "code")
    if not len(shapes):
        raise InvalidInput(say("the file holds no areas"), file=table.source)
    step = stages_of(pulse, len(shapes), 3)
    rows = read_area_rows(chosen, merge=mending.merge)
    clean, broken = clean_shapes(shapes, fix=mending.fix)
    step()
    faults = [*rows.faults, *broken]
    if broken:
        raise InvalidInput(placed(faults, table.source))
    land = rows.land(clean)
    cells, owner, settlement = cells_from_areas(land)
    step()
    moved_m2 = rows.repaired(clean) + moved_by_area(settlement, land)
    faults += _unsettled(rows.areas, land, owner, settlement=settlement, fix=mending.fix)
    if faults:
        raise InvalidInput(placed(faults, table.source))
    refuse_moves(
        rows.areas,
        moved_m2,
        mending=mending,
        source=table.source,
        redrawn=lambda: Redrawn(after=cells, pieces=moved_pieces(rows.areas, settlement, land)),
    )
    xy = shapely.get_coordinates(shapes)
    step()
    return AreaSource(
        given=ImportedDivision(level=level, areas=rows.areas, cells=cells, owner=owner),
        source=table.source,
        vertices=len(xy),
        vertices_moved=int((xy != to_lattice(xy)).any(axis=1).sum()),
        moved_m2=float(settlement.moved_m2.sum()),
        moved_by_area={
            area.code: round(moved, 3)
            for area, moved in zip(rows.areas, moved_m2.tolist(), strict=True)
            if moved >= _TOLD_M2
        },
        joined=rows.joined,
        repaired_m2=sum(polygon.moved_m2 for polygon in clean),
        holes_m2=tuple(areas_m2(as_array(list(settlement.holes()))).tolist()),
        warnings=(*table.notes, *shapes_note(shapes)),
    )


def _unsettled(
    areas: Sequence[ImportedArea],
    land: GeometryArray,
    owner: np.ndarray[tuple[int], np.dtype[np.int64]],
    *,
    settlement: Settlement,
    fix: bool,
) -> list[Fault]:
    """Areas without any land of their own, and, unless they may be mended, overlaps and narrow gaps."""
    gone = sorted(set(range(len(areas))) - set(owner.tolist()))
    faults = [
        Fault(message=say("other areas cover it wholly"), row=areas[index].row, field="geometry")
        for index in gone
    ]
    if fix:
        return faults
    faces = settlement.face_map.faces
    touched = np.flatnonzero(settlement.moved_m2 > 0)
    for index in touched[_is_wide(faces[touched])]:
        place = settlement.face_map.inner_points[index]
        there = np.flatnonzero(shapely.intersects(land, place))
        place_said = {
            "size": f"{settlement.moved_m2[index]:.2f}",
            "lon": f"{place.x:.6f}",
            "lat": f"{place.y:.6f}",
        }
        if len(there) > 1:
            text = (
                "{code} and {other} overlap by {size} m² at {lon}, {lat} "
                "(--fix gives it to the longest border)"
            )
            first, *others = [areas[at].code for at in there.tolist()]
            message = say(text, code=first, other=some_of(others), **place_said)
        else:
            text = "a gap of {size} m² at {lon}, {lat} beside {code} (--fix gives it to the longest border)"
            near = areas[int(settlement.owner[index])].code
            message = say(text, code=near, **place_said)
        row = areas[int(there[0] if len(there) else settlement.owner[index])].row
        faults.append(Fault(message=message, row=row, field="geometry"))
    return faults


def _is_wide(faces: GeometryArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which faces are wider than 2 cm, so more than the lattice makes of two drawings of one border."""
    if not len(faces):
        return np.zeros(0, dtype=np.bool_)
    steps = LatticeFrame.around(faces).to_units(faces)
    return np.asarray(~shapely.is_empty(shapely.buffer(steps, -steps_of(SAME_WITHIN_M))), dtype=np.bool_)


def import_areas(
    session: Session,
    actor: Actor,
    areas: AreaSource,
    *,
    community: str,
    at: datetime,
    pulse: Pulse = no_pulse,
    notes: ImportNotes | None = None,
) -> ImportOutcome:
    """Save areas, place what lies in them, and say what changed.

    Raises
    ------
    InvalidInput, Conflict
        As `gisgrid.areas.imports.save_division`; nothing is kept then.
    """
    step = stages_of(pulse, len(areas.given.areas), SAVING_STEPS + PLACING_STEPS)
    try:
        saved = save_division(session, actor, community, given=areas.given, at=at, step=step, notes=notes)
    except InvalidInput as error:
        raise InvalidInput(placed(error.faults, areas.source)) from None
    objects = None
    if saved.new or saved.reshaped or saved.closed:
        objects = place_objects(session, saved.community_id, at=at, step=step)
    counts = _counts(areas, saved, objects, community=community)
    return ImportOutcome(counts=counts, remarks=_remarks(areas, saved), warnings=areas.warnings)


def _counts(
    areas: AreaSource, saved: SavedDivision, placed: PlacementCounts | None, *, community: str
) -> dict[str, object]:
    given = areas.given
    parts = Counter(given.owner.tolist())
    exclaves = sorted(given.areas[index].code for index, count in parts.items() if count > 1)
    return {
        "community": community,
        "areas": len(given.areas),
        "cells": len(given.cells),
        "new": len(saved.new),
        "updated": len(saved.changed) - len(saved.new) - len(saved.closed),
        "unchanged": len(given.areas) - len(saved.changed) + len(saved.closed),
        "refused": 0,
        "closed": len(saved.closed),
        "revision": saved.revision,
        "cells_replaced": saved.cells_replaced,
        "vertices": areas.vertices,
        "vertices_moved": areas.vertices_moved,
        "moved_m2": round(areas.moved_m2, 3),
        "repaired_m2": round(areas.repaired_m2, 3),
        "moved_by_area": dict(areas.moved_by_area),
        "joined": len(areas.joined),
        "joined_codes": sorted(areas.joined),
        "objects_placed": placed.placed if placed else 0,
        "objects_moved": placed.changed_area if placed else 0,
        "objects_in_new_cells": placed.moved if placed else 0,
        "exclaves": exclaves,
        "holes_m2": [round(size, 1) for size in areas.holes_m2],
        "renamed": saved.renamed,
        "reshaped": saved.reshaped,
        "closed_codes": saved.closed,
    }


def _remarks(areas: AreaSource, saved: SavedDivision) -> list[Remark]:
    changes = [
        (saved.renamed, "name", say("name, parent or type changed")),
        (saved.reshaped, "geometry", say("land changed")),
    ]
    row_of = {area.code: area.row for area in areas.given.areas}
    remarks = [
        Remark(row=row_of[code], key=code, field=field, message=message)
        for codes, field, message in changes
        for code in codes
    ]
    return remarks + [
        Remark(row=0, key=code, field="code", message=say("not in the file: closed")) for code in saved.closed
    ]


def outline_of(table: FileTable, *, crs: str | None = None) -> BaseGeometry:
    """The union of a file's polygons in EPSG:4326, on the lattice: the land of a whole community.

    Raises
    ------
    MissingCrs
        Neither the file nor the caller says the CRS.
    InvalidInput
        A shape is no valid polygon.
    """
    shapes = shapes_in_degrees(table, reference_of_shapes(table, crs))
    if not len(shapes):
        raise InvalidInput(say("the file holds no areas"), file=table.source)
    clean, faults = clean_shapes(shapes, fix=False)
    if faults:
        raise InvalidInput(placed(faults, table.source))
    return clean_polygon(shapely.union_all(as_array([polygon.shape for polygon in clean]))).shape
