"""What a plan passes from one grid member to another: households and open cases, and who gives and takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import is_open
from gisgrid.geometry.edits import Ground
from gisgrid.geometry.edits.points import OUTSIDE
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.duties import Serving, primaries, serving_after, serving_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What goes from one grid and its primary member (a worker's id) to another, by public ids.

    Both grids are the same where only the member changes. Nothing stands for no grid, or no member.
    """

    source: str | None
    target: str | None
    giver: str | None
    taker: str | None
    buildings: list[str]
    households: list[str]
    cases: list[str]

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Pass:
        """As it was kept."""
        return cls(**kept)


def passes(view: View, base: PlanGround, drawing: Drawing) -> list[Pass]:
    """What changes hands when the plan is published, by pair of grids in their order."""
    before = serving_before(view)
    after = serving_after(before, base, drawing)
    givers = {code: _primary(before, code) for code in base.ground.grids}
    takers = {code: _primary(after, code) for code in drawing.ground.grids}
    staying = {code for code in takers if code in givers and givers[code] != takers[code]}
    was, will = _grids(base.ground), _grids(drawing.ground)
    passing = [
        at for at in range(len(was)) if was[at] != will[at] or (was[at] is not None and was[at] in staying)
    ]
    open_cases = _open_cases(view) if passing else set()
    pairs: dict[tuple[str | None, str | None], list[int]] = {}
    for at in passing:
        pairs.setdefault((was[at], will[at]), []).append(at)
    return [
        Pass(
            source=source,
            target=target,
            giver=givers.get(source or ""),
            taker=takers.get(target or ""),
            buildings=_ids(base, members, PlacedKind.BUILDING),
            households=_ids(base, members, PlacedKind.HOUSEHOLD),
            cases=[case for case in _ids(base, members, PlacedKind.CASE) if case in open_cases],
        )
        for (source, target), members in sorted(pairs.items(), key=lambda pair: str(pair[0]))
    ]


def households_by_hands(passed: Iterable[Pass]) -> dict[str, tuple[str | None, str | None]]:
    """For each household that passes the workers who give and take it."""
    return {home: (part.giver, part.taker) for part in passed for home in part.households}


def _primary(serving: Serving, code: str) -> str | None:
    return next(iter(primaries(serving.get(code, frozenset()))), None)


def _grids(ground: Ground) -> list[str | None]:
    """The grid of each point, nothing outside all cells."""
    cells, at = np.unique(ground.points.cell, return_inverse=True)
    grids = [None if cell == OUTSIDE else ground.grid_at(cell) for cell in cells.tolist()]
    return [grids[place] for place in at.tolist()]


def _ids(base: PlanGround, members: Iterable[int], kind: PlacedKind) -> list[str]:
    objects = base.objects
    return [objects.ids[at] for at in members if objects.kinds[at] == kind]


def _open_cases(view: View) -> set[str]:
    rows = view.session.scalars(select(Case.id).where(Case.community_id == view.community.id, is_open()))
    return set(rows)


def workers_of(passed: Sequence[Pass]) -> list[str]:
    """Who gives or takes, as often as they do; nobody where there is nobody on duty."""
    return [worker for part in passed for worker in (part.giver, part.taker) if worker]
