"""The list of residents as far as an actor may have it: whole in one's own grids, masked for heads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.keys.blind_index import MARK
from gisgrid.access.models import Role
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import cell_at, is_of
from gisgrid.areas.view import View
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import LISTED_AGE, NO_CONSENT, age_or_none, latest_birth
from gisgrid.people.queries import masked
from gisgrid.places.models import Building, Household
from gisgrid.storage.base import lived_on
from gisgrid.storage.row_stream import one_by_one


class ListedResident(TypedDict, total=False):
    """A resident for the list that leaves the house, with as much as the actor may know."""

    external_id: str | None
    address: str
    building: str | None
    unit: str | None
    room: str | None
    name: str | None
    sex: str | None
    birth_date: date | None
    age: int | None
    residence_status: str | None
    phone: str | None
    grid: str | None


def resident_list(view: View) -> Iterator[ListedResident]:
    """Residents with their address: names, phones and birth dates in one's own grids, masked names for heads.

    Nobody below 14 and nobody who refused or withdrew is listed. Given one by one; the grid is that of the
    view's day, while the right goes by today's grids.
    """
    require(view.actor, Action.PERSONS_LIST)
    cell = cell_at(PlacedKind.HOUSEHOLD, Household.id, Household.cell_id, view.when).label("cell")
    statement = (
        select(
            Resident,
            Household.std_address,
            Household.unit,
            Household.room,
            func.coalesce(Building.code, Building.address).label("building"),
            cell,
        )
        .join(Household, Household.id == Resident.household_id)
        .outerjoin(Building, Building.id == Household.building_id)
        .where(_listed(view))
        .order_by(Household.fid, Resident.birth_date, Resident.id)
    )
    is_masked = view.actor.role == Role.HEAD
    rows = one_by_one(view.session, statement)
    return (_row(view, row, is_masked=is_masked) for row in rows)


def count_residents(view: View) -> int:
    """How many there are in the list."""
    require(view.actor, Action.PERSONS_LIST)
    people = select(func.count()).select_from(Resident).join(Household, Household.id == Resident.household_id)
    return view.session.scalars(people.where(_listed(view))).one()


def _listed(view: View) -> ColumnElement[bool]:
    day = view.when.day
    born, is_home = Resident.birth_date, is_of(view, PlacedKind.HOUSEHOLD, Household)
    return and_(
        is_home,
        lived_on(Resident.lived_from, Resident.lived_to, day),
        or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
        Resident.consent.not_in(NO_CONSENT),
        or_(born.is_(None), born <= latest_birth(LISTED_AGE, day)),
        _in_scope(view),
    )


def _in_scope(view: View) -> ColumnElement[bool]:
    if view.actor.role in {Role.LOCAL, Role.HEAD}:
        return true()
    return Household.cell_id.in_(view.own_cells)


def _row(view: View, row: Any, *, is_masked: bool) -> ListedResident:
    resident: Resident = row.Resident
    if is_masked:
        return {"address": row.std_address, "name": masked(resident.name)}
    grid = view.division.grid_of(row.cell)
    return {
        **_outside_id(view, resident),
        "address": row.std_address,
        "building": row.building,
        "unit": row.unit,
        "room": row.room,
        "name": resident.name,
        "sex": resident.sex,
        "birth_date": resident.birth_date,
        "age": age_or_none(resident.birth_date, view.when.day),
        "residence_status": resident.residence_status,
        "phone": resident.phone,
        "grid": grid.code if grid else None,
    }


def _outside_id(view: View, resident: Resident) -> ListedResident:
    """The id another system gave, for who may import residents: by it they are known again."""
    if not may(view.actor, Action.RESIDENTS_IMPORT):
        return {}
    key = resident.external_key
    return {"external_id": None if key is None or key.startswith(MARK) else key}
