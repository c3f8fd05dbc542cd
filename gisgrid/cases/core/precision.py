"""How closely an actor may look at a case that it sees. Decided here and nowhere else.

Leaders see where a case lies to its micro grid and the middle of a bin of 100 m, and its text only where it
was made public: the row *leader* of the rights. The place is exact to them of a case that was escalated to
the subdistrict, and of one that they reported themselves; who has the right to instruct is a party to the
escalated ones, and reads them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import shapely
from pydantic import Field
from sqlalchemy import ColumnElement, false, or_, true
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.models import Role
from gisgrid.analysis.disclosure import bin_box, bin_middle
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import escalated, is_escalated
from gisgrid.cases.core.models import Case
from gisgrid.storage.dialect import Bounds

_COARSE: Final = frozenset({Role.LEADER})
"""Roles to which cases are exact only one by one."""


class ShownPlace(TypedDict):
    """Where a case lies, as exactly as the actor may know it."""

    address: str | None
    lon: float | None
    lat: float | None
    exact: Annotated[
        bool, Field(description="false: the middle of a square of 100 m, and the micro grid as address")
    ]


def is_coarse(view: View) -> bool:
    """Whether the actor sees cases by their surroundings, but for single ones."""
    return view.actor.role in _COARSE


def sees_place(view: View, case: Case) -> bool:
    """Whether the exact place of a case that the actor sees may be told: position, address, building."""
    return not is_coarse(view) or is_escalated(case) or _is_own(view, case)


def sees_texts(view: View, case: Case) -> bool:
    """Whether what people wrote about a case may be told, and who works on it."""
    is_party = may(view.actor, Action.CASES_INSTRUCT) and is_escalated(case)
    return not is_coarse(view) or is_party or _is_own(view, case)


def exact_cases(view: View) -> ColumnElement[bool]:
    """The cases of :func:`sees_place`, as SQL: by place or address others are not found."""
    if not is_coarse(view):
        return true()
    account = view.actor.account_id
    own = Case.reporter_id == account if account else false()
    return or_(escalated(), own)


def place_fields(view: View, case: Case, *, cell: str | None) -> ShownPlace:
    """The place of a case; ``cell`` is its cell at the moment of the view."""
    point = case.position
    if sees_place(view, case):
        lon, lat = (None, None) if point is None else (point.x, point.y)
        return {"address": case.address, "lon": lon, "lat": lat, "exact": True}
    lon, lat = (None, None) if point is None else bin_middle(point.x, point.y)
    return {"address": surroundings(view, cell), "lon": lon, "lat": lat, "exact": False}


def came_coarsely(case: Case) -> bool:
    """Whether the place of a case that came from another house is the middle of a bin there.

    Files tell no accuracy: only such a place is kept with one.
    """
    return case.external_number is not None and case.accuracy_m is not None


def shown_point(view: View, case: Case) -> Any:
    """The position of a case as a point in EPSG:4326, or the middle of its bin; nothing without one."""
    if case.position is None or sees_place(view, case):
        return case.position
    return shapely.Point(bin_middle(case.position.x, case.position.y))


def shown_texts(view: View, case: Case, texts: Mapping[str, str | None]) -> dict[str, str | None]:
    """The texts as far as they may be told: to whom they aren't, the description that was made public."""
    if sees_texts(view, case):
        return dict(texts)
    public = {"description": case.public_description}
    return {name: public.get(name) for name in texts}


def surroundings(view: View, cell: str | None) -> str | None:
    """Grid and micro grid of a cell by name, instead of an address; G1 is left out beside G1-2."""
    if cell is None:
        return None
    owners = (view.division.owner_at(level).get(cell) for level in (Level.GRID, Level.MICRO_GRID))
    names = [area.name for area in owners if area is not None]
    longest = [name for name in names if not any(name != other and name in other for other in names)]
    return " ".join(longest) or None


def bin_of(case: Case) -> Bounds | None:
    """The box of the bin in which a case lies: west, south, east, north."""
    return None if case.position is None else bin_box(case.position.x, case.position.y)


def _is_own(view: View, case: Case) -> bool:
    return view.actor.account_id is not None and case.reporter_id == view.actor.account_id
