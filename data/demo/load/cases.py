"""Categories and cases of the demo. Each case falls to the grid that contains its position, as a real one.

Both are inserted: the service of categories gives them codes of its own, that of reports takes what comes in
now, under a new number, and nothing of two years ago.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import select

from data.demo.load.case_logs import Lives
from data.demo.load.ids import Loading
from data.demo.records import DemoCase as CaseRecord
from data.demo.records import DemoCommunity
from data.demo.tables import read_table
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.locate import Spots, locate_many
from gisgrid.cases.core.models import Case, CaseCoHandler, CaseLog, Category
from gisgrid.cases.core.rules import receipt_code
from gisgrid.cases.disputes.models import MEDIATION

_DISPUTES: Final = "矛盾纠纷"
"""The group of categories whose cases are disputes."""


def load_cases(loading: Loading, demo: DemoCommunity) -> None:
    """Categories once, then every case with its log."""
    known = set(loading.session.scalars(select(Category.code)))
    categories = [
        {
            "code": category.code,
            "name": category.name,
            "name_en": category.name_en,
            "group": category.group,
            "is_confidential": category.confidential,
            "severity": category.severity,
            "position": position,
            **_line_of(category.code, demo),
            "skill": MEDIATION if category.group == _DISPUTES else None,
        }
        for position, category in enumerate(demo.categories)
        if category.code not in known
    ]
    loading.add(Category, categories)
    division = load_division(loading.session, loading.community_id, at=loading.now, revision=0)
    spots = _spots(loading, demo, division)
    loading.new("case", [case.number for case in demo.cases])
    lives = Lives(loading, demo, division)
    rows, steps, helping = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for place, case in enumerate(demo.cases):
        row = _case(loading, case, division, spots, place)
        life = lives.of(case, cell_id=row["cell_id"])
        rows.append(row | _line_of(case.category, demo) | life.columns)
        steps += life.steps
        helping += life.helping
    loading.add(Case, sorted(rows, key=lambda row: row["duplicate_of_id"] is not None))
    loading.add(CaseLog, steps)
    loading.add(CaseCoHandler, helping)


def _spots(loading: Loading, demo: DemoCommunity, division: Division) -> Spots:
    cell_of = {building.key: loading.ids["cell"][building.cell] for building in demo.buildings}
    hints = [division.positions.get(cell_of.get(case.building or "", ""), -1) for case in demo.cases]
    points = np.array([case.geom for case in demo.cases], dtype=np.object_)
    return locate_many(
        division,
        shapely.get_x(points),
        shapely.get_y(points),
        building_cell=np.array(hints, dtype=np.int64),
    )


def _case(loading: Loading, case: CaseRecord, division: Division, spots: Spots, place: int) -> dict[str, Any]:
    position = int(spots.cell[place])
    cell_id = division.cell_ids[position] if position >= 0 else None
    grid = division.grid_of(cell_id)
    near = float(spots.near_border_m[place])
    return {
        "id": loading.ids["case"][case.number],
        "number": case.number,
        "receipt": receipt_code(),
        "community_id": loading.community_id,
        "category_code": case.category,
        "severity": case.severity,
        "source": case.channel,
        "description": case.description,
        "address": case.address,
        "building_id": loading.id_of("building", case.building),
        "position": case.geom,
        "datum": case.datum,
        "cell_id": cell_id,
        "is_on_border": bool(spots.is_on_border[place]),
        "near_border_m": None if np.isnan(near) else round(near, 2),
        "reported_grid_id": grid.id if grid else None,
        "reported_at": case.reported_at,
    }


def _line_of(category: str, demo: DemoCommunity) -> dict[str, Any]:
    """The line department that cases of a category belong to, by the group of the category."""
    group = next(row.group for row in demo.categories if row.code == category)
    line = next(row for row in read_table("demo/history/lines") if row["group"] == group)
    return {"line_code": line["code"], "line_name": line["name"]}
