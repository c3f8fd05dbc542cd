"""Coverage of residents aged 60 and over: who is reached by a home-care station, who is looked after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import and_, func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.analysis.coverage import DETOUR, WALKS_M, coverage, nearest_station_m, straight_m, uncovered
from gisgrid.analysis.disclosure import Related
from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.figures.area_figures import primary_members
from gisgrid.figures.counts import (
    counts_by_group,
    household_cell,
    is_elder_sql,
    is_here,
    is_registered_resident,
)
from gisgrid.figures.groups import Groups, groups_of
from gisgrid.figures.suppression import Guard, guarded, named
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.labels.figures import UNITS
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import OLD_ELDER_AGE
from gisgrid.places.models import Facility, FacilityType, Household
from gisgrid.welfare.queries import has_visitor

_REACHED: Final = tuple(f"reached_{walk_m}" for walk_m in WALKS_M)

_GUARD: Final = Guard(
    columns=("residents", "elders", "elders_80", *_REACHED, "with_member", "with_visitor"),
    related=Related(
        parts={
            "elders": "residents",
            "elders_80": "elders",
            **dict(zip(_REACHED, (*_REACHED[1:], "elders"), strict=True)),
            "with_member": "elders",
            "with_visitor": "elders",
        }
    ),
)
"""All counts of persons that can be subtracted are hidden together: elders as in the figures of areas, and
the walks from one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ElderHomes:
    """All households with their elders; arrays of shape (households,), ``cell`` with missing values."""

    ids: pd.Series[str]
    addresses: pd.Series[str]
    cell: pd.Series[str]
    frame: pd.DataFrame
    stations: int


class CoverageRow(FigureRow):
    """Elders of a grid, and how many of them are reached and looked after."""

    code: str
    name: str
    elders: int | None
    elders_80: int | None
    reached: int | None
    with_member: int | None
    with_visitor: int | None
    unregistered: int


class UncoveredRow(TypedDict):
    """A household with elders whom no station or no member reaches."""

    household: str
    address: str
    grid: str | None
    elders: int
    reason: str
    lon: float | None
    lat: float | None
    station_m: float | None


def elderly_coverage(view: View, *, walk_m: float) -> FigureTable[CoverageRow]:
    """Per grid: elders, 80+, reached within a walk, with a member, with a visitor, households not registered.

    Raises
    ------
    InvalidInput
        The walk is none of 300, 500 and 1000 m, for roles without exact counts: two walks that differ by
        little would tell who lives between them.
    """
    require(view.actor, Action.FIGURES_VIEW)
    homes = _read_homes_once(view)
    shown = _exact(view, walk_m) if view.actor.sees_exact_counts else _protected(view, walk_m)
    elders = int(homes.frame["elders"].sum())
    meta = legend(
        view,
        unit=UNITS["people"],
        level=Level.GRID,
        records=elders if view.actor.sees_exact_counts else len(homes.ids),
        distance_m=walk_m,
        straight_m=round(straight_m(walk_m), 1),
        walk_factor=DETOUR,
        stations=homes.stations,
        unregistered=int((~homes.frame["is_registered"]).sum()),
    )
    rows = cast("list[CoverageRow]", to_rows(shown.drop(columns=["parent"])))
    return FigureTable(rows=rows, meta=meta)


def _exact(view: View, walk_m: float) -> pd.DataFrame:
    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        homes = _homes_in(view, groups)
        frame = homes.frame.loc[~homes.cell.isin(without)]
        return coverage(frame, len(groups.rows), walk_m=walk_m)

    return guarded(view, Level.GRID, count, _GUARD)


def _protected(view: View, walk_m: float) -> pd.DataFrame:
    """The same for roles without exact counts: all walks are hidden together, then one is shown."""
    if walk_m not in WALKS_M:
        raise InvalidInput("this account may choose 300, 500 or 1000 m", field="distance")

    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        homes = _homes_in(view, groups)
        frame = homes.frame.loc[~homes.cell.isin(without)]
        residents = counts_by_group(view, groups, without=without)["residents"]
        walks = {walk: coverage(frame, len(groups.rows), walk_m=walk) for walk in WALKS_M}
        reached = {f"reached_{walk}": table["reached"] for walk, table in walks.items()}
        return walks[WALKS_M[0]].drop(columns="reached").assign(residents=residents, **reached)

    shown, asked = guarded(view, Level.GRID, count, _GUARD), f"reached_{walk_m:.0f}"
    gone = {*_REACHED, "residents"} - {asked}
    names = [
        ["reached" if name == asked else name for name in row if name not in gone]
        for row in shown["suppressed"]
    ]
    kept = shown.drop(columns=list(gone)).rename(columns={asked: "reached"})
    return named(kept, names)


def uncovered_elders(view: View, *, walk_m: float, grid: str | None = None) -> list[UncoveredRow]:
    """Households with elders that no station or no member serves, for those who may see persons.

    A member sees those of the own grids, head and staff the community. Only counts and addresses leave
    here; names stand on the household's card, which asks again.
    """
    require(view.actor, Action.PERSONS_LIST)
    groups = groups_of(view, Level.GRID)
    homes = _homes_in(view, groups)
    frame = homes.frame.assign(id=homes.ids, address=homes.addresses, cell=homes.cell)
    listed = uncovered(frame, walk_m=walk_m)
    if not view.actor.sees_exact_counts:
        listed = listed.loc[listed["cell"].isin(view.own_cells)]
    codes = [groups.rows[place].code if place >= 0 else None for place in listed["grid"]]
    listed = listed.assign(grid=pd.Series(codes, index=listed.index, dtype=object))
    if grid is not None:
        listed = listed.loc[listed["grid"] == grid]
    columns = {"id": "household", "address": "address", "grid": "grid", "elders": "elders"}
    named = listed.rename(columns=columns)
    shown = named[["household", "address", "grid", "elders", "reason", "lon", "lat", "station_m"]]
    return cast("list[UncoveredRow]", to_rows(shown.round(7)))


def _homes_in(view: View, groups: Groups) -> _ElderHomes:
    """The households with the row of a level they count into, and whether their grid has a member."""
    homes = _read_homes_once(view)
    members = primary_members(view)
    grids = view.division.owner_at(Level.GRID)
    served = {cell for cell, grid in grids.items() if grid.id in members}
    frame = homes.frame.assign(grid=groups.index_of(homes.cell), has_member=homes.cell.isin(served))
    return _ElderHomes(
        ids=homes.ids, addresses=homes.addresses, cell=homes.cell, frame=frame, stations=homes.stations
    )


def _read_homes_once(view: View) -> _ElderHomes:
    return view.remembered("homes", make=lambda: _read_homes(view))


def _read_homes(view: View) -> _ElderHomes:
    old = func.count().filter(is_elder_sql(view, OLD_ELDER_AGE))
    people = (
        select(
            Resident.household_id,
            func.count().filter(is_elder_sql(view)).label("elders"),
            old.label("elders_80"),
            func.count().filter(and_(is_elder_sql(view), has_visitor(view))).label("with_visitor"),
        )
        .join(Household, Household.id == Resident.household_id)
        .where(is_here(view), is_registered_resident(view))
        .group_by(Resident.household_id)
        .subquery()
    )
    statement = (
        select(
            Household.id,
            Household.std_address,
            household_cell(view).label("cell"),
            func.ST_X(Household.position).label("lon"),
            func.ST_Y(Household.position).label("lat"),
            people.c.elders,
            people.c.elders_80,
            people.c.with_visitor,
        )
        .outerjoin(people, people.c.household_id == Household.id)
        .where(is_here(view))
        .order_by(Household.std_address)
    )
    rows = pd.DataFrame(view.session.execute(statement).all(), columns=_COLUMNS)
    stations = home_care_stations(view)
    frame = pd.DataFrame(
        {
            "elders": rows["elders"].fillna(0).astype("int64"),
            "elders_80": rows["elders_80"].fillna(0).astype("int64"),
            "with_visitor": rows["with_visitor"].fillna(0).astype("int64"),
            "is_registered": rows["elders"].notna(),
            "lon": rows["lon"].astype("float64"),
            "lat": rows["lat"].astype("float64"),
        }
    )
    frame["station_m"] = nearest_station_m(
        frame["lon"], frame["lat"], station_lon=shapely.get_x(stations), station_lat=shapely.get_y(stations)
    )
    return _ElderHomes(
        ids=rows["id"], addresses=rows["address"], cell=rows["cell"], frame=frame, stations=len(stations)
    )


_COLUMNS: Final = ["id", "address", "cell", "lon", "lat", "elders", "elders_80", "with_visitor"]


def home_care_stations(view: View) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The positions of the home-care stations there are today, in EPSG:4326."""
    statement = select(Facility.position).where(
        is_of(view, PlacedKind.FACILITY, Facility), Facility.type == FacilityType.HOME_CARE_STATION
    )
    return np.array(list(view.session.scalars(statement)), dtype=np.object_)
