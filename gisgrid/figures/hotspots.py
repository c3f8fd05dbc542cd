"""Where cases happen: counts and rates by area, and the points of the heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final, cast

import numpy as np
import pandas as pd
import shapely
from pydantic import Field
from sqlalchemy import ColumnElement, func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.analysis.disclosure import MIN_BIN_M, Related, bin_heat
from gisgrid.analysis.hotspots import hotspots as hotspot_table
from gisgrid.analysis.hotspots import previous_period
from gisgrid.analysis.withheld import Withheld
from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.workflow import NO_CASES
from gisgrid.days import Period, day_of, period
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.figures.counts import case_cell, counts_by_group
from gisgrid.figures.groups import Groups, groups_of
from gisgrid.figures.suppression import Guard, guarded
from gisgrid.figures.tables import FigureMeta, FigureRow, FigureTable, legend, span_of, to_rows
from gisgrid.labels.figures import UNITS

LEVELS: Final = (Level.GRID, Level.MICRO_GRID, Level.COMPOUND, Level.SUB_AREA)

_COUNTS: Final = Guard(
    columns=("count", "previous"),
    related=Related(derived={"rate": ("count",), "change": ("count", "previous")}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases are counted: a period of report, and categories by code (none means all)."""

    period: Period
    categories: tuple[str, ...] = ()


class HotspotRow(FigureRow):
    """Cases of an area: `rate` per 100 households, `change` against the period before."""

    code: str
    name: str
    count: int | None
    rate: float | None
    households: int
    previous: int | None
    change: int | None


class HeatPoints(TypedDict):
    """Points `[lon, lat, weight]` in EPSG:4326, gathered in squares of `bin_m` metres where `binned`."""

    points: list[list[float]]
    binned: bool
    bin_m: Annotated[float, Field(description="0 where nothing is gathered")]
    meta: FigureMeta


class CategoryChoice(TypedDict):
    """A category of cases."""

    code: str
    name: str
    name_en: str | None
    group: str
    confidential: bool


def hotspots(
    view: View, level: Level, asked: CaseFilter, *, compare: bool = False
) -> FigureTable[HotspotRow]:
    """Cases by area: also areas with none. ``compare`` adds the period of equal length before.

    Of a confidential category that is the quarter before; ``compared`` of the meta says which days it has.

    Rejected, void and repeated ones are left out, whatever became of all others.

    Roles without exact counts get confidential cases only when they ask for exactly one confidential
    category over one quarter of a year that is over, by today's borders, with small counts hidden; every
    other count leaves them out, so that no difference of two answers gives one away. Over any other period
    all confidential counts are hidden.

    Raises
    ------
    InvalidInput
        An unknown category, or a mix that would allow differences.
    """
    require(view.actor, Action.FIGURES_VIEW)
    codes, is_confidential = allowed_categories(view, asked.categories)
    cells = case_cells(view, asked.period, codes)
    untold = why_untold(view, asked.period) if is_confidential else None
    earlier = _before(view, asked.period, by_quarter=is_confidential)
    before = case_cells(view, earlier, codes) if compare else None

    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        return hotspot_table(
            groups.index_of(cells.loc[~cells.isin(without)]),
            counts_by_group(view, groups)["households"].to_numpy(),
            previous_area=None if before is None else groups.index_of(before.loc[~before.isin(without)]),
        )

    shown = guarded(view, level, count, _COUNTS if is_confidential else Guard(columns=()), untold=untold)
    meta = legend(
        view,
        unit=UNITS["cases"],
        level=level,
        # How many there are in all would give a hidden count back, as would those outside all areas.
        records=None if is_confidential else len(cells),
        period=asked.period,
        unassigned=None if is_confidential else int((groups_of(view, level).index_of(cells) < 0).sum()),
        confidential_left_out=not view.actor.sees_exact_counts and not is_confidential,
        withheld=untold is not None,
        compared=span_of(earlier) if compare else None,
    )
    rows = cast("list[HotspotRow]", to_rows(shown.drop(columns=["parent"])))
    return FigureTable(rows=rows, meta=meta)


def why_untold(view: View, span: Period) -> Withheld | None:
    """Why confidential counts of a period may not be told to roles without exact counts, if so.

    They are told only of whole quarters that are over, within today's borders: such periods never overlap,
    so no two answers can be subtracted.
    """
    first, last = span.first, span.last
    is_quarter = first.day == 1 and first.month % 3 == 1 and last == _end_of_quarter(first)
    if not is_quarter or last >= day_of(view.when.at, view.tz):
        return Withheld.AFTER_QUARTER
    return Withheld.NOT_SHOWN if view.when.is_past else None


def _end_of_quarter(first: date) -> date:
    year, month = (first.year, first.month + 3) if first.month <= 9 else (first.year + 1, 1)
    return date(year, month, 1) - timedelta(days=1)


def _before(view: View, asked: Period, *, by_quarter: bool) -> Period:
    """The period before: as long in days, or the quarter before, so that these don't overlap either."""
    first, last = previous_period(asked.first, asked.last)
    if by_quarter:
        first = date(last.year, (last.month - 1) // 3 * 3 + 1, 1)
    return period(first, last, today=view.when.day, tz=view.tz)


def allowed_categories(view: View, asked: Sequence[str]) -> tuple[list[str], bool]:
    """Codes the actor may have counted, and whether they are one confidential category."""
    known = dict(view.session.execute(select(Category.code, Category.is_confidential)).all())
    unknown = [code for code in asked if code not in known]
    if unknown:
        faults = [
            Fault(message=say("no category with the code {code}", code=code), field="category")
            for code in unknown
        ]
        raise InvalidInput(faults)
    if view.actor.sees_exact_counts:
        return list(asked or known), False
    if len(asked) == 1 and known[asked[0]]:
        return [asked[0]], True
    if any(known[code] for code in asked):
        raise InvalidInput("a confidential category can only be counted by itself", field="category")
    return [code for code in (asked or known) if not known[code]], False


def case_cells(view: View, span: Period, codes: Sequence[str]) -> pd.Series[str]:
    """The cell of each case of a period at the moment of the view; missing for one outside all cells."""
    key = (span.first, span.last, tuple(sorted(codes)))
    return view.remembered("case cells", *key, make=lambda: _read_case_cells(view, span, codes))


def _read_case_cells(view: View, span: Period, codes: Sequence[str]) -> pd.Series[str]:
    statement = select(case_cell(view)).where(_is_asked(view, span, codes))
    return pd.Series(list(view.session.scalars(statement)), dtype=object)


def _is_asked(view: View, span: Period, codes: Sequence[str]) -> ColumnElement[bool]:
    return (
        is_of(view, PlacedKind.CASE, Case)
        & (Case.reported_at >= span.start)
        & (Case.reported_at < span.end)
        & Case.category_code.in_(codes)
        & ~_was_none(view)
    )


def _was_none(view: View) -> ColumnElement[bool]:
    """Rejected, void and repeated cases tell of nothing that happened; as of a day, those of then."""
    ended = func.coalesce(Case.closed_at, Case.reported_at)
    return Case.state.in_(NO_CASES) & (ended <= view.when.at)


def heat(view: View, asked: CaseFilter) -> HeatPoints:
    """Points of the heat map as ``[lon, lat, weight]``, EPSG:4326.

    Exact for roles with case detail in the whole community; for all others binned to at least 100 m, with
    confidential categories left out.
    """
    require(view.actor, Action.FIGURES_VIEW)
    codes, is_confidential = allowed_categories(view, asked.categories)
    if is_confidential:
        raise InvalidInput("a confidential category is not drawn as points", field="category")
    has_place = Case.position.is_not(None)
    statement = select(Case.position).where(_is_asked(view, asked.period, codes), has_place).order_by(Case.id)
    points = np.array(list(view.session.scalars(statement)), dtype=np.object_)
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    weight = np.ones(len(points))
    is_binned = not view.actor.sees_exact_counts
    if is_binned:
        lon, lat, weight = bin_heat(lon, lat, cell_m=MIN_BIN_M)
    meta = legend(
        view,
        unit=UNITS["cases"],
        level=Level.COMMUNITY,
        records=len(points),
        period=asked.period,
        confidential_left_out=is_binned,
    )
    return {
        "points": np.column_stack([np.round(lon, 6), np.round(lat, 6), weight]).tolist(),
        "binned": is_binned,
        "bin_m": MIN_BIN_M if is_binned else 0,
        "meta": meta,
    }


def categories(view: View) -> list[CategoryChoice]:
    """Categories in their order, for choosing one: code, name, group, whether confidential."""
    statement = (
        select(Category).where(Category.closed_at.is_(None)).order_by(Category.position, Category.code)
    )
    return [
        {
            "code": row.code,
            "name": row.name,
            "name_en": row.name_en,
            "group": row.group,
            "confidential": row.is_confidential,
        }
        for row in view.session.scalars(statement)
    ]
