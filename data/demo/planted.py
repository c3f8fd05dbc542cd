"""What is planted on purpose, so that maps and rules have something to find, and how it is told.

``planted.json`` is the truth for the default seed, written by ``write_truth``; a test keeps it fresh.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import shapely
from shapely import Point

from data.demo.ground.frame import frame_of
from data.demo.records import DemoCommunity
from data.demo.tables import read_records

TRUTH_FILE: Final = Path(__file__).with_name("planted.json")

HOT_COMPOUND: Final = "X1"
FAR_COMPOUND: Final = "X5"

CASES: Final = 8000
BORDER_CASES: Final = 40
WRONG_DATUM_CASES: Final = 30
DUPLICATE_CASES: Final = 60
OUTSIDE_CASES: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotspot:
    """A place (metres of the plan) with many cases of one category in some months, both days included."""

    name: str
    category: str
    place: tuple[float, float]
    spread_m: float
    cases: int
    first: date
    last: date


def hotspots() -> tuple[Hotspot, ...]:
    """The planted places."""
    return read_records(Hotspot, "demo/hotspots")


def truth(community: DemoCommunity) -> dict[str, object]:
    """Everything planted in a community, ready for JSON: what, where, when, which case numbers."""
    flagged: dict[str, list[dict[str, str]]] = {}
    for planted in community.planted:
        entry = {"number": planted.number, "detail": planted.detail}
        flagged.setdefault(planted.kind, []).append(entry)
    return {
        "title": f"{community.name}: planted truths of the demo (示例)",
        "seed": community.seed,
        "community": community.code,
        "hot_compound": HOT_COMPOUND,
        "far_compound": FAR_COMPOUND,
        "hotspots": [_describe(spot, community) for spot in hotspots()],
        "large_grid": _large_grid(community),
        "cases": flagged,
    }


def _describe(spot: Hotspot, community: DemoCommunity) -> dict[str, Any]:
    place = frame_of(community.index).to_degrees(Point(spot.place))
    lon, lat = shapely.get_coordinates(place)[0]
    return {
        "name": spot.name,
        "category": spot.category,
        "lon": float(lon),
        "lat": float(lat),
        "spread_m": spot.spread_m,
        "cases": spot.cases,
        "first": spot.first.isoformat(),
        "last": spot.last.isoformat(),
    }


def _large_grid(community: DemoCommunity) -> dict[str, Any]:
    """The grid with most households."""
    households = community.households_by_grid()
    code = max(households, key=lambda grid: (households[grid], grid))
    return {"code": code, "households": households[code]}


def write_truth(community: DemoCommunity, path: Path = TRUTH_FILE) -> None:
    """Writes the truth as readable JSON in UTF-8."""
    text = json.dumps(truth(community), ensure_ascii=False, indent=1, sort_keys=False)
    path.write_text(text + "\n", encoding="utf-8")
