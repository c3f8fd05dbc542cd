"""Which areas a place lies in and who serves there: what anybody may ask, without names of residents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import NOBODY, Actor, require
from gisgrid.areas.answers import LeveledName
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.locate import Spots, locate_many
from gisgrid.areas.models import Level
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.crs import Datum, FloatArray, IntArray, position_fault, shift_datum
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.figures.answers import ServingRow
from gisgrid.figures.cards import members_of
from gisgrid.places.models import Household

MOST_POINTS: Final = 10_000


class Whereabouts(TypedDict):
    """The areas of a place, top down, and who serves its grid."""

    areas: list[LeveledName]
    on_border: bool
    near_border_m: float | None
    members: list[ServingRow]


class OwnGrid(TypedDict):
    """The grid of a household with who serves it; name and code are null while it lies in none."""

    name: str | None
    code: str | None
    members: list[ServingRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequest:
    """Who asks when, with this process's caches and the deployment's zone."""

    session: Session
    actor: Actor
    caches: Caches
    now: datetime
    tz: tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePlace:
    """Where a household stands: the code of its community, and its cell."""

    community: str
    cell_id: str | None


def whereabouts(
    asking: PlaceRequest, points: Sequence[tuple[float, float]], *, datum: Datum = Datum.WGS84
) -> list[Whereabouts | None]:
    """For each point (lon, lat in degrees of ``datum``) its areas and members; nothing outside all areas.

    Raises
    ------
    InvalidInput
        Points that can't be places on Earth, each with its row, or more than 10,000 of them.
    """
    require(asking.actor, Action.OWN_GRID_VIEW)
    _check(points)
    if not points:
        return []
    lon, lat = shift_datum([point[0] for point in points], [point[1] for point in points], datum, Datum.WGS84)
    answers: list[Whereabouts | None] = [None] * len(points)
    for community in visible_communities(asking.session, NOBODY, now=asking.now):
        left = np.array([place for place, answer in enumerate(answers) if answer is None], dtype=np.int64)
        if not len(left):
            break
        view = public_view(asking, community.code)
        if len(view.division.cell_ids):
            _fill(answers, view, left, lon=lon, lat=lat)
    return answers


def own_grid(asking: PlaceRequest) -> OwnGrid | None:
    """The grid of the actor's own household with who serves it; nothing without a household."""
    require(asking.actor, Action.OWN_GRID_VIEW)
    home = home_of(asking.session, asking.actor, now=asking.now)
    if home is None:
        return None
    view = public_view(asking, home.community)
    grid = view.division.grid_of(home.cell_id)
    if grid is None:
        return {"name": None, "code": None, "members": []}
    return {"name": grid.name, "code": grid.code, "members": members_of(view, grid)}


def home_of(session: Session, actor: Actor, *, now: datetime) -> HomePlace | None:
    """Where the actor's own household stands; nothing for those who have none."""
    if actor.household_id is None:
        return None
    statement = select(Household.community_id, Household.cell_id).where(Household.id == actor.household_id)
    row = session.execute(statement).one()
    communities = visible_communities(session, NOBODY, now=now)
    code = next((community.code for community in communities if community.id == row.community_id), None)
    return HomePlace(community=code, cell_id=row.cell_id) if code else None


def _check(points: Sequence[tuple[float, float]]) -> None:
    if len(points) > MOST_POINTS:
        raise InvalidInput(say("at most {most} points at once", most=MOST_POINTS), field="points")
    faults = [
        Fault(message=message, row=row, field="points")
        for row, point in enumerate(points, start=1)
        if (message := position_fault(*point))
    ]
    if faults:
        raise InvalidInput(faults)


def public_view(asking: PlaceRequest, code: str) -> View:
    """A visitor's look: areas, duty names and office phones are for everybody, also in other communities."""
    asked = ViewRequest(community=code)
    return open_view(asking.session, NOBODY, asked, caches=asking.caches, now=asking.now, tz=asking.tz)


def _fill(
    answers: list[Whereabouts | None],
    view: View,
    left: IntArray,
    *,
    lon: FloatArray,
    lat: FloatArray,
) -> None:
    spots = locate_many(view.division, lon[left], lat[left])
    members: dict[str, list[ServingRow]] = {}
    for order in np.flatnonzero(spots.cell >= 0):
        owner = view.division.owners.get(view.division.cell_ids[int(spots.cell[order])])
        path = view.division.tree.path(owner) if owner else []
        lowest = path[-1] if path else None
        if lowest is not None and lowest.id not in members:
            members[lowest.id] = _members(view, path)
        answers[int(left[order])] = _describe(
            path, spots, int(order), members=members[lowest.id] if lowest is not None else []
        )


def _members(view: View, path: list[TreeArea]) -> list[ServingRow]:
    grid = next((area for area in path if area.level == Level.GRID), None)
    return members_of(view, grid) if grid else []


def _describe(path: list[TreeArea], spots: Spots, order: int, *, members: list[ServingRow]) -> Whereabouts:
    near = float(spots.near_border_m[order])
    return {
        "areas": [{"level": area.level.value, "code": area.code, "name": area.name} for area in path],
        "on_border": bool(spots.is_on_border[order]),
        "near_border_m": round(near, 2) if np.isfinite(near) else None,
        "members": members,
    }
