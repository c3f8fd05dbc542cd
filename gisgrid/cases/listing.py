"""The whole list of cases within an actor's scope, for files that leave the house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Worker
from gisgrid.areas.look import Look
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placing import cell_at
from gisgrid.cases.models import Case, Category
from gisgrid.cases.rules import is_overdue
from gisgrid.cases.scope import visible_cases
from gisgrid.cases.timing.promises import hotline_of
from gisgrid.days import Period
from gisgrid.storage.streaming import one_by_one


def case_list(look: Look, *, period: Period | None, now: datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Points and fields of cases that the actor may see, by when they were reported; never the reporter.

    Given one by one, so that a hundred thousand of them never stand in memory together. Cases reported
    after the moment of the look are left out, as nobody knew them then.
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
    return (_feature(look, row, now=now) for row in rows)


def count_cases(look: Look, *, period: Period | None) -> int:
    """How many there are in the list."""
    require(look.actor, Action.CASES_VIEW)
    return look.session.scalars(select(func.count()).select_from(Case).where(_listed(look, period))).one()


def _listed(look: Look, period: Period | None) -> ColumnElement[bool]:
    known = and_(visible_cases(look), Case.reported_at <= look.when.at)
    if period is None:
        return known
    return and_(known, Case.reported_at >= period.start, Case.reported_at < period.end)


def _feature(look: Look, row: Any, *, now: datetime) -> tuple[Any, dict[str, Any]]:
    case: Case = row.Case
    grid = look.division.grid_of(row.cell)

    def local(instant: datetime | None) -> datetime | None:
        return instant.astimezone(look.tz) if instant else None

    return case.position, {
        "number": case.number,
        "category": row.category_name,
        "severity": case.severity,
        "state": case.state,
        "grid": grid.code if grid else None,
        "address": case.address,
        "description": case.description,
        "handler": row.handler,
        "reported_at": local(case.reported_at),
        "due_at": local(case.due_at),
        "hotline_class": hotline_of(case),
        "closed_at": local(case.closed_at),
        # Of a suspended case time stands still since then.
        "overdue": is_overdue(case.due_at, now=now, closed_at=case.closed_at or case.suspended_at),
        "result": case.result,
        "source": case.source,
        "external_number": case.external_number,
        "recorded_area": case.recorded_area,
        "datum": case.datum,
    }
