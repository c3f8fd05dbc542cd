"""How far a round is: counts by grid, by building in walking order and by day, never by who fills."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any, Final

import pandas as pd
from pydantic import Field
from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.analysis.disclosure import Related, suppress_levels
from gisgrid.analysis.withheld import Withheld, withhold
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Building
from gisgrid.records.core.rules import OF_PERSONS, Excuse, RoundState
from gisgrid.records.work.round_lines import LineReader, OpenedRound, RoundLine, round_of

NO_GRID: Final = ""
"""In place of a code: what lies in no grid."""
_COUNTED: Final = ("subjects", "counted", "done")
_RELATED: Final = Related(
    parts={"counted": "subjects", "done": "counted"},
    derived={"excused": ("subjects", "counted"), "left": ("counted", "done"), "share": ("done", "counted")},
)
_DIGITS: Final = re.compile(r"(\d+)")


class RoundCounts(TypedDict):
    """How many subjects a round has somewhere: those excused, the others it asks, those done and left.

    ``share`` is done of counted, nothing where it asks nobody.
    """

    code: str
    name: str
    subjects: int | None
    excused: int | None
    counted: int | None
    done: int | None
    left: int | None
    share: float | None
    suppressed: list[str]
    reason: str | None


class RoundBuilding(TypedDict):
    """What is left in a building; without an address what lies in none."""

    id: str | None
    address: str
    counted: int
    done: int
    left: int


class RoundDay(TypedDict):
    """How many were done on a day."""

    day: str
    done: int


class RoundProgress(TypedDict):
    """How far a round is; buildings, days and reasons are for who may know exact counts there."""

    id: str
    state: str
    total: RoundCounts
    grids: list[RoundCounts]
    buildings: Annotated[list[RoundBuilding], Field(description="in walking order")]
    days: list[RoundDay]
    excused: Annotated[Mapping[str, int], Field(description="how many for which reason")]


@dataclass(slots=True)
class RoundTally:
    """Counts of some lines."""

    subjects: int = 0
    done: int = 0
    excused: Counter[str] = field(default_factory=Counter)

    def add(self, line: RoundLine) -> None:
        """Count a line."""
        self.subjects += 1
        self.done += line.done is not None
        if line.excuse is not None:
            self.excused[line.excuse.value] += 1

    @property
    def counted(self) -> int:
        """Whoever isn't excused."""
        return self.subjects - self.excused.total()

    @property
    def left(self) -> int:
        """Whoever is still to be asked."""
        return self.counted - self.done


def round_progress(view: View, round_id: str) -> RoundProgress:
    """How far a round is, by grid, building and day.

    Members have their own grids alone; who isn't shown small counts of persons learns of grids, without
    small numbers, and of confidential forms after the quarter.

    Raises
    ------
    NotAllowed
        The role sees no rounds.
    NotFound
        No such round in the community that was opened.
    """
    require(view.actor, Action.ROUNDS_VIEW)
    opened = round_of(view, round_id)
    if opened is None or opened.row.state == RoundState.DRAFT:
        raise NotFound("no such round")
    lines = lines_of(view, opened)
    if view.actor.role == Role.MEMBER:
        lines = [line for line in lines if _place_of(view, line) in view.own_cells]
    return _progress(view, opened, lines)


def lines_of(view: View, opened: OpenedRound) -> list[RoundLine]:
    """The lines of a round, read once for each version of the community's data."""
    read = LineReader(view=view, round=opened).lines
    return view.remembered("round", opened.row.id, opened.row.state, make=read)


def _progress(view: View, opened: OpenedRound, lines: Sequence[RoundLine]) -> RoundProgress:
    whole = _tally(lines)
    total, grids = _by_grid(view, lines, whole)
    is_exact = view.actor.sees_exact_counts or view.actor.role == Role.MEMBER
    if not is_exact:
        total, grids = _protected(view, opened, total, grids)
    return {
        "id": opened.row.id,
        "state": opened.row.state,
        "total": total,
        "grids": grids,
        "buildings": _by_building(view, lines) if is_exact else [],
        "days": _by_day(lines) if is_exact else [],
        "excused": {reason.value: whole.excused[reason.value] for reason in Excuse} if is_exact else {},
    }


def _tally(lines: Iterable[RoundLine]) -> RoundTally:
    tally = RoundTally()
    for line in lines:
        tally.add(line)
    return tally


def _place_of(view: View, line: RoundLine) -> str | None:
    """The cell where a subject counts: that of the opening, as long as a grid has it, else that of today."""
    return line.cell_then if view.present.grid_of(line.cell_then) else line.cell


def _by_grid(
    view: View, lines: Sequence[RoundLine], whole: RoundTally
) -> tuple[RoundCounts, list[RoundCounts]]:
    tallies: dict[str, RoundTally] = defaultdict(RoundTally)
    grid_of: dict[str | None, str] = {}
    for line in lines:
        cell = _place_of(view, line)
        if cell not in grid_of:
            grid = view.present.grid_of(cell)
            grid_of[cell] = grid.code if grid else NO_GRID
        tallies[grid_of[cell]].add(line)
    names = {grid.code: grid.name for grid in view.present.tree.at_level(Level.GRID)} | {NO_GRID: ""}
    rows = [_counts(code, name, tallies[code]) for code, name in names.items() if code in tallies]
    return _counts(view.community.code, view.community.name, whole), rows


def _counts(code: str, name: str, tally: RoundTally) -> RoundCounts:
    return {
        "code": code,
        "name": name,
        "subjects": tally.subjects,
        "excused": tally.excused.total(),
        "counted": tally.counted,
        "done": tally.done,
        "left": tally.left,
        "share": round(tally.done / tally.counted, 4) if tally.counted else None,
        "suppressed": [],
        "reason": None,
    }


def _protected(
    view: View, opened: OpenedRound, total: RoundCounts, grids: list[RoundCounts]
) -> tuple[RoundCounts, list[RoundCounts]]:
    """Without small counts of persons; of a confidential form nothing before its quarter is over."""
    if opened.kind not in OF_PERSONS:
        return total, grids
    names = [*_COUNTED, *_RELATED.derived]
    if _is_untold(view, opened):
        rows = [_without(row, names, Withheld.AFTER_QUARTER) for row in (total, *grids)]
        return rows[0], rows[1:]
    levels = [
        pd.DataFrame([{**total, "parent": None}]).astype({"parent": object}),
        pd.DataFrame([{**row, "parent": total["code"]} for row in grids], columns=[*total, "parent"]),
    ]
    shown = suppress_levels(levels[: 1 + bool(grids)], _COUNTED, related=_RELATED)
    hidden = [list(names) for frame in shown for names in frame["suppressed"]]
    rows = [
        _without(row, names, Withheld.NOT_SHOWN) for row, names in zip((total, *grids), hidden, strict=True)
    ]
    return rows[0], rows[1:]


def _without(row: RoundCounts, names: Sequence[str], why: Withheld) -> RoundCounts:
    protected: Any = withhold(row, names, why)
    kept: RoundCounts = protected
    return kept


def _is_untold(view: View, opened: OpenedRound) -> bool:
    """Whether a form is confidential and the quarter in which its round ends isn't over."""
    return opened.is_confidential and view.when.day <= _end_of_quarter(opened.row.last_day)


def _end_of_quarter(day: date) -> date:
    """The last day of the quarter of a day."""
    month = (day.month - 1) // 3 * 3 + 3
    first_after = date(day.year + month // 12, month % 12 + 1, 1)
    return first_after - timedelta(days=1)


def _by_building(view: View, lines: Sequence[RoundLine]) -> list[RoundBuilding]:
    tallies: dict[str | None, RoundTally] = defaultdict(RoundTally)
    for line in lines:
        tallies[line.building].add(line)
    addresses = _addresses(view, [building for building in tallies if building])
    rows = [_building(building, addresses.get(building or "", ""), row) for building, row in tallies.items()]
    return sorted(rows, key=lambda row: (row["id"] is None, walking_key(row["address"]), row["id"] or ""))


def _building(building: str | None, address: str, tally: RoundTally) -> RoundBuilding:
    return {
        "id": building,
        "address": address,
        "counted": tally.counted,
        "done": tally.done,
        "left": tally.left,
    }


def _addresses(view: View, ids: Sequence[str]) -> dict[str, str]:
    return {
        row.id: row.address
        for few in batches(sorted(ids))
        for row in view.session.execute(select(Building.id, Building.address).where(Building.id.in_(few)))
    }


def walking_key(address: str) -> tuple[tuple[bool, int, str], ...]:
    """By which addresses stand in the order in which one walks: numbers by their value.

    >>> sorted(["柳岸新村10幢", "柳岸新村2幢"], key=walking_key)
    ['柳岸新村2幢', '柳岸新村10幢']
    """
    parts = _DIGITS.split(address)
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)


def _by_day(lines: Sequence[RoundLine]) -> list[RoundDay]:
    days = Counter(line.done for line in lines if line.done is not None)
    return [{"day": day.isoformat(), "done": count} for day, count in sorted(days.items())]
