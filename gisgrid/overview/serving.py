"""The list of who serves which area or building: duty data, which is public within a community."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Duty, Worker
from gisgrid.areas.look import Look
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placing import is_of
from gisgrid.places.models import Building
from gisgrid.storage.base import valid_at


def serving_list(look: Look) -> list[dict[str, Any]]:
    """People on duty at the moment of the look: name, office phone, duty, area or building, since when."""
    require(look.actor, Action.AREAS_VIEW)
    areas = look.division.tree.areas
    statement = (
        select(Worker, Duty, Building.code, Building.address)
        .join(Duty, Duty.worker_id == Worker.id)
        .outerjoin(
            Building, and_(Building.id == Duty.building_id, is_of(look, PlacedKind.BUILDING, Building))
        )
        .where(valid_at(Duty, look.when.at), or_(Duty.area_id.in_(areas), Building.id.is_not(None)))
    )
    found = [_row(look, row) for row in look.session.execute(statement)]
    return sorted(found, key=lambda row: (row["area"] or "", row["building"] or "", row["duty"], row["name"]))


def _row(look: Look, row: Any) -> dict[str, Any]:
    duty: Duty = row.Duty
    area = look.division.tree.areas.get(duty.area_id) if duty.area_id else None
    return {
        "name": row.Worker.name,
        "phone": row.Worker.office_phone,
        "duty": duty.kind,
        "primary": duty.is_primary,
        "area": area.code if area else None,
        "area_name": area.name if area else None,
        "building": row.code or row.address,
        "from": duty.valid_from.astimezone(look.tz),
    }
