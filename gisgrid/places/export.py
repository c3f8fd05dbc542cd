"""Whole lists of streets and households, as far as the actor may see them, for files that leave the house."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import cell_at, is_of
from gisgrid.areas.view import View
from gisgrid.places.models import Building, Household, Street
from gisgrid.places.queries import Feature
from gisgrid.places.search import addresses_visible, is_here
from gisgrid.storage.row_stream import one_by_one


def street_list(view: View) -> list[Feature]:
    """Streets as lines with name, kind, tunnel, bridge and layer."""
    require(view.actor, Action.AREAS_VIEW)
    statement = select(Street).where(Street.community_id == view.community.id).order_by(Street.fid)
    return [
        (
            row.geom,
            {
                "name": row.name,
                "kind": row.kind,
                "tunnel": row.tunnel,
                "bridge": row.bridge,
                "layer": row.layer,
            },
        )
        for row in view.session.scalars(statement)
    ]


def household_list(view: View) -> Iterator[Feature]:
    """Households within the actor's scope: the point, standard address, building, unit, room, grid.

    Who refused stands here as everybody else does; that they did is left out. A whole list needs more than
    finding one address: members and grid leaders get those of their own grids. Given one by one.
    """
    require(view.actor, Action.PERSONS_VIEW)
    cell = cell_at(PlacedKind.HOUSEHOLD, Household.id, Household.cell_id, view.when).label("cell")
    statement = (
        select(Household, Building.code, Building.address.label("building_address"), cell)
        .outerjoin(Building, Building.id == Household.building_id)
        .where(_listed(view))
        .order_by(Household.fid)
    )
    rows = one_by_one(view.session, statement)
    return (_household(view, row) for row in rows)


def count_households(view: View) -> int:
    """How many there are in the list."""
    require(view.actor, Action.PERSONS_VIEW)
    return view.session.scalars(select(func.count()).select_from(Household).where(_listed(view))).one()


def _listed(view: View) -> ColumnElement[bool]:
    return and_(is_of(view, PlacedKind.HOUSEHOLD, Household), is_here(view), _in_scope(view))


def _in_scope(view: View) -> ColumnElement[bool]:
    if view.actor.role in {Role.MEMBER, Role.GRID_LEADER}:
        return Household.cell_id.in_(view.own_cells)
    return addresses_visible(view)


def _household(view: View, row: Any) -> Feature:
    home: Household = row.Household
    # Only the last time is kept: on an earlier day nothing is told that came later.
    last = home.last_verified_at
    verified = last if last and last <= view.when.at else None
    grid = view.division.grid_of(row.cell)
    return home.position, {
        "address": home.std_address,
        "building": row.code or row.building_address,
        "unit": home.unit,
        "room": home.room,
        "grid": grid.code if grid else None,
        "lived_from": home.lived_from,
        "verified_at": verified.astimezone(view.tz) if verified else None,
    }
