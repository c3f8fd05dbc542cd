"""Categories and cases of the demo. Each case falls to the grid that contains its position, as a real one."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import select

from data.demo.clock import zone
from data.demo.loading.keys import Loading
from data.demo.records import Case as CaseRecord
from data.demo.records import DemoCommunity
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.locate import Spots, locate_many
from gisgrid.cases.disputes.models import MEDIATION
from gisgrid.cases.keeping import told
from gisgrid.cases.models import Case, CaseCounter, CaseLog, Category
from gisgrid.cases.rules import CaseState, Severity, receipt_code
from gisgrid.cases.standing import Channel, Resolution
from gisgrid.cases.timing.books import Books
from gisgrid.cases.timing.promises import Arrival, promise
from gisgrid.storage.base import new_id

_DISPUTES: Final = "矛盾纠纷"
"""The group of categories whose cases are disputes."""


def load_cases(loading: Loading, demo: DemoCommunity) -> None:
    """Categories once, then every case with its log."""
    known = set(loading.session.scalars(select(Category.code)))
    categories = [
        {
            "code": one.code,
            "name": one.name,
            "name_en": one.name_en,
            "group": one.group,
            "is_confidential": one.confidential,
            "severity": one.severity,
            "position": position,
            "skill": MEDIATION if one.group == _DISPUTES else None,
        }
        for position, one in enumerate(demo.categories)
        if one.code not in known
    ]
    loading.add(Category, categories)
    division = load_division(loading.session, loading.community_id, at=loading.now, revision=0)
    spots = _spots(loading, demo, division)
    loading.new("case", [case.number for case in demo.cases])
    books = Books(loading.session, zone())
    rows = [
        _case(loading, one, division, spots, place) | _promised(loading, one, books)
        for place, one in enumerate(demo.cases)
    ]
    loading.add(Case, rows)
    loading.add(CaseLog, [step for one in demo.cases for step in _steps(loading, one)])
    _count(loading, demo)


def _spots(loading: Loading, demo: DemoCommunity, division: Division) -> Spots:
    cell_of = {building.key: loading.ids["cell"][building.cell] for building in demo.buildings}
    hints = [division.positions.get(cell_of.get(case.building or "", ""), -1) for case in demo.cases]
    points = np.array([case.geom for case in demo.cases], dtype=np.object_)
    return locate_many(
        division,
        shapely.get_x(points),
        shapely.get_y(points),
        building_cell=np.array(hints, dtype=np.int64),
    )


def _case(loading: Loading, one: CaseRecord, division: Division, spots: Spots, place: int) -> dict[str, Any]:
    position = int(spots.cell[place])
    cell_id = division.cell_ids[position] if position >= 0 else None
    grid = division.grid_of(cell_id)
    near = float(spots.near_border_m[place])
    return {
        "id": loading.ids["case"][one.number],
        "number": one.number,
        "receipt": receipt_code(),
        "community_id": loading.community_id,
        "category_code": one.category,
        "severity": one.severity,
        "state": one.state,
        "source": one.channel,
        "description": one.description,
        "address": one.address,
        "building_id": loading.id_of("building", one.building),
        "position": one.geom,
        "datum": one.datum,
        "cell_id": cell_id,
        "is_on_border": bool(spots.is_on_border[place]),
        "near_border_m": None if np.isnan(near) else round(near, 2),
        "reported_grid_id": grid.id if grid else None,
        "reported_at": one.reported_at,
        "closed_at": one.closed_at,
        "result": "已处理" if one.closed_at else None,
        "resolution": _resolution(one),
        "feedback_channel": Channel.ON_SPOT if one.closed_at else None,
        "feedback_at": one.closed_at,
    }


def _promised(loading: Loading, one: CaseRecord, books: Books) -> dict[str, Any]:
    """By when it falls due; nobody is told of what is long past."""
    return promise(
        books,
        community_id=loading.community_id,
        category=one.category,
        severity=Severity(one.severity),
        reported_at=one.reported_at,
        arrival=Arrival.UNDERWAY if one.closed_at is None else Arrival.ENDED,
    ).columns()


def _resolution(one: CaseRecord) -> Resolution | None:
    if one.closed_at is None:
        return None
    return Resolution.HANDLED if one.handled_at else Resolution.ON_SPOT


def _steps(loading: Loading, one: CaseRecord) -> list[dict[str, Any]]:
    """The log a case leaves behind: reported, taken in hand, closed."""
    times: list[tuple[str, CaseState, datetime, dict[str, Any]]] = [
        ("report", CaseState.REPORTED, one.reported_at, told(due=one.due_at))
    ]
    if one.handled_at:
        times.append(("start", CaseState.HANDLING, one.handled_at, {}))
    if one.closed_at:
        ended = told(channel=Channel.ON_SPOT, told_at=one.closed_at, resolution=_resolution(one))
        times.append(("close", CaseState.CLOSED, one.closed_at, ended))
    return [
        {
            "id": new_id(),
            "case_id": loading.ids["case"][one.number],
            "at": at,
            "action": action,
            "from_state": times[place - 1][1] if place else None,
            "to_state": state,
            "text": "已处理" if action == "close" else None,
            "details": details,
        }
        for place, (action, state, at, details) in enumerate(times)
    ]


def _count(loading: Loading, demo: DemoCommunity) -> None:
    """Running numbers go on after those that the demo has used, whichever community used them."""
    last: Counter[str] = Counter()
    for case in demo.cases:
        day, _, number = case.number.partition("-")
        last[day] = max(last[day], int(number))
    for day, highest in last.items():
        loading.session.merge(CaseCounter(day=date.fromisoformat(day), last=highest))
