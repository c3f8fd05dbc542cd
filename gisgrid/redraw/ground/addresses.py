"""What the buildings of a plan's ground are called."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.view import View
from gisgrid.places.models import Building
from gisgrid.redraw.ground.plan_ground import PlanGround


def addresses_of(view: View, base: PlanGround, objects: Iterable[int]) -> dict[int, str]:
    """Addresses of buildings, by their place among the objects of a ground."""
    buildings = base.objects.are(PlacedKind.BUILDING)
    ids = {base.objects.ids[at]: at for at in objects if buildings[at]}
    rows = view.session.execute(select(Building.id, Building.address).where(Building.id.in_(list(ids))))
    return {ids[row.id]: row.address for row in rows}
