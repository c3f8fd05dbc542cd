"""Whose tasks an account may know: those of own grids or buildings, and of the whole community for heads."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, false, select, true

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.work.work_tasks import WorkScope

_WHOLE: Final = frozenset({Role.HEAD, Role.LOCAL})
_GRIDS: Final = frozenset({Role.STAFF, Role.MEMBER, Role.GRID_LEADER})


def own_scope(view: View) -> WorkScope:
    """What the account serves."""
    return _scope(view, *(_served(view, table) for table in (Household, Building, Facility)))


def whole_scope(view: View) -> WorkScope:
    """The whole community; whoever asks for it has the right to its counts."""
    return _scope(view, true(), true(), true())


def scope_of_one(view: View, kind: SubjectKind, subject_id: str) -> WorkScope:
    """One subject within what the account serves; of a person with its whole household."""
    own = own_scope(view)
    home = select(Resident.household_id).where(Resident.id == subject_id).scalar_subquery()
    wanted: dict[SubjectKind, ColumnElement[bool]] = {
        SubjectKind.PERSON: Household.id == home,
        SubjectKind.HOUSEHOLD: Household.id == subject_id,
    }
    return WorkScope(
        homes=own.homes & wanted.get(kind, false()),
        buildings=own.buildings & (Building.id == subject_id),
        facilities=own.facilities & (Facility.id == subject_id),
    )


def _scope(
    view: View, homes: ColumnElement[bool], buildings: ColumnElement[bool], facilities: ColumnElement[bool]
) -> WorkScope:
    here = view.community.id
    return WorkScope(
        homes=(Household.community_id == here) & homes,
        buildings=(Building.community_id == here) & buildings,
        facilities=(Facility.community_id == here) & facilities,
    )


def _served(view: View, table: Any) -> ColumnElement[bool]:
    role = view.actor.role
    if role in _WHOLE:
        return true()
    if role in _GRIDS:
        served: ColumnElement[bool] = table.cell_id.in_(view.own_cells)
        return served
    if role == Role.STEWARD and table is not Facility:
        column = Building.id if table is Building else Household.building_id
        return column.in_(view.actor.buildings)
    return false()
