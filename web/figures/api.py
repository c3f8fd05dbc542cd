"""Figures of the maps: hotspots, heat, coverage, territories, renovation; tables also as CSV."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.audit import record
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.figures.area_figures import TerritoryRow
from gisgrid.figures.area_figures import territories as territory_table
from gisgrid.figures.elderly import CoverageRow, UncoveredRow, elderly_coverage, uncovered_elders
from gisgrid.figures.hotspots import LEVELS, HeatPoints, HotspotRow
from gisgrid.figures.hotspots import heat as heat_points
from gisgrid.figures.hotspots import hotspots as hotspot_table
from gisgrid.figures.renovation import RenovationRow
from gisgrid.figures.renovation import renovation as renovation_table
from gisgrid.figures.tables import FigureTable, legend
from gisgrid.labels.figures import UNITS
from web.answer_models import TABLE, UNCHANGED, Figures
from web.answers import audited_view, csv_answer, fresh_answer, json_answer, table_answer
from web.blueprints import Api
from web.context import now, view_of
from web.request_models import (
    CasesQuery,
    HotspotsQuery,
    PeriodQuery,
    PlaceQuery,
    UncoveredQuery,
    WalkQuery,
)

figures_api = Api("figures", __name__, part=ApiPart.MAPS)


def _hotspots(view: View, query: HotspotsQuery) -> FigureTable[HotspotRow]:
    if query.level not in LEVELS:
        raise InvalidInput("hotspots are told by grid, micro_grid, compound or sub_area", field="level")
    return hotspot_table(view, query.level, query.filter(view), compare=query.compare is not None)


def _uncovered(view: View, query: UncoveredQuery) -> FigureTable[UncoveredRow]:
    rows = uncovered_elders(view, walk_m=query.distance, grid=query.grid)
    meta = legend(
        view, unit=UNITS["households"], level=Level.GRID, records=len(rows), distance_m=query.distance
    )
    return FigureTable(rows=rows, meta=meta)


@figures_api.get("/hotspots", right=Action.FIGURES_VIEW, responses={"200": Figures[HotspotRow], **UNCHANGED})
def hotspots(query: HotspotsQuery) -> Response:
    """Cases by area: count, rate per 100 households, change against the period before."""
    view = view_of(query.view_request)
    return table_answer(view, Action.FIGURES_VIEW, lambda: _hotspots(view, query))


@figures_api.get("/hotspots.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def hotspots_csv(query: HotspotsQuery) -> Response:
    """The same as CSV."""
    return csv_answer("hotspots", query.view_request, lambda view: _hotspots(view, query))


@figures_api.get("/heat", right=Action.FIGURES_VIEW, responses={"200": HeatPoints, **UNCHANGED})
def heat(query: CasesQuery) -> Response:
    """Points of the heat map, binned for roles without case detail."""
    view = view_of(query.view_request)
    return fresh_answer(view, Action.FIGURES_VIEW, lambda: heat_points(view, query.filter(view)))


@figures_api.get(
    "/coverage/elderly", right=Action.FIGURES_VIEW, responses={"200": Figures[CoverageRow], **UNCHANGED}
)
def coverage(query: WalkQuery) -> Response:
    """Elders by grid, and how many a station or a member reaches."""
    view = view_of(query.view_request)
    return table_answer(view, Action.FIGURES_VIEW, lambda: elderly_coverage(view, walk_m=query.distance))


@figures_api.get("/coverage/elderly.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def coverage_csv(query: WalkQuery) -> Response:
    """The same as CSV."""
    make = lambda view: elderly_coverage(view, walk_m=query.distance)  # noqa: E731 - one argument more than fits
    return csv_answer("coverage-elderly", query.view_request, make)


@figures_api.get(
    "/coverage/elderly/uncovered", right=Action.PERSONS_LIST, responses={"200": Figures[UncoveredRow]}
)
def uncovered(query: UncoveredQuery) -> Response:
    """Households with elders whom no station or no member reaches; leaves an audit entry."""
    with audited_view(query.view_request) as view:
        table = _uncovered(view, query)
        record(view.session, view.actor, "persons:list", "household", now=now(), count=len(table.rows))
    return json_answer({"rows": table.rows, "meta": table.meta})


@figures_api.get("/coverage/elderly/uncovered.csv", right=Action.PERSONS_LIST, responses=TABLE)
def uncovered_csv(query: UncoveredQuery) -> Response:
    """The same as CSV."""
    return csv_answer("uncovered", query.view_request, lambda view: _uncovered(view, query))


@figures_api.get(
    "/territories", right=Action.AREAS_VIEW, responses={"200": Figures[TerritoryRow], **UNCHANGED}
)
def territories(query: PlaceQuery) -> Response:
    """One row per primary grid member, and one per grid without one."""
    view = view_of(query.view_request)
    return table_answer(view, Action.AREAS_VIEW, lambda: territory_table(view))


@figures_api.get("/territories.csv", right=Action.AREAS_VIEW, responses=TABLE)
def territories_csv(query: PlaceQuery) -> Response:
    """The same as CSV."""
    return csv_answer("territories", query.view_request, territory_table)


@figures_api.get(
    "/renovation", right=Action.FIGURES_VIEW, responses={"200": Figures[RenovationRow], **UNCHANGED}
)
def renovation(query: PeriodQuery) -> Response:
    """One row per compound, the most urgent first."""
    view = view_of(query.view_request)
    return table_answer(view, Action.FIGURES_VIEW, lambda: renovation_table(view, query.period(view)))


@figures_api.get("/renovation.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def renovation_csv(query: PeriodQuery) -> Response:
    """The same as CSV."""
    return csv_answer(
        "renovation", query.view_request, lambda view: renovation_table(view, query.period(view))
    )
