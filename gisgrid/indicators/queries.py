"""Indicators by grid, category, department or month, counted in SQL within the actor's scope.

What is counted is what the actor may list: the cases behind a number are those the same conditions find.
The number of statements does not grow with cases, only with months where these are the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Unpack

from sqlalchemy import ColumnElement, and_, func
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.analysis.withheld import withhold
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.precision import is_coarse
from gisgrid.cases.core.scope import visible_cases
from gisgrid.days import Period, period
from gisgrid.errors import InvalidInput, say
from gisgrid.figures.hotspots import allowed_categories
from gisgrid.figures.tables import FigureDetails, FigureMeta, FigureTable, legend
from gisgrid.indicators.facts import Facts
from gisgrid.indicators.formulas import COUNTS, ratios_of
from gisgrid.indicators.groups import LEVELS, Borders, By, Grouping, Row, grouping, months_of
from gisgrid.indicators.scores import scores_of

Counts = dict[str, int]
MOST_MONTHS: Final = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRequest:
    """Which cases, by what. ``within``: only cases of one row of some other grouping, by its code."""

    period: Period
    by: By = By.GRID
    borders: Borders = Borders.NOW
    categories: tuple[str, ...] = ()
    within: Mapping[By, str] = field(default_factory=dict)


def indicators(view: View, asked: IndicatorRequest, *, now: datetime) -> FigureTable:
    """One row per grid, category, department or month: counts, indicators, scores with grades.

    Roles without exact counts get no confidential category: hotspots alone tell how many there are, small
    numbers hidden. All figures leave them out for these roles, but in a member's own grids.

    Raises
    ------
    InvalidInput
        An unknown category or row, a mix that would allow differences, or too many months.
    """
    require(view.actor, Action.FIGURES_VIEW)
    _refuse_secrets(view, asked)
    rows = _by_month(view, asked, now=now) if asked.by is By.MONTH else _by_key(view, asked, now=now)
    total = {name: sum(counts[name] for _row, counts in rows) for name in COUNTS}
    meta = _meta(view, asked, total=figures_of(total))
    return FigureTable(rows=[_describe(row, counts) for row, counts in rows], meta=meta)


def figures_of(counts: Mapping[str, int]) -> dict[str, float | str | None]:
    """Counts with the indicators, scores and grades made of them."""
    ratios = ratios_of(counts)
    return {**counts, **ratios, **scores_of(counts, ratios)}


def counts_of(view: View, asked: IndicatorRequest, *, now: datetime) -> Counts:
    """All counts of the cases asked for, whatever the rows are."""
    counts = counted(view, replace(asked, by=By.COMMUNITY), now=now)
    return next(iter(counts.values()), dict.fromkeys(COUNTS, 0))


def counted(view: View, asked: IndicatorRequest, *, now: datetime) -> dict[str, Counts]:
    """Counts by the code of a row; rows without a case are left out. One statement."""
    groups = grouping(view, asked.by, asked.borders)
    conditions = _conditions(view, asked)
    return counted_within(view, asked.period, groups, and_(visible_cases(view), *conditions), now=now)


def counted_within(
    view: View, span: Period, groups: Grouping, scope: ColumnElement[bool], *, now: datetime
) -> dict[str, Counts]:
    """The same for the cases of a scope; whoever asks has settled that the actor may know its counts."""
    facts = Facts(view=view, period=span, until=min(now, view.when.at))
    numbers = [func.count().filter(condition).label(name) for name, condition in facts.conditions.items()]
    statement = facts.select(groups.key.label("row_key"), *numbers).where(scope).group_by("row_key")
    counts_of_code: dict[str, Counts] = {}
    for row in view.session.execute(statement):
        counts = counts_of_code.setdefault(groups.code_of(row[0]), dict.fromkeys(COUNTS, 0))
        for name, number in zip(COUNTS, row[1:], strict=True):
            counts[name] += number
    return {code: counts for code, counts in counts_of_code.items() if any(counts.values())}


def _by_key(view: View, asked: IndicatorRequest, *, now: datetime) -> list[tuple[Row, Counts]]:
    counts = counted(view, asked, now=now)
    rows = grouping(view, asked.by, asked.borders).rows(counts)
    return [(row, counts.get(row.code, dict.fromkeys(COUNTS, 0))) for row in rows]


def _by_month(view: View, asked: IndicatorRequest, *, now: datetime) -> list[tuple[Row, Counts]]:
    months = months_of(asked.period.first, asked.period.last)
    if len(months) > MOST_MONTHS:
        raise InvalidInput(say("at most {most} months at once", most=MOST_MONTHS), field="from")
    rows = []
    for first, last in months:
        span = period(first, last, today=view.when.day, tz=view.tz)
        row = Row(code=f"{first:%Y-%m}", name=f"{first:%Y-%m}")
        rows.append((row, counts_of(view, replace(asked, period=span), now=now)))
    return rows


def _conditions(view: View, asked: IndicatorRequest) -> list[ColumnElement[bool]]:
    """Categories and other rows that cases must belong to."""
    codes, _is_confidential = allowed_categories(view, asked.categories)
    # Of confidential cases leaders see single ones, which no figure counts.
    is_limited = bool(asked.categories) or is_coarse(view)
    conditions: list[ColumnElement[bool]] = [Case.category_code.in_(codes)] if is_limited else []
    for by, code in asked.within.items():
        conditions.append(grouping(view, by, asked.borders if by is By.GRID else Borders.NOW).keys_of(code))
    return conditions


def condition_of(view: View, asked: IndicatorRequest, name: str, *, code: str | None, now: datetime) -> Any:
    """A statement's ground for the cases behind one number: facts, and the condition on them.

    Raises
    ------
    InvalidInput
        No such count.
    """
    facts = Facts(view=view, period=asked.period, until=min(now, view.when.at))
    if name not in COUNTS:
        raise InvalidInput(say("no count is called {name}", name=name), field="count")
    _refuse_secrets(view, asked)
    wanted = [facts.conditions[name], visible_cases(view), *_conditions(view, asked)]
    if code is not None and asked.by is not By.MONTH:
        wanted.append(grouping(view, asked.by, asked.borders).keys_of(code))
    return facts, and_(*wanted)


def _refuse_secrets(view: View, asked: IndicatorRequest) -> None:
    """Refuse a confidential category to a role that doesn't see such cases singly.

    Hotspots tell their number, small ones hidden. Two tables that hide by themselves would give it away
    together, and the parts of a number would give each other away.
    """
    if view.actor.sees_exact_counts or view.actor.role is Role.MEMBER:
        return
    if allowed_categories(view, asked.categories)[1]:
        raise InvalidInput("a confidential category is told by hotspots alone", field="category")


def _describe(row: Row, counts: Counts) -> dict[str, Any]:
    return withhold({"code": row.code, "name": row.name, "parent": row.parent, **figures_of(counts)}, [])


def _meta(view: View, asked: IndicatorRequest, **more: Unpack[FigureDetails]) -> FigureMeta:
    level = LEVELS.get(asked.by, Level.COMMUNITY)
    own: FigureDetails = {
        "by": asked.by.value,
        "borders": asked.borders.value,
        "confidential_left_out": not view.actor.sees_exact_counts,
        "own_only": view.actor.role is Role.MEMBER,
    }
    details: FigureDetails = {**own, **more}
    return legend(view, unit="%", level=level, records=None, period=asked.period, **details)


class PivotColumn(TypedDict):
    """A grid, or a line, by the code of its row."""

    code: str
    name: str


class PivotRow(PivotColumn):
    """A line with its numbers, in the order of the columns."""

    cells: list[int]
    total: int


class PivotView(TypedDict):
    """Lines by grids: `cells` of a row stand in the order of `columns`."""

    columns: list[PivotColumn]
    rows: list[PivotRow]
    meta: FigureMeta


def pivot(view: View, asked: IndicatorRequest, *, count: str, now: datetime) -> PivotView:
    """Lines (departments or categories, 条) by grids (块): one count in each field, from one statement.

    Raises
    ------
    InvalidInput
        No such count.
    """
    require(view.actor, Action.FIGURES_VIEW)
    if count not in COUNTS:
        raise InvalidInput(say("no count is called {name}", name=count), field="count")
    _refuse_secrets(view, asked)
    lines, grids = grouping(view, asked.by), grouping(view, By.GRID, asked.borders)
    facts = Facts(view=view, period=asked.period, until=min(now, view.when.at))
    number = func.count().filter(facts.conditions[count])
    statement = (
        facts.select(lines.key.label("line_key"), grids.key.label("grid_key"), number)
        .where(visible_cases(view), *_conditions(view, asked))
        .group_by("line_key", "grid_key")
    )
    fields: dict[tuple[str, str], int] = {}
    for line, grid, cases in view.session.execute(statement):
        where = (lines.code_of(line), grids.code_of(grid))
        fields[where] = fields.get(where, 0) + cases
    fields = {where: cases for where, cases in fields.items() if cases}
    rows: Sequence[Row] = lines.rows({line for line, _grid in fields})
    columns: Sequence[Row] = grids.rows({grid for _line, grid in fields})
    return {
        "columns": [{"code": column.code, "name": column.name} for column in columns],
        "rows": [
            {
                "code": row.code,
                "name": row.name,
                "cells": [fields.get((row.code, column.code), 0) for column in columns],
                "total": sum(fields.get((row.code, column.code), 0) for column in columns),
            }
            for row in rows
        ],
        "meta": _meta(view, asked, count=count),
    }
