"""The rows of a file of areas: codes and names, shapes made clean, and how much of each a repair moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.importers.values.columns import Columns
from data.importers.values.values import RowFaults, choice
from gisgrid.areas.imported_area import ImportedArea
from gisgrid.areas.models import GridType
from gisgrid.crs import FloatArray
from gisgrid.errors import Fault, InvalidInput, row_said, say
from gisgrid.geometry.cells.areas import Settlement
from gisgrid.geometry.clean import CleanShape, clean_polygon
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.labels.areas import GRID_TYPE_SYNONYMS, GRID_TYPES
from gisgrid.labels.table import accepted

MOST_MOVED_M2: Final = 100.0
"""A repair that moves more of one area is asked about first."""
SAME_CODE: Final = "{place} has the code {code} too (--merge-same-code makes one area of them)"
_TYPES: Final = {
    **{grid_type.value: grid_type for grid_type in GridType},
    **{word: GridType(code) for word, code in accepted(GRID_TYPES, GRID_TYPE_SYNONYMS).items()},
}
_CODE_LIMIT: Final = 60
_NAME_LIMIT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What may be done about a file's faults.

    ``fix``: repair shapes, overlaps and narrow gaps, as long as that moves at most ``accepted_m2`` of each
    area; ``merge``: make one area of the rows with one code.
    """

    fix: bool = False
    accepted_m2: float = MOST_MOVED_M2
    merge: bool = False


AS_DRAWN: Final = Mending()


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPiece:
    """Land that a repair gives to the area ``to``; ``of``: who had it too, nobody where it was a gap."""

    shape: BaseGeometry
    of: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrawn:
    """What a repair makes of areas, to be looked at: their shapes after it, and the pieces that moved."""

    after: GeometryArray
    pieces: Sequence[MovedPiece]


class TooMuchMoved(InvalidInput):
    """A repair would move much of some areas; ``moved_m2`` says by code how much, for whoever is asked."""

    def __init__(self, faults: Sequence[Fault], moved_m2: Mapping[str, float], redrawn: Redrawn) -> None:
        super().__init__(faults)
        self.moved_m2 = dict(moved_m2)
        self.redrawn = redrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRows:
    """The areas of a file; ``rows`` gives the rows of each, counted from 0, ``joined`` codes of several."""

    areas: Sequence[ImportedArea]
    rows: Sequence[Sequence[int]]
    joined: Mapping[str, int] = field(default_factory=dict)
    faults: Sequence[Fault] = ()

    def land(self, clean: Sequence[CleanShape]) -> GeometryArray:
        """The land of each area."""
        return as_array(
            [
                clean[rows[0]].shape
                if len(rows) == 1
                else shapely.union_all(as_array([clean[row].shape for row in rows]))
                for rows in self.rows
            ]
        )

    def repaired(self, clean: Sequence[CleanShape]) -> FloatArray:
        """By how many square metres making its shapes valid changed each area."""
        return np.array([sum(clean[row].moved_m2 for row in rows) for rows in self.rows], dtype=np.float64)


def read_area_rows(columns: Columns, *, merge: bool) -> AreaRows:
    """The areas of a table with every fault of their codes, names and types."""
    codes, names = columns.texts("code"), columns.texts("name")
    parents, types = columns.texts("parent"), columns.texts("type")
    first: dict[str, int] = {}
    areas: list[ImportedArea] = []
    rows: list[list[int]] = []
    faults: list[Fault] = []
    for row, code in enumerate(codes, 1):
        reading = RowFaults()
        kind = types[row - 1]
        grid_type = reading.take("type", partial(choice, kind, _TYPES, wanted="general, exclusive"), None)
        area = ImportedArea(
            row=row,
            code=code,
            name=names[row - 1] or code,
            parent_code=parents[row - 1] or None,
            grid_type=grid_type,
        )
        known = first.get(code) if code else None
        if known is not None and merge:
            rows[known].append(row - 1)
            areas[known] = _joined(areas[known], area)
        else:
            reading.found += _code_faults(area, first_row=areas[known].row if known is not None else None)
            first.setdefault(code, len(areas))
            areas.append(area)
            rows.append([row - 1])
        faults += [Fault(message=message, row=row, field=name) for name, message in reading.found]
    joined = {area.code: len(own) for area, own in zip(areas, rows, strict=True) if len(own) > 1}
    return AreaRows(areas=areas, rows=rows, joined=joined, faults=faults)


def _joined(area: ImportedArea, other: ImportedArea) -> ImportedArea:
    """An area of several rows: what the first leaves open, the next ones may say."""
    name = area.name if area.name != area.code else other.name
    return replace(
        area,
        name=name,
        parent_code=area.parent_code or other.parent_code,
        grid_type=area.grid_type or other.grid_type,
    )


def _code_faults(area: ImportedArea, *, first_row: int | None) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if not area.code:
        faults.append(("code", say("the area has no code")))
    elif first_row is not None:
        faults.append(("code", say(SAME_CODE, place=row_said(first_row), code=area.code)))
    if len(area.code) > _CODE_LIMIT:
        faults.append(("code", say("at most {limit} characters", limit=_CODE_LIMIT)))
    if len(area.name) > _NAME_LIMIT:
        faults.append(("name", say("at most {limit} characters", limit=_NAME_LIMIT)))
    return faults


def clean_shapes(shapes: GeometryArray, *, fix: bool) -> tuple[list[CleanShape], list[Fault]]:
    """The shapes that can be used, and what is wrong with each of the others."""
    clean: list[CleanShape] = []
    faults: list[Fault] = []
    for row, shape in enumerate(shapes, 1):
        try:
            clean.append(clean_polygon(shape, repair=fix))
        except InvalidInput as error:
            faults.append(Fault(message=error.faults[0].message, row=row, field="geometry"))
    return clean, faults


def placed(faults: Sequence[Fault], source: str) -> list[Fault]:
    """Faults of a file in the order of its rows."""
    return [replace(fault, file=source) for fault in sorted(faults, key=lambda fault: fault.row or 0)]


def moved_by_area(settlement: Settlement, land: GeometryArray) -> FloatArray:
    """How many square metres each area gains or gives up where overlaps and gaps are settled."""
    moved = np.zeros(len(land))
    touched = np.flatnonzero(settlement.moved_m2 > 0)
    if not len(touched):
        return moved
    points = settlement.face_map.inner_points[touched]
    face, area = shapely.STRtree(land).query(points, predicate="intersects")
    owner, size = settlement.owner[touched], settlement.moved_m2[touched]
    given_up = area != owner[face]
    np.add.at(moved, area[given_up], size[face[given_up]])
    kept = np.zeros(len(touched), dtype=np.bool_)
    kept[face[~given_up]] = True
    np.add.at(moved, owner[~kept], size[~kept])
    return moved


def moved_pieces(
    areas: Sequence[ImportedArea], settlement: Settlement, land: GeometryArray
) -> list[MovedPiece]:
    """The pieces of land that change hands where overlaps and gaps are settled, the largest first."""
    touched = np.flatnonzero(settlement.moved_m2 > 0)
    if not len(touched):
        return []
    face, area = shapely.STRtree(land).query(
        settlement.face_map.inner_points[touched], predicate="intersects"
    )
    drawn = [tuple(np.sort(area[face == at]).tolist()) for at in range(len(touched))]
    groups: dict[tuple[tuple[int, ...], int], list[int]] = {}
    for at, (claimants, owner) in enumerate(zip(drawn, settlement.owner[touched].tolist(), strict=True)):
        groups.setdefault((claimants, owner), []).append(int(touched[at]))
    pieces = [
        MovedPiece(shape=shape, of=tuple(areas[place].code for place in of if place != to), to=areas[to].code)
        for (of, to), faces in groups.items()
        for shape in shapely.get_parts(shapely.coverage_union_all(settlement.face_map.faces[faces]))
    ]
    return sorted(pieces, key=lambda piece: -piece.shape.area)


def refuse_moves(
    areas: Sequence[ImportedArea],
    moved_m2: FloatArray,
    *,
    mending: Mending,
    source: str,
    redrawn: Callable[[], Redrawn],
) -> None:
    """Refuse a repair that moves more of an area than was accepted; every such area is named.

    ``redrawn`` makes what is shown of it.

    Raises
    ------
    TooMuchMoved
        There is one.
    """
    if not mending.fix:
        return
    much = np.flatnonzero(moved_m2 > max(mending.accepted_m2, MOST_MOVED_M2))
    if not len(much):
        return
    text = (
        "the repair moves {size} m² of {code}, more than {most}: look at it, and accept it with"
        " --accept-moved {needed} if it is right"
    )
    most, needed = max(mending.accepted_m2, MOST_MOVED_M2), math.ceil(moved_m2.max())
    faults = [
        Fault(
            message=say(
                text, size=f"{moved_m2[at]:.1f}", code=areas[at].code, most=f"{most:g}", needed=needed
            ),
            row=areas[at].row,
            field="geometry",
        )
        for at in much.tolist()
    ]
    moved = {areas[at].code: round(float(moved_m2[at]), 1) for at in much.tolist()}
    raise TooMuchMoved(placed(faults, source), moved, redrawn())
