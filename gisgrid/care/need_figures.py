"""How many people of each grid have needs, how many of these nobody serves, and who is without aid."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, Final, cast

import pandas as pd

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.analysis.disclosure import Related
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.care.need_lists import is_unaided, last_aid
from gisgrid.care.needs import NO_INCOME, is_served, known_needs
from gisgrid.figures.counts import counts_by_group, household_cell, is_here
from gisgrid.figures.elder_visits import told_day
from gisgrid.figures.groups import Groups
from gisgrid.figures.suppression import Guard, guarded
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.labels.figures import UNITS
from gisgrid.people.core.models import Need, Resident

_COLUMNS: Final = ("in_need", "unserved", "no_income", "unaided")
_GUARD: Final = Guard(
    columns=("residents", *_COLUMNS),
    related=Related(
        parts={
            "in_need": "residents",
            "unserved": "in_need",
            "no_income": "in_need",
            "unaided": "no_income",
        },
        derived={"unserved_share": ("in_need", "unserved")},
    ),
)


class NeedFigureRow(FigureRow):
    """People of a grid, each counted once: with a need, with one that nobody serves, without income or aid.

    `unserved_share` is that of those in need, in per cent.
    """

    code: str
    name: str
    in_need: int | None
    unserved: int | None
    unserved_share: float | None
    no_income: int | None
    unaided: int | None


def need_figures(view: View) -> FigureTable[NeedFigureRow]:
    """Per grid: people with needs that may be known, and how far they are served and aided.

    ``visits_day`` of the meta is the day until which aid is told: today, or the last one of the quarter that
    is over.

    Raises
    ------
    NotAllowed
        The role has no figures.
    """
    require(view.actor, Action.FIGURES_VIEW)

    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        counts = _counts(view, groups, without)
        residents = counts_by_group(view, groups, without=without)["residents"]
        share = 100.0 * counts["unserved"] / counts["in_need"].where(counts["in_need"] > 0)
        return counts.assign(residents=residents, unserved_share=share.astype("float64").round(1))

    shown = guarded(view, Level.GRID, count, _GUARD)
    known = shown["in_need"].dropna()
    meta = legend(
        view,
        unit=UNITS["people"],
        level=Level.GRID,
        records=int(known.sum()) if view.actor.sees_exact_counts else None,
        visits_day=told_day(view).isoformat(),
    )
    frame = shown.drop(columns=["parent", "residents"])
    names = [[name for name in row if name != "residents"] for row in frame["suppressed"]]
    frame = frame.assign(suppressed=pd.Series(names, index=frame.index, dtype=object))
    return FigureTable(rows=cast("list[NeedFigureRow]", to_rows(frame)), meta=meta)


def _counts(view: View, groups: Groups, without: frozenset[str]) -> pd.DataFrame:
    """The columns by the rows of a level; of cells that aren't one's own, aid as it is told to the role."""
    known = view.own_cells if view.actor.role == Role.MEMBER else frozenset()
    present, counted = _people(view, view.when.day), _people(view, told_day(view))
    frame = counted.where(~counted["cell"].isin(known), present)
    frame = frame.loc[~frame["cell"].isin(without)]
    place = groups.index_of(frame["cell"])
    summed = frame[list(_COLUMNS)].astype("int64").groupby(place).sum().drop(index=-1, errors="ignore")
    counts: pd.DataFrame = summed.reindex(range(len(groups.rows)), fill_value=0)
    return counts


def _people(view: View, day: date) -> pd.DataFrame:
    """A row for each person with needs: ``cell`` and whether it counts in each column."""
    return view.remembered("people in need", day, make=lambda: _read_people(view, day))


def _read_people(view: View, day: date) -> pd.DataFrame:
    columns = (Resident.id, household_cell(view).label("cell"), Need.kind, is_served(view).label("served"))
    people: dict[str, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(_COLUMNS, False))
    for row in view.session.execute(known_needs(view, is_here(view), *columns).order_by(Resident.id)):
        flags = people[row.id]
        flags["cell"], flags["in_need"] = row.cell, True
        flags["unserved"] |= not row.served
        flags["no_income"] |= row.kind == NO_INCOME
    poor = [person for person, flags in people.items() if flags["no_income"]]
    aid = last_aid(view, poor, day)
    for person in poor:
        people[person]["unaided"] = is_unaided(aid.get(person), day)
    return pd.DataFrame(list(people.values()), columns=["cell", *_COLUMNS])
