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
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import CaseSnapshot
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.precision import came_coarsely, place_fields, sees_texts, shown_point, shown_texts
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


def case_list(view: View, *, period: Period | None, now: datetime) -> Iterator[tuple[Any, ExportedCase]]:
    """Points and fields of cases that the actor may see, by when they were reported; never the reporter.

    Given one by one, so that a hundred thousand of them never stand in memory together. Cases reported
    after the moment of the view are left out, as nobody knew them then; the others stand as they stood then.
    """
    require(view.actor, Action.CASES_VIEW)
    cell = cell_at(PlacedKind.CASE, Case.id, Case.cell_id, view.when).label("cell")
    statement = (
        select(Case, Category.name.label("category_name"), Worker.name.label("handler"), cell)
        .join(Category, Category.code == Case.category_code)
        .outerjoin(Worker, Worker.id == Case.handler_id)
        .where(_listed(view, period))
        .order_by(Case.reported_at, Case.fid)
    )
    rows = one_by_one(view.session, statement)
    house = installation_code(view.session)
    if not view.when.is_past:
        return (_feature(view, row, row.Case, house=house, now=now) for row in rows)
    changed = written_since(view.session, _listed(view, period), view.when.at)
    return _as_they_stood(view, rows, changed, house=house)


def count_cases(view: View, *, period: Period | None) -> int:
    """How many there are in the list."""
    require(view.actor, Action.CASES_VIEW)
    return view.session.scalars(select(func.count()).select_from(Case).where(_listed(view, period))).one()


def _listed(view: View, period: Period | None) -> ColumnElement[bool]:
    known = and_(visible_cases(view), Case.reported_at <= view.when.at)
    if period is None:
        return known
    return and_(known, Case.reported_at >= period.start, Case.reported_at < period.end)


def _as_they_stood(
    view: View, rows: Iterator[Row[Any]], changed: frozenset[str], *, house: str
) -> Iterator[tuple[Any, ExportedCase]]:
    """Rows as of the moment of the view; the logs of many are read at once."""
    while piece := list(islice(rows, _PIECE)):
        cases: list[Case] = [row.Case for row in piece if row.Case.id in changed]
        then = stood(view.session, cases, view.when.at) if cases else {}
        for row in piece:
            snapshot = then.get(row.Case.id, row.Case)
            yield _feature(view, row, snapshot, house=house, now=view.when.at)


def _feature(
    view: View, row: Any, snapshot: Case | CaseSnapshot, *, house: str, now: datetime
) -> tuple[Any, ExportedCase]:
    case: Case = row.Case
    grid = view.division.grid_of(row.cell)

    def local(instant: datetime | None) -> datetime | None:
        return instant.astimezone(view.tz) if instant else None

    texts = shown_texts(view, case, {"description": case.description, "result": snapshot.result})
    handler = row.handler if snapshot is case else _name(view, snapshot.handler_id)
    place = place_fields(view, case, cell=row.cell)
    return shown_point(view, case), {
        "number": case.number,
        "category": row.category_name,
        "severity": case.severity,
        "state": str(snapshot.state),
        "grid": grid.code if grid else None,
        "address": place["address"],
        "description": texts["description"],
        "handler": handler if sees_texts(view, case) else None,
        "reported_at": local(case.reported_at),
        "due_at": local(snapshot.due_at),
        "hotline_class": hotline_of(case),
        "closed_at": local(snapshot.closed_at),
        "suspended_at": local(snapshot.suspended_at),
        # Of a suspended case time stands still since then.
        "overdue": is_overdue(
            snapshot.due_at, now=now, closed_at=snapshot.closed_at or snapshot.suspended_at
        ),
        "result": texts["result"],
        "rating_speed": snapshot.rating_speed,
        "rating_result": snapshot.rating_result,
        "rated_at": local(snapshot.rated_at),
        "source": case.source,
        "external_number": number_abroad(house, number=case.number, external=case.external_number),
        "recorded_area": case.recorded_area if place["exact"] else None,
        "datum": case.datum if place["exact"] else None,
        "place_exact": place["exact"] and not came_coarsely(case),
        "texts_whole": sees_texts(view, case),
    }


def _name(view: View, worker_id: str | None) -> str | None:
    worker = view.session.get(Worker, worker_id) if worker_id else None
    return worker.name if worker else None
