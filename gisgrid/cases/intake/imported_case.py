"""Cases as another system gives them, and the areas it recorded compared with where they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from gisgrid.areas.division import Division
from gisgrid.areas.locate import Spots
from gisgrid.cases.core.rules import CaseState, Severity
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.errors import Sentence, say


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRating:
    """How a case was rated, in stars, and when; old ratings have no stars."""

    at: datetime
    speed: int | None = None
    result: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCase:
    """A case as a file has it. ``lon, lat`` in EPSG:4326, both nan without a position; instants in UTC.

    ``number`` is that of another system, empty where the file gives none; ``recorded_area`` is what it put
    the case in, kept and compared, never used to assign. ``hotline`` is the class of a work order.
    ``suspended_at`` and ``rating`` are told by lists exported here alone, and count for new cases.
    ``building`` is set where an address has placed the case, with that building's cell; ``contact`` is kept
    sealed. ``is_place_exact`` and ``has_whole_texts``: whether a list that was exported for somebody who sees
    cases by their surroundings, or their public texts alone, tells more than that.
    """

    row: int
    source: str
    number: str
    category: str
    reported_at: datetime
    lon: float
    lat: float
    severity: Severity | None = None
    description: str = ""
    due_at: datetime | None = None
    hotline: HotlineClass | None = None
    closed_at: datetime | None = None
    state: CaseState = CaseState.REPORTED
    suspended_at: datetime | None = None
    rating: ImportedRating | None = None
    result: str = ""
    recorded_area: str = ""
    datum: str = "WGS-84"
    address: str = ""
    contact: str = ""
    building: str | None = None
    building_cell: str | None = None
    is_place_exact: bool = True
    has_whole_texts: bool = True

    @property
    def key(self) -> str:
        """The number of the other system, or a digest of the row, so that it is known again."""
        if self.number:
            return self.number
        parts = (self.reported_at.isoformat(), self.category, self.description, f"{self.lon} {self.lat}")
        return f"#{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:24]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A case whose recorded area says nothing, or another area than the one it lies in now."""

    row: int
    key: str
    recorded: str
    found: str
    message: str


@dataclass(slots=True, kw_only=True)
class RecordedAreas:
    """How many cases lie where another system says, in another area, or outside all.

    ``without``: cases without a recorded area or without a position. ``listed``: all but the first kind.
    """

    same: int = 0
    differs: int = 0
    outside: int = 0
    without: int = 0
    listed: list[Recorded] = field(default_factory=list)


def compare_recorded(division: Division, cases: Sequence[ImportedCase], *, spots: Spots) -> RecordedAreas:
    """Compare recorded areas, by code or name of any level, with the areas cases lie in.

    Where no case has one, nothing was recorded: then only cases without a position are listed.
    """
    tally = RecordedAreas()
    names = _names_of_cells(division)
    is_recorded = any(case.recorded_area for case in cases)
    for case, cell in zip(cases, spots.cell.tolist(), strict=True):
        if not is_recorded and not np.isnan(case.lon):
            continue
        message = _compare(case, names[cell] if cell >= 0 else (), tally=tally)
        if message:
            area = names[cell][0] if cell >= 0 else ""
            tally.listed.append(
                Recorded(
                    row=case.row, key=case.number, recorded=case.recorded_area, found=area, message=message
                )
            )
    return tally


def _names_of_cells(division: Division) -> list[tuple[str, ...]]:
    """Per cell the grid's code first, then every code and name of the areas it lies in."""
    of_micro: dict[str, tuple[str, ...]] = {}
    names = []
    for cell_id in division.cell_ids:
        micro = division.owners[cell_id]
        if micro not in of_micro:
            path = division.tree.path(micro)[::-1]
            grid = division.grid_of(cell_id) or path[0]
            of_micro[micro] = (grid.code, *(text for area in path for text in (area.code, area.name)))
        names.append(of_micro[micro])
    return names


def _compare(case: ImportedCase, names: tuple[str, ...], *, tally: RecordedAreas) -> str:
    """Count one case and say what is to be listed of it; nothing where both agree."""
    has_area = bool(case.recorded_area) and case.recorded_area.upper() != "NULL"
    has_place = not np.isnan(case.lon)
    if not has_area or not has_place:
        tally.without += 1
        if has_place:
            return say("no area is recorded")
        return say("no position is recorded") if has_area else say("no area and no position is recorded")
    if case.recorded_area in names:
        tally.same += 1
        return ""
    if names:
        tally.differs += 1
        return say("recorded in {recorded}, lies in {found}", recorded=case.recorded_area, found=names[0])
    tally.outside += 1
    return say("recorded in {recorded}, lies outside all areas", recorded=case.recorded_area)


def withheld_in_list(cases: Sequence[ImportedCase]) -> list[Sentence]:
    """What a list keeps back that was exported for somebody who may not see all of it."""
    coarse = sum(not case.is_place_exact for case in cases)
    public = sum(not case.has_whole_texts for case in cases)
    sentences = []
    if coarse:
        text = "rows that tell places to 100 m only: {count}; known cases stay where they are"
        sentences.append(say(text, count=coarse))
    if public:
        text = "rows that tell public texts only: {count}; known cases keep their texts"
        sentences.append(say(text, count=public))
    return sentences
