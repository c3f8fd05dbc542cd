"""The sheet of one member: what passes between two grids, by building, with its totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gisgrid.redraw.transfer.answers import PassedBuilding, PassedCase, PassedHome, SheetPart, SheetView
from gisgrid.redraw.transfer.handovers import Pass
from gisgrid.redraw.transfer.sheet_homes import SheetHome
from gisgrid.redraw.transfer.sides import TransferredGrid, beyond


@dataclass(frozen=True, kw_only=True)
class SheetContent:
    """Households and open cases that pass, by their ids, as the actor may know them."""

    rows: dict[str, SheetHome]
    cases: dict[str, PassedCase]
    crossing: TransferredGrid | None


def member_sheet(
    worker: str | None,
    passed: Sequence[Pass],
    homes: SheetContent,
    *,
    people: dict[str, str],
    names: dict[str, str],
) -> SheetView:
    """What a worker gives and takes of what passes; without one, what nobody on duty does."""
    gives = [_part(part, part.taker, homes, people, names=names) for part in passed if part.giver == worker]
    takes = [_part(part, part.giver, homes, people, names=names) for part in passed if part.taker == worker]
    return {"worker": worker, "member": people.get(worker or ""), "gives": gives, "takes": takes}


def _part(
    part: Pass, other: str | None, homes: SheetContent, people: dict[str, str], *, names: dict[str, str]
) -> SheetPart:
    """What passes between two grids: households by building, totals, open cases."""
    rows = [homes.rows[home] for home in part.households if home in homes.rows]
    rows.sort(key=lambda home: home.key)
    people_known = len(rows) == len(set(part.households))
    elders, elders_80, with_visitor, to_agree = _people([home.row for home in rows], is_whole=people_known)
    cases = [homes.cases[case] for case in part.cases if case in homes.cases]
    return {
        "with": people.get(other or ""),
        "from": part.source,
        "from_name": names.get(part.source or ""),
        "to": part.target,
        "to_name": names.get(part.target or ""),
        "totals": {
            "buildings": len(part.buildings),
            "households": len(part.households),
            "elders": elders,
            "elders_80": elders_80,
            "with_visitor": with_visitor,
            "to_agree": to_agree,
            "open_tasks": _sum(home.row["open_tasks"] for home in rows) if people_known else None,
            "open_cases": len(part.cases),
        },
        "buildings": _by_building(rows),
        "cases": sorted(cases, key=lambda case: case["number"]),
        "community": beyond(part, homes.crossing),
    }


def _people(rows: Sequence[PassedHome], *, is_whole: bool) -> tuple[int | None, ...]:
    """Elders, those of 80 and over, with a visitor, to be agreed.

    Nothing where households have left the community since.
    """
    if not is_whole:
        return (None,) * 4
    counts = (_sum(row["elders"] for row in rows), _sum(row["elders_80"] for row in rows))
    return *counts, *_visitors(rows)


def _visitors(rows: Sequence[PassedHome]) -> tuple[int | None, int | None]:
    """How many elders have a visitor, and with how many that is to be agreed; only where all are known."""
    if any(row["elders"] is None or row["elders"] != len(row["names"]) for row in rows):
        return None, None
    elders = [elder for row in rows for elder in row["names"]]
    visited = sum(elder["visitor"] is not None for elder in elders)
    return visited, sum(elder["agree_with"] is not None for elder in elders)


def _sum(counts: Iterable[int | None]) -> int | None:
    """The sum of counts, nothing where one of them is not the reader's to know."""
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)


def _by_building(rows: Iterable[SheetHome]) -> list[PassedBuilding]:
    by_building: dict[str, list[PassedHome]] = {}
    for home in rows:
        by_building.setdefault(home.building, []).append(home.row)
    return [{"address": address, "households": homes} for address, homes in by_building.items()]
