"""The list of who serves which area or building: duty data, which is public within a community."""

from __future__ import annotations

from datetime import date
from typing import Any, NotRequired

from sqlalchemy import and_, or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.models import Duty, Worker
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.places.models import Building
from gisgrid.storage.base import valid_at

ServingEntry = TypedDict(
    "ServingEntry",
    {
        "name": str,
        "code": NotRequired[str | None],
        "office_phone": str | None,
        "duty": str,
        "primary": bool,
        "area": str | None,
        "area_name": str | None,
        "from": date,
    },
)
"""Who serves an area or a building, for the list that leaves the house."""


def serving_list(view: View) -> list[ServingEntry]:
    """People on duty at the moment of the view: name, office phone, duty, area or building, since which day.

    Their numbers stand there for whoever may import members.
    """
    require(view.actor, Action.AREAS_VIEW)
    areas = view.division.tree.areas
    statement = (
        select(Worker, Duty, Building.code, Building.address)
        .join(Duty, Duty.worker_id == Worker.id)
        .outerjoin(
            Building, and_(Building.id == Duty.building_id, is_of(view, PlacedKind.BUILDING, Building))
        )
        .where(valid_at(Duty, view.when.at), or_(Duty.area_id.in_(areas), Building.id.is_not(None)))
    )
    has_numbers = may(view.actor, Action.MEMBERS_IMPORT)
    entries = [_row(view, row, has_numbers=has_numbers) for row in view.session.execute(statement)]
    return sorted(entries, key=lambda row: (row["area"] or "", row["duty"], row["name"]))


def _row(view: View, row: Any, *, has_numbers: bool) -> ServingEntry:
    duty: Duty = row.Duty
    area = view.division.tree.areas.get(duty.area_id) if duty.area_id else None
    entry: ServingEntry = {
        "name": row.Worker.name,
        "office_phone": row.Worker.office_phone,
        "duty": duty.kind,
        "primary": duty.is_primary,
        "area": area.code if area else row.code,
        "area_name": area.name if area else row.address,
        "from": day_of(duty.valid_from, view.tz),
    }
    if has_numbers:
        entry["code"] = row.Worker.code
    return entry
