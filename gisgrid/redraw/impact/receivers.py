"""Who gets the open cases of grids whose member changes: only who can open them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.models import Duty, DutyKind
from gisgrid.areas.models import Area, AreaName
from gisgrid.areas.view import View
from gisgrid.cases.core.routes import workers_settling
from gisgrid.redraw.edits.duty_changes import Served
from gisgrid.redraw.impact.duties import Serving, primaries, worker_names
from gisgrid.storage.base import valid_at

_ORDER: Final = (DutyKind.GRID_MEMBER, DutyKind.GRID_SUPERVISOR)
"""Duties whose people take a grid's cases, in this order, the primary member first."""


class ReceiverRow(TypedDict):
    """A grid whose open cases will not go to its primary member, and who gets them instead."""

    grid: str
    name: str
    member: str | None
    to: str | None


def receivers(serving: Serving, codes: Iterable[str], *, opening: Collection[str]) -> dict[str, str | None]:
    """Who takes the open cases of each grid; nothing where nobody on duty there can open them.

    ``opening``: workers whose account opens what they are given.
    """
    receiver_of: dict[str, str | None] = {}
    for code in codes:
        people = sorted((duty for duty in serving.get(code, ()) if duty.kind in _ORDER), key=_rank)
        receiver_of[code] = next((duty.worker for duty in people if duty.worker in opening), None)
    return receiver_of


def _rank(duty: Served) -> tuple[bool, int, str]:
    return not (duty.is_primary and duty.kind == DutyKind.GRID_MEMBER), _ORDER.index(duty.kind), duty.worker


def serving_by_code(view: View, codes: Collection[str], *, at: datetime) -> dict[str, frozenset[Served]]:
    """Who serves grids by the codes they have at an instant, also those a publishing has just written."""
    rows = view.session.execute(
        select(AreaName.code, Duty.worker_id, Duty.kind, Duty.is_primary)
        .join(Area, Area.id == AreaName.area_id)
        .join(Duty, Duty.area_id == AreaName.area_id)
        .where(
            Area.community_id == view.community.id,
            AreaName.code.in_(codes),
            valid_at(AreaName, at),
            valid_at(Duty, at),
        )
    )
    serving: dict[str, set[Served]] = {}
    for row in rows:
        served = Served(worker=row.worker_id, kind=row.kind, is_primary=row.is_primary)
        serving.setdefault(row.code, set()).add(served)
    return {code: frozenset(people) for code, people in serving.items()}


def foretold_receivers(
    view: View, codes: Collection[str], after: Serving, *, names: Mapping[str, str]
) -> list[ReceiverRow]:
    """Those of some grids whose open cases will not go to their primary member, who can't open them.

    Where nobody gets them they stay with who has them and can open them, else with the community, whose desk
    is told.
    """
    members = {code: next(iter(primaries(after.get(code, frozenset()))), None) for code in codes}
    opening = workers_settling(view, now=view.when.at) if members else frozenset()
    gets = receivers(after, members, opening=opening)
    others = [code for code in members if gets[code] is None or gets[code] != members[code]]
    people = worker_names(view, [who for code in others for who in (members[code], gets[code]) if who])
    return [
        {
            "grid": code,
            "name": names.get(code, code),
            "member": people.get(members[code] or ""),
            "to": people.get(gets[code] or ""),
        }
        for code in sorted(others, key=lambda code: (len(code), code))
    ]
