"""A draft left open on purpose: one grid gets too many households, another loses its member."""

from __future__ import annotations

from typing import Final

import numpy as np

from data.demo.ground.quarter import Quarter
from data.demo.history.areas import DivisionPart
from data.demo.personas.records import DemoAccount
from data.demo.personas.staff import Staff
from data.demo.records import DemoPlanEdit, DraftPlan
from gisgrid.crs import IntArray
from gisgrid.errors import InvalidInput
from gisgrid.geometry.neighbours import pieces

_TOO_MANY: Final = 600
_STARTS_BELOW: Final = 520


def draft_plan_of(quarter: Quarter, staff: Staff, *, accounts: list[DemoAccount]) -> DraftPlan:
    """Micro grids painted into a neighbour until it has more than 600 households; a duty ended elsewhere."""
    grids = quarter.present.grids
    target, cells = _overload(quarter)
    last = len(grids) - 1 if grids[-1] is not target else len(grids) - 2
    drafter = next(account.name for account in accounts if account.role == "staff")
    return DraftPlan(
        name="网格调整草案(示例)",
        drafter=drafter,
        edits=(
            DemoPlanEdit(op="paint", cells=cells, to=target.code),
            DemoPlanEdit(op="duty", to=grids[last].code, worker=staff.posts["member"][last]),
        ),
    )


def _overload(quarter: Quarter) -> tuple[DivisionPart, tuple[str, ...]]:
    """The first grid that can take whole micro grids of one neighbour until it is overloaded."""
    counts = quarter.ground.households
    for target in quarter.present.grids:
        if counts[target.members].sum() > _STARTS_BELOW:
            continue
        for donor in quarter.present.grids:
            if donor.parent == target.parent and donor is not target:
                taken = _taken(quarter, target, donor=donor)
                if taken is not None:
                    return target, tuple(sorted(quarter.cell_keys[int(i)] for i in taken))
    raise InvalidInput("no grid of this division can be overloaded by its neighbour")


def _taken(quarter: Quarter, target: DivisionPart, *, donor: DivisionPart) -> IntArray | None:
    graph, counts = quarter.ground.graph, quarter.ground.households
    grown, left = target.members, donor.members
    for micro in (part for part in quarter.present.micro if part.parent == donor.code):
        bigger, smaller = np.union1d(grown, micro.members), np.setdiff1d(left, micro.members)
        if len(pieces(bigger, graph)) == 1 and len(pieces(smaller, graph)) == 1:
            grown, left = bigger, smaller
        if counts[grown].sum() > _TOO_MANY:
            return np.setdiff1d(grown, target.members)
    return None
