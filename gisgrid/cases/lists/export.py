"""The whole list of cases within an actor's scope, for files that leave the house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.installation import installation_code
from gisgrid.access.models import Worker
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import cell_at
from gisgrid.areas.view import Look
from gisgrid.cases.core.case_state import CaseStanding
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.precision import came_coarsely, sees_texts, told_place, told_point, told_texts
from gisgrid.cases.core.rules import is_overdue
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.deadlines.deadlines import hotline_of
from gisgrid.cases.intake.external_numbers import number_abroad
from gisgrid.cases.lists.past import stood, written_since
from gisgrid.days import Period
from gisgrid.storage.row_stream import one_by_one

_PIECE: Final = 500
"""So many cases of an earlier day are looked up in the log at once."""


class ExportedCase(TypedDict):
    """A case for the list that leaves the house."""

    number: str
    category: str
    severity: str
    state: str
    grid: str | None
    address: str | None
    description: str | None
    handler: str | None
    reported_at: datetime | None
    due_at: datetime | None
    hotline_class: str | None
    closed_at: datetime | None
    suspended_at: datetime | None
    overdue: bool
    result: str | None
    rating_speed: int | None
    rating_result: int | None
    rated_at: datetime | None
    source: str
    external_number: str | None
    recorded_area: str | None
    datum: str | None
    place_exact: bool
    texts_whole: bool


def case_list(look: Look, *, period: Period | None, now: datetime) -> Iterator[tuple[Any, ExportedCase]]:
    """Points and fields of cases that the actor may see, by when they were reported; never the reporter.

    Given one by one, so that a hundred thousand of them never stand in memory together. Cases reported
    after the moment of the look are left out, as nobody knew them then; the others stand as they stood then.
    """
    require(look.actor, Action.CASES_VIEW)
    cell = cell_at(PlacedKind.CASE, Case.id, Case.cell_id, look.when).label("cell")
    statement = (
        select(Case, Category.name.label("category_name"), Worker.name.label("handler"), cell)
        .join(Category, Category.code == Case.category_code)
        .outerjoin(Worker, Worker.id == Case.handler_id)
        .where(_listed(look, period))
        .order_by(Case.reported_at, Case.fid)
    )
    rows = one_by_one(look.session, statement)
    house = installation_code(look.session)
    if not look.when.is_past:
        return (_feature(look, row, row.Case, house=house, now=now) for row in rows)
    changed = written_since(look.session, _listed(look, period), look.when.at)
    return _as_they_stood(look, rows, changed, house=house)


def count_cases(look: Look, *, period: Period | None) -> int:
    """How many there are in the list."""
    require(look.actor, Action.CASES_VIEW)
    return look.session.scalars(select(func.count()).select_from(Case).where(_listed(look, period))).one()


def _listed(look: Look, period: Period | None) -> ColumnElement[bool]:
    known = and_(visible_cases(look), Case.reported_at <= look.when.at)
    if period is None:
        return known
    return and_(known, Case.reported_at >= period.start, Case.reported_at < period.end)


def _as_they_stood(
    look: Look, rows: Iterator[Row[Any]], changed: frozenset[str], *, house: str
) -> Iterator[tuple[Any, ExportedCase]]:
    """Rows as of the moment of the look; the logs of many are read at once."""
    while piece := list(islice(rows, _PIECE)):
        cases: list[Case] = [row.Case for row in piece if row.Case.id in changed]
        then = stood(look.session, cases, look.when.at) if cases else {}
        for row in piece:
            standing = then.get(row.Case.id, row.Case)
            yield _feature(look, row, standing, house=house, now=look.when.at)


def _feature(
    look: Look, row: Any, standing: Case | CaseStanding, *, house: str, now: datetime
) -> tuple[Any, ExportedCase]:
    case: Case = row.Case
    grid = look.division.grid_of(row.cell)

    def local(instant: datetime | None) -> datetime | None:
        return instant.astimezone(look.tz) if instant else None

    texts = told_texts(look, case, {"description": case.description, "result": standing.result})
    handler = row.handler if standing is case else _name(look, standing.handler_id)
    place = told_place(look, case, cell=row.cell)
    return told_point(look, case), {
        "number": case.number,
        "category": row.category_name,
        "severity": case.severity,
        "state": str(standing.state),
        "grid": grid.code if grid else None,
        "address": place["address"],
        "description": texts["description"],
        "handler": handler if sees_texts(look, case) else None,
        "reported_at": local(case.reported_at),
        "due_at": local(standing.due_at),
        "hotline_class": hotline_of(case),
        "closed_at": local(standing.closed_at),
        "suspended_at": local(standing.suspended_at),
        # Of a suspended case time stands still since then.
        "overdue": is_overdue(
            standing.due_at, now=now, closed_at=standing.closed_at or standing.suspended_at
        ),
        "result": texts["result"],
        "rating_speed": standing.rating_speed,
        "rating_result": standing.rating_result,
        "rated_at": local(standing.rated_at),
        "source": case.source,
        "external_number": number_abroad(house, number=case.number, external=case.external_number),
        "recorded_area": case.recorded_area if place["exact"] else None,
        "datum": case.datum if place["exact"] else None,
        "place_exact": place["exact"] and not came_coarsely(case),
        "texts_whole": sees_texts(look, case),
    }


def _name(look: Look, worker_id: str | None) -> str | None:
    worker = look.session.get(Worker, worker_id) if worker_id else None
    return worker.name if worker else None
