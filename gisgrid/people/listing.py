"""The list of residents as far as an actor may have it: whole in one's own grids, masked for heads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select, true

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.look import Look
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placing import is_of
from gisgrid.people.models import Resident
from gisgrid.people.queries import masked
from gisgrid.people.rules import NO_CONSENT, age_on, is_listed
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on


def resident_list(look: Look) -> list[dict[str, Any]]:
    """Residents with their address: names, phones and birth dates in one's own grids, masked names for heads.

    Nobody below 14 and nobody who refused or withdrew is listed.
    """
    require(look.actor, Action.PERSONS_LIST)
    day = look.when.day
    statement = (
        select(Resident, Household.std_address, Household.cell_id)
        .join(Household, Household.id == Resident.household_id)
        .where(
            is_of(look, PlacedKind.HOUSEHOLD, Household),
            lived_on(Resident.lived_from, Resident.lived_to, day),
            or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
            Resident.consent.not_in(NO_CONSENT),
            _in_scope(look),
        )
        .order_by(Household.fid, Resident.birth_date, Resident.id)
    )
    is_masked = look.actor.role == Role.HEAD
    return [
        _row(look, row, is_masked=is_masked)
        for row in look.session.execute(statement)
        if is_listed(row.Resident.birth_date, day)
    ]


def _in_scope(look: Look) -> ColumnElement[bool]:
    if look.actor.role in {Role.LOCAL, Role.HEAD}:
        return true()
    return Household.cell_id.in_(look.own_cells)


def _row(look: Look, row: Any, *, is_masked: bool) -> dict[str, Any]:
    resident: Resident = row.Resident
    if is_masked:
        return {"household": row.std_address, "name": masked(resident.name)}
    grid = look.division.grid_of(row.cell_id)
    return {
        "household": row.std_address,
        "name": resident.name,
        "sex": resident.sex,
        "birth_date": resident.birth_date,
        "age": age_on(resident.birth_date, look.when.day),
        "residence_status": resident.residence_status,
        "phone": resident.phone,
        "grid": grid.code if grid else None,
    }
