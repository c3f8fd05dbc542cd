"""Households with how many elders live there and how far the next station is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import shapely
from sqlalchemy import and_, func, select

from gisgrid.analysis.coverage import nearest_station_m
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.figures.area_figures import primary_members
from gisgrid.figures.counts import household_cell, is_elder_sql, is_here, is_registered_resident
from gisgrid.figures.elder_facts import home_care_stations
from gisgrid.figures.groups import Groups
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import OLD_ELDER_AGE
from gisgrid.places.models import Household
from gisgrid.welfare.queries import has_visitor

_COLUMNS: Final = ["id", "address", "cell", "lon", "lat", "elders", "elders_80", "with_visitor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesWithElders:
    """All households with their elders; arrays of shape (households,), ``cell`` with missing values."""

    ids: pd.Series[str]
    addresses: pd.Series[str]
    cell: pd.Series[str]
    frame: pd.DataFrame
    stations: int


def homes_in(view: View, groups: Groups) -> HomesWithElders:
    """The households with the row of a level they count into, and whether their grid has a member."""
    homes = read_homes(view)
    members = primary_members(view)
    grids = view.division.owner_at(Level.GRID)
    served = {cell for cell, grid in grids.items() if grid.id in members}
    frame = homes.frame.assign(grid=groups.index_of(homes.cell), has_member=homes.cell.isin(served))
    return HomesWithElders(
        ids=homes.ids, addresses=homes.addresses, cell=homes.cell, frame=frame, stations=homes.stations
    )


def read_homes(view: View) -> HomesWithElders:
    """All households of the community with their elders, read once for each version of the data."""
    return view.remembered("homes", make=lambda: _read_homes(view))


def _read_homes(view: View) -> HomesWithElders:
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
    return HomesWithElders(
        ids=rows["id"], addresses=rows["address"], cell=rows["cell"], frame=frame, stations=len(stations)
    )
