"""Coverage of residents aged 60 and over: who is reached by a home-care station, who is looked after."""

from __future__ import annotations

from typing import Final, cast

import pandas as pd
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.analysis.coverage import DETOUR, WALKS_M, coverage, straight_m, uncovered
from gisgrid.analysis.disclosure import Related
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput
from gisgrid.figures.counts import (
    counts_by_group,
)
from gisgrid.figures.elder_homes import homes_in, read_homes
from gisgrid.figures.elder_visits import (
    ASKED_GAP,
    GAPS,
    VISIT_COLUMNS,
    VISIT_DAYS,
    told_day,
    visit_counts,
)
from gisgrid.figures.groups import Groups, groups_of
from gisgrid.figures.suppression import Guard, guarded, named
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.labels.figures import UNITS

_REACHED: Final = tuple(f"reached_{walk_m}" for walk_m in WALKS_M)

_GUARD: Final = Guard(
    columns=("residents", "elders", "elders_80", *_REACHED, "with_member", *VISIT_COLUMNS, "with_visitor"),
    related=Related(
        parts={
            "elders": "residents",
            "elders_80": "elders",
            **dict(zip(_REACHED, (*_REACHED[1:], "elders"), strict=True)),
            "with_member": "elders",
            "willing": "elders",
            "with_visitor": "willing",
            "agreed": "willing",
            "visited": "agreed",
            "overdue": "agreed",
            **dict(zip(GAPS, ("overdue", *GAPS), strict=False)),
        },
        apart={gap: (reached, "elders") for gap, reached in zip(GAPS, _REACHED, strict=True)},
        derived={"unseen": ("agreed", "visited"), "without_visitor": ("willing", "with_visitor")},
    ),
)
"""All counts of persons that can be subtracted are hidden together: elders as in the figures of areas, the
walks from one another, and who is out of reach and late from who is in reach."""


class CoverageRow(FigureRow):
    """Elders of a grid, and how many of them are reached and looked after.

    `agreed` have agreed to visits; of them `visited` were met within 30 days, `unseen` weren't, and `overdue`
    are late by their rules. `double_gap`: late and out of reach.
    """

    code: str
    name: str
    elders: int | None
    elders_80: int | None
    reached: int | None
    with_member: int | None
    with_visitor: int | None
    without_visitor: int | None
    agreed: int | None
    visited: int | None
    unseen: int | None
    overdue: int | None
    double_gap: int | None
    unregistered: int


class UncoveredRow(TypedDict):
    """A household with elders whom no station or no member reaches."""

    household: str
    address: str
    grid: str | None
    elders: int
    reason: str
    lon: float | None
    lat: float | None
    station_m: float | None


def elderly_coverage(view: View, *, walk_m: float) -> FigureTable[CoverageRow]:
    """Per grid: elders, 80+, reached within a walk, looked after, visited; households not registered.

    ``visits_day`` of the meta is the day until which visits are told: today, or the last one of the quarter
    that is over.

    Raises
    ------
    InvalidInput
        The walk is none of 300, 500 and 1000 m, for roles without exact counts: two walks that differ by
        little would tell who lives between them.
    """
    require(view.actor, Action.FIGURES_VIEW)
    homes = read_homes(view)
    shown = _exact(view, walk_m) if view.actor.sees_exact_counts else _protected(view, walk_m)
    elders = int(homes.frame["elders"].sum())
    meta = legend(
        view,
        unit=UNITS["people"],
        level=Level.GRID,
        records=elders if view.actor.sees_exact_counts else len(homes.ids),
        distance_m=walk_m,
        straight_m=round(straight_m(walk_m), 1),
        walk_factor=DETOUR,
        stations=homes.stations,
        unregistered=int((~homes.frame["is_registered"]).sum()),
        visits_day=told_day(view).isoformat(),
        visit_days=VISIT_DAYS,
    )
    rows = cast("list[CoverageRow]", to_rows(shown.drop(columns=["parent", "willing"])))
    return FigureTable(rows=rows, meta=meta)


def _exact(view: View, walk_m: float) -> pd.DataFrame:
    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        homes = homes_in(view, groups)
        frame = homes.frame.loc[~homes.cell.isin(without)]
        visits = visit_counts(view, groups, without=without, walk_m=walk_m)
        visits = visits.drop(columns=list(GAPS)).rename(columns={ASKED_GAP: "double_gap"})
        return _with_rest(coverage(frame, len(groups.rows), walk_m=walk_m).join(visits))

    return guarded(view, Level.GRID, count, _GUARD)


def _with_rest(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.assign(
        unseen=counts["agreed"] - counts["visited"],
        without_visitor=counts["willing"] - counts["with_visitor"],
    )


def _protected(view: View, walk_m: float) -> pd.DataFrame:
    """The same for roles without exact counts: all walks are hidden together, then one is shown."""
    if walk_m not in WALKS_M:
        raise InvalidInput("this account may choose 300, 500 or 1000 m", field="distance")

    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        homes = homes_in(view, groups)
        frame = homes.frame.loc[~homes.cell.isin(without)]
        residents = counts_by_group(view, groups, without=without)["residents"]
        walks = {walk: coverage(frame, len(groups.rows), walk_m=walk) for walk in WALKS_M}
        reached = {f"reached_{walk}": table["reached"] for walk, table in walks.items()}
        counts = walks[WALKS_M[0]].drop(columns="reached").assign(residents=residents, **reached)
        return _with_rest(counts.join(visit_counts(view, groups, without=without)))

    shown = guarded(view, Level.GRID, count, _GUARD)
    asked = {f"reached_{walk_m:.0f}": "reached", f"double_gap_{walk_m:.0f}": "double_gap"}
    gone = {*_REACHED, *GAPS, "residents"} - {*asked}
    names = [
        [asked.get(name, name) for name in row if name not in {*gone, "willing"}]
        for row in shown["suppressed"]
    ]
    return named(shown.drop(columns=list(gone)).rename(columns=asked), names)


def uncovered_elders(view: View, *, walk_m: float, grid: str | None = None) -> list[UncoveredRow]:
    """Households with elders that no station or no member serves, for those who may see persons.

    A member sees those of the own grids, head and staff the community. Only counts and addresses leave
    here; names stand on the household's card, which asks again.
    """
    require(view.actor, Action.PERSONS_LIST)
    groups = groups_of(view, Level.GRID)
    homes = homes_in(view, groups)
    frame = homes.frame.assign(id=homes.ids, address=homes.addresses, cell=homes.cell)
    listed = uncovered(frame, walk_m=walk_m)
    if not view.actor.sees_exact_counts:
        listed = listed.loc[listed["cell"].isin(view.own_cells)]
    codes = [groups.rows[place].code if place >= 0 else None for place in listed["grid"]]
    listed = listed.assign(grid=pd.Series(codes, index=listed.index, dtype=object))
    if grid is not None:
        listed = listed.loc[listed["grid"] == grid]
    columns = {"id": "household", "address": "address", "grid": "grid", "elders": "elders"}
    named = listed.rename(columns=columns)
    shown = named[["household", "address", "grid", "elders", "reason", "lon", "lat", "station_m"]]
    return cast("list[UncoveredRow]", to_rows(shown.round(7)))
