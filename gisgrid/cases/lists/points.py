"""Cases as points of a map, and all that ever happened at a place; only what the actor may open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.core.precision import bin_of, is_coarse
from gisgrid.cases.core.scope import opened_cases, visible_cases
from gisgrid.cases.deadlines.status import Clocks
from gisgrid.cases.lists.answers import CasePoint, point_of
from gisgrid.cases.lists.queries import CaseSearch, searched
from gisgrid.crs import METRES_PER_DEGREE, box_around, lon_shrink
from gisgrid.errors import NotFound
from gisgrid.storage.dialect import Bounds, in_bounds

MOST_POINTS: Final = 2000
"""The newest of them; a map tells how many there are in all."""
MOST_THERE: Final = 200
THERE_M: Final = 30.0
"""What lies so near is the same place, in metres."""


def case_points(view: View, asked: CaseSearch, *, now: datetime) -> tuple[list[CasePoint], int]:
    """Cases with a position that a search finds, the newest first, and how many there are in all.

    Each has what a map colours and counts by: state, severity, how its time stands; nothing of the reporter,
    and no text. Leaves one audit entry.
    """
    require(view.actor, Action.CASES_VIEW)
    placed = [*searched(view, asked, now=now), Case.position.is_not(None)]
    total = view.session.scalar(select(func.count()).select_from(Case).where(*placed)) or 0
    statement = _rows().where(*placed).order_by(Case.reported_at.desc(), Case.fid).limit(MOST_POINTS)
    rows = _describe(view, view.session.execute(statement).all(), now=now)
    record(view.session, view.actor, "cases:list", "case", now=now, count=len(rows))
    return rows, total


def count_unplaced(view: View, asked: CaseSearch, *, now: datetime) -> int:
    """How many cases of a search have no position, so that no map shows them."""
    require(view.actor, Action.CASES_VIEW)
    unplaced = (*searched(view, asked, now=now), Case.position.is_(None))
    return view.session.scalar(select(func.count()).select_from(Case).where(*unplaced)) or 0


def cases_around(view: View, case_id: str, *, now: datetime) -> list[CasePoint]:
    """Cases in the building of a case or within 30 m of it, itself among them, the newest first.

    Of those that the actor may not see not even their number is told. Leaves one audit entry.

    Raises
    ------
    NotFound
        No such case within what the actor may see.
    """
    require(view.actor, Action.CASES_VIEW)
    case = view.session.scalar(select(Case).where(Case.id == case_id, opened_cases(view)))
    if case is None:
        raise NotFound("no such case")
    there = or_(*_there(view, case), Case.id == case.id)
    statement = _rows().where(visible_cases(view), there)
    result = view.session.execute(statement.order_by(Case.reported_at.desc(), Case.fid).limit(MOST_THERE))
    rows = _describe(view, result.all(), now=now)
    record(view.session, view.actor, "cases:list", "case", now=now, count=len(rows))
    return rows


def _there(view: View, case: Case) -> list[ColumnElement[bool]]:
    """In the same building or within 30 m; to whom places are told by bins, in the same bin."""
    if is_coarse(view):
        box = bin_of(case)
        return [_in_box(view, box)] if box else []
    conditions: list[ColumnElement[bool]] = []
    if case.building_id is not None:
        conditions.append(Case.building_id == case.building_id)
    if case.position is not None:
        conditions.append(_within(case.position.x, case.position.y))
    return conditions


def _in_box(view: View, box: Bounds) -> ColumnElement[bool]:
    """In a box with its west and south; the index alone gives what lies a metre beside it too."""
    west, south, east, north = box
    x, y = func.ST_X(Case.position), func.ST_Y(Case.position)
    return and_(in_bounds(view.session, Case.position, box), x >= west, x < east, y >= south, y < north)


def _within(lon: float, lat: float) -> ColumnElement[bool]:
    """A circle in degrees of latitude, good for so small a distance."""
    west, south, east, north = box_around(lon, lat, THERE_M)
    reach = THERE_M / METRES_PER_DEGREE
    x, y = func.ST_X(Case.position), func.ST_Y(Case.position)
    aside, up = (x - lon) * lon_shrink(lat), y - lat
    box = and_(y.between(south, north), x.between(west, east))
    return and_(box, aside * aside + up * up <= reach * reach)


def _rows() -> Select[Case, str, bool]:
    return (
        select(
            Case,
            Category.name.label("category_name"),
            Category.is_confidential,
        )
        .join(Category, Category.code == Case.category_code)
        .options(*without_texts())
    )


def _describe(view: View, rows: Sequence[Any], *, now: datetime) -> list[CasePoint]:
    clocks = Clocks(view, [row.Case for row in rows], now=now)
    return [point_of(view, row, clocks) for row in rows]
