"""Where the rows of each layer come from: the same services as every page, with the same rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely

from data.exporters.layer import ExportRequest, Row
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
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
from gisgrid.records.lists import export as records_listing
from gisgrid.workforce import roster

WALK_M = 500.0


def areas(view: View, wish: ExportRequest) -> Sequence[Row]:
    """Areas of a level with their figures, grids with their type."""
    features = shapes.area_shapes(view, wish.level)
    if wish.level != Level.GRID:
        return features
    types = shapes.grid_types(view)
    return [(shape, {**row, "type": types.get(row["code"])}) for shape, row in features]


def cells(view: View, _wish: ExportRequest) -> Sequence[Row]:
    """Unit cells with the grid and micro grid they belong to."""
    return shapes.cell_shapes(view)


def buildings(view: View, _wish: ExportRequest) -> Sequence[Row]:
    """Footprints with what is known of each building."""
    return queries.buildings(view)


def streets(view: View, _wish: ExportRequest) -> Sequence[Row]:
    """Streets as lines."""
    return places_listing.street_list(view)


def facilities(view: View, _wish: ExportRequest) -> Sequence[Row]:
    """Places people are served at."""
    return [(point, {**row, "office_phone": row["phone"]}) for point, row in queries.facilities(view)]


def households(view: View, _wish: ExportRequest) -> Iterable[Row]:
    """Addresses the actor may see."""
    return places_listing.household_list(view)


def residents(view: View, _wish: ExportRequest) -> Iterable[Row]:
    """Residents the actor may list."""
    return _tabular(people_listing.resident_list(view))


def members(view: View, _wish: ExportRequest) -> Iterable[Row]:
    """Who serves which area."""
    return _tabular(roster.serving_list(view))


def cases(view: View, wish: ExportRequest) -> Iterable[Row]:
    """Cases within the actor's scope."""
    return cases_listing.case_list(view, period=wish.period, now=wish.now)


def records(view: View, wish: ExportRequest) -> Iterable[Row]:
    """Records within the actor's scope, by default of the last month."""
    return records_listing.record_list(view, during=wish.period)


def count_records(view: View, wish: ExportRequest) -> int:
    """How many records lie within the actor's scope."""
    return records_listing.count_records(view, during=wish.period)


def count_households(view: View, _wish: ExportRequest) -> int:
    """How many addresses the actor may see."""
    return places_listing.count_households(view)


def count_residents(view: View, _wish: ExportRequest) -> int:
    """How many residents the actor may list."""
    return people_listing.count_residents(view)


def count_cases(view: View, wish: ExportRequest) -> int:
    """How many cases lie within the actor's scope."""
    return cases_listing.count_cases(view, period=wish.period)


def hotspots(view: View, wish: ExportRequest) -> Sequence[Row]:
    """Cases by area of a level in a period, by default a year."""
    asked = spots.CaseFilter(period=wish.period or period(None, None, today=view.when.day, tz=view.tz))
    return _on_areas(view, wish.level, spots.hotspots(view, wish.level, asked).rows)


def indicators(view: View, wish: ExportRequest) -> Iterable[Row]:
    """Indicators of cases by grid over a period, by default a year."""
    span = wish.period or period(None, None, today=view.when.day, tz=view.tz)
    return _tabular(
        figures_of_cases.indicators(view, figures_of_cases.IndicatorRequest(period=span), now=wish.now).rows
    )


def elderly(view: View, _wish: ExportRequest) -> Sequence[Row]:
    """Coverage of elders by grid, with stations within a walk of 500 m."""
    return _on_areas(view, Level.GRID, coverage.elderly_coverage(view, walk_m=WALK_M).rows)


def territories(view: View, _wish: ExportRequest) -> Sequence[Row]:
    """Each primary member's grids as one shape."""
    outlines = _outlines(view, Level.GRID)
    rows = area_figures.territories(view).rows
    return [(_together([outlines.get(code) for code in row["grids"]]), row) for row in rows]


def renovation(view: View, wish: ExportRequest) -> Sequence[Row]:
    """Compounds, the most urgent first, with the cases of a period, by default a year."""
    span = wish.period or period(None, None, today=view.when.day, tz=view.tz)
    return _on_areas(view, Level.COMPOUND, quarters.renovation(view, span).rows)


def revisions(view: View, _wish: ExportRequest) -> Iterable[Row]:
    """The divisions the community has had, those of a later day than the view's left out."""
    known = [row for row in history.revision_history(view) if not row["scheduled"]]
    return _tabular({**row, **row["changes"], **_instants(row)} for row in known)


def _instants(row: Mapping[str, Any]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(row[name]) for name in ("effective_at", "published_at")}


def _tabular(rows: Iterable[Mapping[str, Any]]) -> Iterable[Row]:
    return ((None, row) for row in rows)


def _outlines(view: View, level: Level) -> dict[str, Any]:
    return {row["code"]: shape for shape, row in shapes.area_shapes(view, level)}


def _on_areas(view: View, level: Level, rows: Iterable[Mapping[str, Any]]) -> Sequence[Row]:
    outlines = _outlines(view, level)
    return [(outlines.get(row["code"]), row) for row in rows]


def _together(parts: list[Any]) -> Any:
    known = [part for part in parts if part is not None]
    return shapely.union_all(known) if known else None
