"""Repeated cases: several at one address within a quarter of a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.precision import exact_cases
from gisgrid.cases.core.rules import WorkPolicy
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.core.workflow import CaseState
from gisgrid.places.models import Building

_POLICY: Final = WorkPolicy()
_NO_CASES: Final = (CaseState.REJECTED, CaseState.VOID)
MOST: Final = 200


class RepeatedPlace(TypedDict):
    """A place with several cases within a quarter of a year."""

    address: str
    building: str | None
    cases: int
    latest: str


def cases_there(
    view: View,
    cases: Sequence[Case],
    policy: WorkPolicy = _POLICY,
    *,
    only: ColumnElement[bool] | None = None,
) -> dict[str, int]:
    """How many cases of its community lie at each case's building or address, up to it and within the time.

    ``only``: which cases count, where not all.

    The case itself counts; duplicates, what was rejected or voided and what the actor may not see do not. A
    case without building and address counts alone.
    """
    if not cases:
        return {}
    buildings = {case.building_id for case in cases if case.building_id}
    addresses = {case.address for case in cases if not case.building_id and case.address}
    earliest = min(case.reported_at for case in cases) - policy.repeated_within
    rows = view.session.execute(
        select(Case.community_id, Case.building_id, Case.address, Case.reported_at).where(
            or_(
                Case.building_id.in_(buildings),
                and_(Case.building_id.is_(None), Case.address.in_(addresses)),
            ),
            visible_cases(view) & exact_cases(view),
            true() if only is None else only,
            Case.state.not_in(_NO_CASES),
            Case.reported_at > earliest,
            Case.reported_at <= max(case.reported_at for case in cases),
        )
    ).all()
    times: dict[tuple[str, str], list[datetime]] = {}
    for row in rows:
        times.setdefault((row.community_id, row.building_id or row.address or ""), []).append(row.reported_at)
    counts = {}
    for case in cases:
        there = times.get((case.community_id, case.building_id or case.address or ""), [])
        start = case.reported_at - policy.repeated_within
        counts[case.id] = sum(start < at <= case.reported_at for at in there)
    return counts


def is_repeated(count: int, policy: WorkPolicy = _POLICY) -> bool:
    """Whether so many cases at one place make them repeated ones."""
    return count >= policy.repeats


def repeated_places(
    view: View, *, now: datetime, policy: WorkPolicy = _POLICY, only: ColumnElement[bool] | None = None
) -> list[RepeatedPlace]:
    """Buildings and addresses with repeated cases within the time up to now, the most first.

    Cases that the actor may not see don't count. ``only``:
    which cases count, where not all.
    """
    require(view.actor, Action.CASES_VIEW)
    count, latest = func.count().label("cases"), func.max(Case.reported_at).label("latest")
    address = func.coalesce(Building.address, Case.address).label("place")
    rows = view.session.execute(
        select(address, Building.id, count, latest)
        .select_from(Case)
        .outerjoin(Building, Building.id == Case.building_id)
        .where(
            visible_cases(view) & exact_cases(view),
            true() if only is None else only,
            Case.state.not_in(_NO_CASES),
            Case.reported_at > now - policy.repeated_within,
            Case.reported_at <= now,
            address.is_not(None),
        )
        .group_by(address, Building.id)
        .having(count >= policy.repeats)
        .order_by(count.desc(), address)
        .limit(MOST)
    )
    return [
        {
            "address": row.place,
            "building": row.id,
            "cases": row.cases,
            "latest": row.latest.astimezone(view.tz).isoformat(),
        }
        for row in rows
    ]
