"""Where the rows of each layer come from: the same services as every page, with the same rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely

from data.exporters.layer import ExportRequest, Row
from gisgrid.areas.models import Level
from gisgrid.areas.view import Look
from gisgrid.cases.lists import export as cases_listing
from gisgrid.days import period
from gisgrid.figures import area_figures, history, shapes
from gisgrid.figures import elderly as coverage
from gisgrid.figures import hotspots as spots
from gisgrid.figures import renovation as quarters
from gisgrid.indicators import queries as figures_of_cases
from gisgrid.people import export as people_listing
from gisgrid.places import export as places_listing
from gisgrid.places import queries
from gisgrid.workforce import roster

WALK_M = 500.0


def areas(look: Look, wish: ExportRequest) -> Sequence[Row]:
    """Areas of a level with their figures, grids with their type."""
    found = shapes.area_shapes(look, wish.level)
    if wish.level != Level.GRID:
        return found
    types = shapes.grid_types(look)
    return [(shape, {**row, "type": types.get(row["code"])}) for shape, row in found]


def cells(look: Look, _wish: ExportRequest) -> Sequence[Row]:
    """Unit cells with the grid and micro grid they belong to."""
    return shapes.cell_shapes(look)


def buildings(look: Look, _wish: ExportRequest) -> Sequence[Row]:
    """Footprints with what is known of each building."""
    return queries.buildings(look)


def streets(look: Look, _wish: ExportRequest) -> Sequence[Row]:
    """Streets as lines."""
    return places_listing.street_list(look)


def facilities(look: Look, _wish: ExportRequest) -> Sequence[Row]:
    """Places people are served at."""
    return [(point, {**row, "office_phone": row["phone"]}) for point, row in queries.facilities(look)]


def households(look: Look, _wish: ExportRequest) -> Iterable[Row]:
    """Addresses the actor may see."""
    return places_listing.household_list(look)


def residents(look: Look, _wish: ExportRequest) -> Iterable[Row]:
    """Residents the actor may list."""
    return _tabular(people_listing.resident_list(look))


def members(look: Look, _wish: ExportRequest) -> Iterable[Row]:
    """Who serves which area."""
    return _tabular(roster.serving_list(look))


def cases(look: Look, wish: ExportRequest) -> Iterable[Row]:
    """Cases within the actor's scope."""
    return cases_listing.case_list(look, period=wish.period, now=wish.now)


def count_households(look: Look, _wish: ExportRequest) -> int:
    """How many addresses the actor may see."""
    return places_listing.count_households(look)


def count_residents(look: Look, _wish: ExportRequest) -> int:
    """How many residents the actor may list."""
    return people_listing.count_residents(look)


def count_cases(look: Look, wish: ExportRequest) -> int:
    """How many cases lie within the actor's scope."""
    return cases_listing.count_cases(look, period=wish.period)


def hotspots(look: Look, wish: ExportRequest) -> Sequence[Row]:
    """Cases by area of a level in a period, by default a year."""
    asked = spots.CaseFilter(period=wish.period or period(None, None, today=look.when.day, tz=look.tz))
    return _on_areas(look, wish.level, spots.hotspots(look, wish.level, asked).rows)


def indicators(look: Look, wish: ExportRequest) -> Iterable[Row]:
    """Indicators of cases by grid over a period, by default a year."""
    span = wish.period or period(None, None, today=look.when.day, tz=look.tz)
    return _tabular(
        figures_of_cases.indicators(look, figures_of_cases.IndicatorRequest(period=span), now=wish.now).rows
    )


def elderly(look: Look, _wish: ExportRequest) -> Sequence[Row]:
    """Coverage of elders by grid, with stations within a walk of 500 m."""
    return _on_areas(look, Level.GRID, coverage.elderly_coverage(look, walk_m=WALK_M).rows)


def territories(look: Look, _wish: ExportRequest) -> Sequence[Row]:
    """Each primary member's grids as one shape."""
    outlines = _outlines(look, Level.GRID)
    rows = area_figures.territories(look).rows
    return [(_together([outlines.get(code) for code in row["grids"]]), row) for row in rows]


def renovation(look: Look, wish: ExportRequest) -> Sequence[Row]:
    """Compounds, the most urgent first, with the cases of a period, by default a year."""
    span = wish.period or period(None, None, today=look.when.day, tz=look.tz)
    return _on_areas(look, Level.COMPOUND, quarters.renovation(look, span).rows)


def revisions(look: Look, _wish: ExportRequest) -> Iterable[Row]:
    """The divisions the community has had, those of a later day than the look's left out."""
    known = [row for row in history.revision_history(look) if not row["scheduled"]]
    return _tabular({**row, **row["changes"], **_instants(row)} for row in known)


def _instants(row: Mapping[str, Any]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(row[name]) for name in ("effective_at", "published_at")}


def _tabular(rows: Iterable[Mapping[str, Any]]) -> Iterable[Row]:
    return ((None, row) for row in rows)


def _outlines(look: Look, level: Level) -> dict[str, Any]:
    return {row["code"]: shape for shape, row in shapes.area_shapes(look, level)}


def _on_areas(look: Look, level: Level, rows: Iterable[Mapping[str, Any]]) -> Sequence[Row]:
    outlines = _outlines(look, level)
    return [(outlines.get(row["code"]), row) for row in rows]


def _together(parts: list[Any]) -> Any:
    known = [part for part in parts if part is not None]
    return shapely.union_all(known) if known else None
