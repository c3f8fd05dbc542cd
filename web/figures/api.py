"""Figures of the maps: hotspots, heat, coverage, territories, renovation; tables also as CSV."""

from __future__ import annotations

from flask import Response

from gisgrid.access.actions import Action
from gisgrid.access.audit import record
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.models import Level
from gisgrid.areas.view import Look
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
from web.answers import audited_look, csv_answer, fresh_answer, json_answer, table_answer
from web.blueprints import Api
from web.context import look_at, now
from web.request_models import (
    AskedCases,
    AskedHotspots,
    AskedPeriod,
    AskedPlace,
    AskedUncovered,
    AskedWalk,
)

figures_api = Api("figures", __name__, part=ApiPart.MAPS)


def _hotspots(look: Look, query: AskedHotspots) -> FigureTable[HotspotRow]:
    if query.level not in LEVELS:
        raise InvalidInput("hotspots are told by grid, micro_grid, compound or sub_area", field="level")
    return hotspot_table(look, query.level, query.filter(look), compare=query.compare is not None)


def _uncovered(look: Look, query: AskedUncovered) -> FigureTable[UncoveredRow]:
    rows = uncovered_elders(look, walk_m=query.distance, grid=query.grid)
    meta = legend(
        look, unit=UNITS["households"], level=Level.GRID, records=len(rows), distance_m=query.distance
    )
    return FigureTable(rows=rows, meta=meta)


@figures_api.get("/hotspots", right=Action.FIGURES_VIEW, responses={"200": Figures[HotspotRow], **UNCHANGED})
def hotspots(query: AskedHotspots) -> Response:
    """Cases by area: count, rate per 100 households, change against the period before."""
    look = look_at(query.asked)
    return table_answer(look, Action.FIGURES_VIEW, lambda: _hotspots(look, query))


@figures_api.get("/hotspots.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def hotspots_csv(query: AskedHotspots) -> Response:
    """The same as CSV."""
    return csv_answer("hotspots", query.asked, lambda look: _hotspots(look, query))


@figures_api.get("/heat", right=Action.FIGURES_VIEW, responses={"200": HeatPoints, **UNCHANGED})
def heat(query: AskedCases) -> Response:
    """Points of the heat map, binned for roles without case detail."""
    look = look_at(query.asked)
    return fresh_answer(look, Action.FIGURES_VIEW, lambda: heat_points(look, query.filter(look)))


@figures_api.get(
    "/coverage/elderly", right=Action.FIGURES_VIEW, responses={"200": Figures[CoverageRow], **UNCHANGED}
)
def coverage(query: AskedWalk) -> Response:
    """Elders by grid, and how many a station or a member reaches."""
    look = look_at(query.asked)
    return table_answer(look, Action.FIGURES_VIEW, lambda: elderly_coverage(look, walk_m=query.distance))


@figures_api.get("/coverage/elderly.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def coverage_csv(query: AskedWalk) -> Response:
    """The same as CSV."""
    make = lambda look: elderly_coverage(look, walk_m=query.distance)  # noqa: E731 - one argument more than fits
    return csv_answer("coverage-elderly", query.asked, make)


@figures_api.get(
    "/coverage/elderly/uncovered", right=Action.PERSONS_LIST, responses={"200": Figures[UncoveredRow]}
)
def uncovered(query: AskedUncovered) -> Response:
    """Households with elders whom no station or no member reaches; leaves an audit entry."""
    with audited_look(query.asked) as look:
        table = _uncovered(look, query)
        record(look.session, look.actor, "persons:list", "household", now=now(), count=len(table.rows))
    return json_answer({"rows": table.rows, "meta": table.meta})


@figures_api.get("/coverage/elderly/uncovered.csv", right=Action.PERSONS_LIST, responses=TABLE)
def uncovered_csv(query: AskedUncovered) -> Response:
    """The same as CSV."""
    return csv_answer("uncovered", query.asked, lambda look: _uncovered(look, query))


@figures_api.get(
    "/territories", right=Action.AREAS_VIEW, responses={"200": Figures[TerritoryRow], **UNCHANGED}
)
def territories(query: AskedPlace) -> Response:
    """One row per primary grid member, and one per grid without one."""
    look = look_at(query.asked)
    return table_answer(look, Action.AREAS_VIEW, lambda: territory_table(look))


@figures_api.get("/territories.csv", right=Action.AREAS_VIEW, responses=TABLE)
def territories_csv(query: AskedPlace) -> Response:
    """The same as CSV."""
    return csv_answer("territories", query.asked, territory_table)


@figures_api.get(
    "/renovation", right=Action.FIGURES_VIEW, responses={"200": Figures[RenovationRow], **UNCHANGED}
)
def renovation(query: AskedPeriod) -> Response:
    """One row per compound, the most urgent first."""
    look = look_at(query.asked)
    return table_answer(look, Action.FIGURES_VIEW, lambda: renovation_table(look, query.period(look)))


@figures_api.get("/renovation.csv", right=Action.FIGURES_VIEW, responses=TABLE)
def renovation_csv(query: AskedPeriod) -> Response:
    """The same as CSV."""
    return csv_answer("renovation", query.asked, lambda look: renovation_table(look, query.period(look)))
