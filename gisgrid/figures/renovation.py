"""Old compounds for those who plan renovation: age, condition, lifts, elders and cases by compound."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np
import pandas as pd
from sqlalchemy import func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.analysis.hotspots import count_per_area
from gisgrid.analysis.renovation import renovation as renovation_table
from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.days import Period
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.counts import is_elder_sql, is_here
from gisgrid.figures.groups import groups_of
from gisgrid.figures.hotspots import allowed_categories, case_cells
from gisgrid.figures.suppression import named
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.labels.figures import UNITS
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Compound, Household
from gisgrid.places.queries import compounds_of

_COLUMNS: Final = ["id", "compound", "built_year", "condition", "floors", "has_lift"]
_OF_ELDERS: Final = ("elders", "score")


class GradeCounts(TypedDict):
    """How many buildings have each grade."""

    A: int
    B: int
    C: int
    D: int


class RenovationRow(FigureRow):
    """A compound; `score` 0 to 100 orders the talk and decides nothing."""

    code: str
    name: str
    buildings: int
    built_from: int | None
    built_to: int | None
    grade: str | None
    grade_share: float | None
    households: int
    elders: int | None
    lift_share: float | None
    cases: int
    rate: float | None
    score: float | None
    condition_counts: GradeCounts


def renovation(view: View, span: Period) -> FigureTable[RenovationRow]:
    """One row per compound, the most urgent first, with the cases of a period.

    Confidential categories are counted only for roles with exact counts.
    """
    require(view.actor, Action.FIGURES_VIEW)
    buildings = _buildings(view)
    homes = view.remembered("homes by building", make=lambda: _homes(view))
    buildings = buildings.join(homes, on="id")
    counts = ["households", "elders"]
    buildings[counts] = buildings[counts].fillna(0).astype("int64")
    # A compound's cases stand at its first building, so that each counts once.
    is_first = ~buildings["compound_id"].duplicated()
    buildings["cases"] = buildings["compound_id"].map(_cases(view, span)).where(is_first, 0).astype("int64")
    table = renovation_table(buildings.drop(columns=["id", "compound_id"])).reset_index()
    codes = {name: _code(view, area_id, name) for name, area_id in _compounds(view).items()}
    shown = table.assign(
        name=table["compound"], code=table["compound"].map(codes), parent=view.community.code
    )
    shown = named(shown, [[]] * len(shown)) if view.actor.sees_exact_counts else _as_by_area(view, shown)
    rows = [_nested(row) for row in to_rows(shown.drop(columns=["parent", "compound"]))]
    meta = legend(
        view,
        unit=UNITS["buildings"],
        level=Level.COMPOUND,
        records=len(buildings),
        period=span,
        confidential_left_out=not view.actor.sees_exact_counts,
    )
    return FigureTable(rows=rows, meta=meta)


def _as_by_area(view: View, table: pd.DataFrame) -> pd.DataFrame:
    """Elders, and the score made of them, only where the figures by area show the very same number.

    Hiding them here by another rule would give away by subtraction what is hidden there.
    """
    shown = table["code"].map(area_figures(view, Level.COMPOUND).set_index("code")["elders"])
    is_hidden = (shown.isna() | (shown != table["elders"])).to_numpy(dtype=np.bool_)
    hidden = {name: table[name].astype(object).mask(is_hidden, None) for name in _OF_ELDERS}
    lists = [list(_OF_ELDERS) if hides else [] for hides in is_hidden]
    return named(table.assign(**hidden), lists)


def _compounds(view: View) -> dict[str, str | None]:
    """Name of each compound and the area it is, where it is one."""
    rows = view.session.execute(select(Compound.name, Compound.area_id).where(compounds_of(view)))
    return {row.name: row.area_id for row in rows}


def _code(view: View, area_id: str | None, name: str) -> str:
    """The code by which the hotspot table names a compound too."""
    area = view.division.tree.areas.get(area_id or "")
    return area.code if area else name


def _nested(row: dict[str, Any]) -> RenovationRow:
    grades = {grade: row.pop(f"grade_{grade.lower()}") for grade in "ABCD"}
    return cast("RenovationRow", {**row, "condition_counts": grades})


def _buildings(view: View) -> pd.DataFrame:
    rows = view.session.execute(
        select(
            Building.id,
            Compound.name,
            Building.built_year,
            Building.condition,
            Building.floors,
            Building.has_lift,
            Building.compound_id,
        )
        .join(Compound, Compound.id == Building.compound_id)
        .where(is_of(view, PlacedKind.BUILDING, Building))
    )
    return pd.DataFrame(rows.all(), columns=[*_COLUMNS, "compound_id"])


def _homes(view: View) -> pd.DataFrame:
    elders = func.count().filter(is_elder_sql(view))
    rows = view.session.execute(
        select(Household.building_id, func.count(func.distinct(Household.id)), elders)
        .outerjoin(Resident, Resident.household_id == Household.id)
        .where(is_here(view), Household.building_id.is_not(None))
        .group_by(Household.building_id)
    )
    return pd.DataFrame(rows.all(), columns=["id", "households", "elders"]).set_index("id")


def _cases(view: View, span: Period) -> dict[str, int]:
    """Cases of the period by compound (id), the same numbers as the hotspot table by compound."""
    groups = groups_of(view, Level.COMPOUND)
    codes, _ = allowed_categories(view, ())
    counts = count_per_area(groups.index_of(case_cells(view, span, codes)), len(groups.rows))
    by_key = {row.key: int(count) for row, count in zip(groups.rows, counts, strict=True)}
    links = view.session.execute(select(Compound.id, Compound.area_id).where(compounds_of(view)))
    return {row.id: by_key.get(row.area_id or row.id, by_key.get(row.id, 0)) for row in links}
