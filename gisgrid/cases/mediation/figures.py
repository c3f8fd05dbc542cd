"""How many disputes there are: by building and per hundred households, and by grid over quarters.

Only of what the actor may open one by one: all of the community, or of the own grids. Who may not is told
nothing here; the map of hotspots tells of whole quarters with small counts hidden.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.disputes.scope import visible_disputes
from gisgrid.cases.mediation.queries import NO_DISPUTES
from gisgrid.days import day_of, start_of
from gisgrid.places.models import Building, Household
from gisgrid.storage.base import lived_on

PERIOD: Final = timedelta(days=365)
QUARTERS: Final = 5
_HUNDRED: Final = 100


class DisputeDensity(TypedDict):
    """How many disputes there are, and how many per hundred households; nothing where nobody lives."""

    disputes: int
    households: int
    per_100: float | None


class BuildingDensity(DisputeDensity):
    """The disputes of a building."""

    building: str
    address: str


ConflictDensity = TypedDict(
    "ConflictDensity", {"rows": list[BuildingDensity], "all": DisputeDensity, "from": str, "to": str}
)
"""Disputes of the last year by building, and over all of them."""


class GridTrend(TypedDict):
    """The disputes of a grid by quarters."""

    grid: str
    name: str
    counts: list[int]


class ConflictTrend(TypedDict):
    """Disputes by grid in each of the last quarters, which are named by their first days."""

    quarters: list[str]
    rows: list[GridTrend]


def conflict_density(view: View, *, now: datetime) -> ConflictDensity:
    """Disputes of the last year by building, the densest first, and over all of them.

    ``all`` is of every household in sight; disputes outside buildings count only there.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    within = (_counted(view), Case.reported_at > now - PERIOD, Case.reported_at <= now)
    rows = view.session.execute(
        select(Case.building_id, func.count()).where(*within).group_by(Case.building_id)
    ).all()
    disputes = {row[0]: row[1] for row in rows}
    homes = _households(view, now=now)
    names = view.session.execute(
        select(Building.id, Building.address).where(Building.id.in_([key for key in disputes if key]))
    )
    buildings: list[BuildingDensity] = [
        {
            "building": row.id,
            "address": row.address,
            "disputes": disputes[row.id],
            "households": homes.get(row.id, 0),
            "per_100": _per_100(disputes[row.id], homes.get(row.id, 0)),
        }
        for row in names
    ]
    buildings.sort(key=lambda row: (-(row["per_100"] or 0), -row["disputes"], row["address"]))
    total, households = sum(disputes.values()), sum(homes.values())
    return {
        "rows": buildings,
        "all": {
            "disputes": total,
            "households": households,
            "per_100": _per_100(total, households),
        },
        "from": day_of(now - PERIOD, view.tz).isoformat(),
        "to": day_of(now, view.tz).isoformat(),
    }


def conflict_trend(view: View, *, now: datetime) -> ConflictTrend:
    """Disputes by grid in each of the last quarters, the present one last and not over yet.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    quarters = _quarters(day_of(now, view.tz))
    rows = view.session.execute(
        select(Case.cell_id, Case.reported_at).where(
            _counted(view), Case.reported_at >= start_of(quarters[0], view.tz), Case.reported_at <= now
        )
    )
    counts: Counter[tuple[str, int]] = Counter()
    for row in rows:
        grid = view.present.grid_of(row.cell_id)
        day = day_of(row.reported_at, view.tz)
        if grid is not None:
            counts[(grid.id, sum(first <= day for first in quarters) - 1)] += 1
    grids = view.present.tree.at_level(Level.GRID)
    own = view.actor.areas if view.actor.role is Role.MEMBER else None
    shown = [grid for grid in grids if own is None or grid.id in own]
    return {
        "quarters": [day.isoformat() for day in quarters],
        "rows": [
            {
                "grid": grid.code,
                "name": grid.name,
                "counts": [counts[(grid.id, place)] for place in range(QUARTERS)],
            }
            for grid in shown
        ],
    }


def _counted(view: View) -> Any:
    counted = visible_disputes(view) & Case.state.not_in(NO_DISPUTES)
    return counted & Case.cell_id.in_(view.own_cells) if view.actor.role is Role.MEMBER else counted


def _households(view: View, *, now: datetime) -> dict[str | None, int]:
    """Households by building that the actor counts against."""
    statement = select(Household.building_id, func.count()).where(
        Household.community_id == view.community.id,
        lived_on(Household.lived_from, Household.lived_to, day_of(now, view.tz)),
    )
    if view.actor.role is Role.MEMBER:
        statement = statement.where(Household.cell_id.in_(view.own_cells))
    return {row[0]: row[1] for row in view.session.execute(statement.group_by(Household.building_id))}


def _per_100(count: int, households: int) -> float | None:
    return round(_HUNDRED * count / households, 1) if households else None


def _quarters(today: date) -> list[date]:
    """First days of the last quarters, oldest first."""
    place = today.year * 4 + (today.month - 1) // 3
    return [date(quarter // 4, quarter % 4 * 3 + 1, 1) for quarter in range(place - QUARTERS + 1, place + 1)]
