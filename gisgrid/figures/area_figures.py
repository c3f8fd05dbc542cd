"""Figures by area: the counts on every card, the territories of grid members."""

from __future__ import annotations

from typing import Any, Final, cast

import pandas as pd
from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Duty, DutyKind, Worker
from gisgrid.analysis.disclosure import Related
from gisgrid.analysis.withheld import withhold
from gisgrid.analysis.workload import territories as territory_table
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.figures.counts import counts_by_group
from gisgrid.figures.groups import Groups, groups_of
from gisgrid.figures.suppression import Guard, guarded
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.labels.figures import UNITS
from gisgrid.storage.base import valid_at

PERSONS: Final = Guard(columns=("residents", "elders"), related=Related(parts={"elders": "residents"}))


class TerritoryRow(FigureRow):
    """The grids of a primary member, or a grid without one; `load` against the norm."""

    member: str | None
    grids: list[str]
    households: int
    elders: int | None
    open_cases: int
    norm_class: str
    load: float
    member_id: str | None
    phone: str | None
    grid_names: list[str]


def area_figures(view: View, level: Level) -> pd.DataFrame:
    """Per area of a level: ``code, name, parent, households, residents, elders, open_cases``.

    What is withheld is named in ``suppressed``, with its sign in ``reason``.
    Roles without exact counts see the open cases outside confidential categories only.
    """
    require(view.actor, Action.AREAS_VIEW)
    cases = "open_cases" if view.actor.sees_exact_counts else "open_shown_cases"

    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        counts = counts_by_group(view, groups, without=without)
        return counts[["households", "residents", "elders"]].assign(open_cases=counts[cases])

    return guarded(view, level, count, PERSONS)


def territories(view: View) -> FigureTable[TerritoryRow]:
    """One row per primary grid member, one per grid without one; load against the norm."""
    require(view.actor, Action.AREAS_VIEW)
    groups = groups_of(view, Level.GRID)
    members = primary_members(view)
    figures = area_figures(view, Level.GRID)
    holders = [members[row.key].id if row.key in members else None for row in groups.rows]
    grids = figures.rename(columns={"code": "grid"}).assign(member=pd.Series(holders, dtype=object))
    exact = grids.assign(elders=pd.to_numeric(grids["elders"], errors="coerce").fillna(0).astype("int64"))
    table = territory_table(exact.astype({"households": "int64", "open_cases": "int64"}))
    hidden = _hidden_elders(grids, table)
    rows = [
        _territory(row, members=members, groups=groups, hidden=hidden[position])
        for position, row in enumerate(to_rows(table))
    ]
    meta = legend(
        view,
        unit=UNITS["households"],
        level=Level.GRID,
        records=int(exact["households"].sum()),
        confidential_left_out=not view.actor.sees_exact_counts,
    )
    return FigureTable(rows=rows, meta=meta)


def _hidden_elders(grids: pd.DataFrame, table: pd.DataFrame) -> list[bool]:
    hidden = set(grids.loc[grids["elders"].isna(), "grid"])
    return [bool(hidden & set(codes)) for codes in table["grids"]]


def _territory(
    row: dict[str, Any], *, members: dict[str, Worker], groups: Groups, hidden: bool
) -> TerritoryRow:
    worker = next((member for member in members.values() if member.id == row["member"]), None)
    names = {group.code: group.name for group in groups.rows}
    territory = {
        **row,
        "member": worker.name if worker else None,
        "member_id": worker.id if worker else None,
        "phone": worker.office_phone if worker else None,
        "grid_names": [names[code] for code in row["grids"]],
    }
    return cast("TerritoryRow", withhold(territory, ["elders"] if hidden else []))


def primary_members(view: View) -> dict[str, Worker]:
    """The primary grid member of each grid (id) at the moment of the view."""
    rows = view.session.execute(
        select(Duty.area_id, Worker)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(
            Duty.kind == DutyKind.GRID_MEMBER,
            Duty.is_primary.is_(True),
            Duty.area_id.in_(view.division.tree.areas),
            valid_at(Duty, view.when.at),
        )
    )
    return {row.area_id: row.Worker for row in rows}
