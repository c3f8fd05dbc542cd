"""The cases behind a number: the very conditions that counted them, as a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.answers import GridPlace, grid_place
from gisgrid.areas.view import View
from gisgrid.cases.core.answers import NamedCase
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.days import Period, local_text, local_text_or_none, period
from gisgrid.errors import InvalidInput
from gisgrid.figures.counts import case_cell
from gisgrid.indicators.groups import By, months_of
from gisgrid.indicators.queries import IndicatorRequest, condition_of

PAGE: Final = 50


class CountedCase(NamedCase, GridPlace):
    """A case that a number counts."""

    state: str
    reported_at: str
    due_at: str | None
    closed_at: str | None
    suspended: bool


def counted_cases(
    view: View, asked: IndicatorRequest, count: str, *, code: str | None, now: datetime, page: int = 1
) -> tuple[list[CountedCase], int]:
    """A page of the cases that one number counts, the first due first, and how many there are in all.

    ``code`` is that of a row, nothing for the total. Leaves one audit entry.

    Raises
    ------
    InvalidInput
        No such count or month, or a confidential category.
    """
    require(view.actor, Action.FIGURES_VIEW)
    require(view.actor, Action.CASES_VIEW)
    if asked.by is By.MONTH and code is not None:
        asked = replace(asked, period=_month(view, asked, code))
    facts, condition = condition_of(view, asked, count, code=code, now=now)
    total = view.session.scalar(facts.select(func.count()).where(condition)) or 0
    statement = (
        facts.select(
            Case,
            Category.name.label("category_name"),
            case_cell(view).label("cell"),
            facts.due_at.label("due_at"),
            facts.closed_at.label("closed_at"),
        )
        .where(condition)
        .order_by(facts.due_at.is_(None), facts.due_at, Case.number)
        .limit(PAGE)
        .offset(PAGE * (page - 1))
        .options(*without_texts())
    )
    rows = [_row(view, row) for row in view.session.execute(statement)]
    record(view.session, view.actor, "cases:list", "case", now=now, count=len(rows))
    return rows, total


def _month(view: View, asked: IndicatorRequest, code: str) -> Period:
    """The part of the period that lies in a month."""
    for first, last in months_of(asked.period.first, asked.period.last):
        if f"{first:%Y-%m}" == code:
            return period(first, last, today=view.when.day, tz=view.tz)
    raise InvalidInput("this month is not in the period", field="code")


def _row(view: View, row: Any) -> CountedCase:
    case: Case = row.Case
    grid = view.division.grid_of(row.cell)
    return {
        "id": case.id,
        "number": case.number,
        "category": case.category_code,
        "category_name": row.category_name,
        "state": case.state,
        **grid_place(grid),
        "reported_at": local_text(case.reported_at, view.tz),
        "due_at": local_text_or_none(row.due_at, view.tz),
        "closed_at": local_text_or_none(row.closed_at, view.tz),
        "suspended": case.suspended_at is not None,
    }
