"""How complete and how fresh the records are: places known, households verified, cases with a position."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, cast

import pandas as pd
from sqlalchemy import Select, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.errors import InvalidInput
from gisgrid.figures.counts import case_cell, household_cell, is_here
from gisgrid.figures.groups import groups_of
from gisgrid.figures.suppression import named
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.people.freshness import AGEING_DAYS, FRESH_DAYS, Freshness
from gisgrid.places.models import Household

LEVELS: Final = (Level.GRID, Level.MICRO_GRID, Level.COMPOUND, Level.SUB_AREA, Level.COMMUNITY)
CASE_DAYS: Final = 365
"""Cases reported within so many days are looked at."""

HOME_COLUMNS: Final = ("households", "with_position", "verified_90", "verified_180", "never_verified")
CASE_COLUMNS: Final = ("cases", "cases_with_position")
COLUMNS: Final = HOME_COLUMNS + CASE_COLUMNS
_SHARES: Final = {
    "position_share": ("with_position", "households"),
    "share_90": ("verified_90", "households"),
    "share_180": ("verified_180", "households"),
    "case_share": ("cases_with_position", "cases"),
}


class CompletenessRow(FigureRow):
    """Counts of an area and their shares in per cent, rounded down; a share of nothing is null."""

    code: str
    name: str
    parent: str | None
    households: int
    with_position: int
    verified_90: int
    verified_180: int
    never_verified: int
    cases: int
    cases_with_position: int
    position_share: float | None
    share_90: float | None
    share_180: float | None
    case_share: float | None


def completeness(view: View, level: Level) -> FigureTable[CompletenessRow]:
    """Per area: households, those with a point of their own, those verified, cases with a position.

    Counts ``households, with_position, verified_90, verified_180, never_verified, cases,
    cases_with_position`` and the shares of them in per cent, null where there is nothing to have a share of.
    ``meta.outside``: the same for what lies in no area, for roles with exact counts. Positions are not dated:
    they count as they are today (``meta.positions``). Roles without exact counts get the cases outside
    confidential categories.

    Raises
    ------
    InvalidInput
        Not a level it is told by.
    """
    require(view.actor, Action.FIGURES_VIEW)
    if level not in LEVELS:
        raise InvalidInput(
            "completeness is told by grid, micro_grid, compound, sub_area or community", field="level"
        )
    cells, groups = _cells(view), groups_of(view, level)
    place = groups.index_of(cells.index.to_series())
    counts = cells.groupby(place).sum().reindex([*range(len(groups.rows)), -1], fill_value=0)
    frame = groups.frame().join(_with_shares(counts.drop(index=-1)))
    shown = named(frame, [[] for _ in range(len(frame))])
    outside = to_rows(_with_shares(counts.loc[[-1]]))[0]
    meta = legend(
        view,
        unit="%",
        level=level,
        records=int(counts["households"].sum()) if view.actor.sees_exact_counts else None,
        fresh_days=FRESH_DAYS,
        ageing_days=AGEING_DAYS,
        case_days=CASE_DAYS,
        positions="today",
        confidential_left_out=not view.actor.sees_exact_counts,
        outside=outside if view.actor.sees_exact_counts else None,
    )
    return FigureTable(rows=cast("list[CompletenessRow]", to_rows(shown)), meta=meta)


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts with the shares in per cent, rounded down to a tenth: 100 means all."""
    shares = {}
    for name, (part, whole) in _SHARES.items():
        tenths = 1000 * counts[part] / counts[whole].where(counts[whole] > 0) // 1 / 10
        shares[name] = tenths.astype(object).where(tenths.notna(), None)
    return counts.assign(**shares)


def _cells(view: View) -> pd.DataFrame:
    """Counts by cell, those of what lies in no cell under an empty text."""
    exact = view.actor.sees_exact_counts
    return view.remembered("completeness", exact, make=lambda: _read(view, exact=exact))


def _read(view: View, *, exact: bool) -> pd.DataFrame:
    homes = _frame(view, _homes(view), HOME_COLUMNS)
    cases = _frame(view, _cases(view, exact=exact), CASE_COLUMNS)
    return homes.join(cases, how="outer").fillna(0).astype("int64")[list(COLUMNS)]


def _homes(view: View) -> Select[Any]:
    fresh, cell = Freshness.of(view), household_cell(view).label("cell")
    columns: list[Any] = [
        cell,
        func.count().label("households"),
        func.count().filter(Household.position.is_not(None)).label("with_position"),
        func.count().filter(fresh.within(FRESH_DAYS)).label("verified_90"),
        func.count().filter(fresh.within(AGEING_DAYS)).label("verified_180"),
        func.count().filter(~func.coalesce(fresh.since(None), False)).label("never_verified"),
    ]
    return fresh.joined(select(*columns).select_from(Household)).where(is_here(view)).group_by(cell)


def _cases(view: View, *, exact: bool) -> Select[Any]:
    cell, at = case_cell(view).label("cell"), view.when.at
    columns: list[Any] = [
        cell,
        func.count().label("cases"),
        func.count().filter(Case.position.is_not(None)).label("cases_with_position"),
    ]
    statement = (
        select(*columns)
        .join(Category, Category.code == Case.category_code)
        .where(
            is_of(view, PlacedKind.CASE, Case),
            Case.reported_at <= at,
            Case.reported_at > at - timedelta(days=CASE_DAYS),
        )
        .group_by(cell)
    )
    return statement if exact else statement.where(Category.is_confidential.is_(False))


def _frame(view: View, statement: Select[Any], columns: tuple[str, ...]) -> pd.DataFrame:
    rows = [(row[0] or "", *row[1:]) for row in view.session.execute(statement)]
    return pd.DataFrame(rows, columns=["cell", *columns]).set_index("cell")
