"""One box for everything: addresses, codes, areas and case numbers."""

from __future__ import annotations

from datetime import datetime

import shapely

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.cases.core.rules import parse_case_number
from gisgrid.cases.lists.queries import CaseSearch, list_cases
from gisgrid.errors import InvalidInput
from gisgrid.people.queries import find_by_name
from gisgrid.places.search import Hit, find_places


def find(view: View, text: str, *, now: datetime, limit: int = 20) -> list[Hit]:
    """What people may mean by a text: a case number, an area's code or name, else an address.

    Leaves an audit entry with how many were found; the text itself is not kept.
    """
    require(view.actor, Action.HOUSEHOLDS_FIND)
    hits = _cases(view, text, now=now) + _areas(view, text)
    hits = (hits + find_places(view, text, limit=limit))[:limit]
    record(view.session, view.actor, "households:find", "household", now=now, count=len(hits))
    return hits


def _cases(view: View, text: str, *, now: datetime) -> list[Hit]:
    if not may(view.actor, Action.CASES_VIEW):
        return []
    try:
        number = parse_case_number(text)
    except InvalidInput:
        return []
    rows, _ = list_cases(view, CaseSearch(state="all", text=number), now=now)
    return [
        Hit(
            kind="case",
            id=row["id"],
            title=row["number"],
            subtitle=row["category_name"],
            lon=row["lon"],
            lat=row["lat"],
            building=None,
        )
        for row in rows
    ]


def _areas(view: View, text: str) -> list[Hit]:
    wanted = text.strip()
    if not wanted:
        return []
    hits = []
    for area in view.division.tree.areas.values():
        outline = view.division.outlines.get(area.id)
        if outline is None or wanted not in {area.code, area.name}:
            continue
        inside = shapely.point_on_surface(outline)
        hits.append(
            Hit(
                kind=area.level,
                id=area.code,
                title=area.name,
                subtitle=area.code,
                lon=float(inside.x),
                lat=float(inside.y),
                building=None,
            )
        )
    return hits


def find_people(view: View, name: str, *, now: datetime, limit: int = 20) -> list[Hit]:
    """Households of one's own grids by a person's name; the answer holds addresses, no names."""
    return [
        Hit(
            kind="household",
            id=household.id,
            title=household.std_address,
            subtitle="",
            lon=household.position.x if household.position else None,
            lat=household.position.y if household.position else None,
            building=household.building_id,
        )
        for household in find_by_name(view, name, now=now, limit=limit)
    ]
