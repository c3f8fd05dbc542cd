"""What a plan would change: per touched grid and member before and after, and what changes hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import pandas as pd
from sqlalchemy import select

from gisgrid.analysis.workload import NormPolicy, load
from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import was_ever_of
from gisgrid.areas.view import View
from gisgrid.geometry.edits import Ground
from gisgrid.geometry.edits.points import OUTSIDE
from gisgrid.places.models import Facility
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.ground.neighbours import community_names
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.answers import (
    DutyChangeRow,
    HouseholdNorm,
    ImpactFacts,
    ImpactGrid,
    ImpactView,
    MemberLoad,
    MoveRow,
    SideCounts,
    TransferRow,
)
from gisgrid.redraw.impact.counts import counts_by_hands, counts_by_number
from gisgrid.redraw.impact.duties import (
    Serving,
    changed_duties,
    primaries,
    serving_after,
    serving_before,
    worker_names,
)
from gisgrid.redraw.impact.receivers import foretold_receivers
from gisgrid.redraw.impact.suppression import hidden_from
from gisgrid.workforce.norms import norms_of

COUNTS: Final = ("households", "residents", "elders", "open_cases")


@dataclass(frozen=True, kw_only=True)
class _Side:
    """A division with what its cells hold and who serves its grids."""

    ground: Ground
    cells: pd.DataFrame
    serving: Serving
    facilities: Mapping[str, Mapping[str, int]]

    def households(self, code: str) -> int:
        """Households of a grid."""
        members = list(self.ground.grids.get(code, ()))
        return int(self.cells["households"].reindex(members, fill_value=0).sum())


def touched_grids(base: PlanGround, drawing: Drawing) -> list[str]:
    """Codes of the grids whose cells change, old and new ones, in order."""
    before, after = base.ground.grids, drawing.ground.grids
    changed = {code for code in (*before, *after) if before.get(code) != after.get(code)}
    return sorted(changed, key=lambda code: (len(code), code))


def impact(view: View, base: PlanGround, drawing: Drawing) -> ImpactView:
    """What changes: counts of grids and members before and after, and what changes hands.

    The same counts as on every map, so that the preview equals what is published.
    """
    before, after = _sides(view, base, drawing)
    policy = norms_of(view).households
    touched, names = touched_grids(base, drawing), grid_names(view, drawing)
    duties = changed_duties(before.serving, after.serving, sorted({*before.serving, *after.serving}))
    workers = worker_names(view, _workers(before, after))
    members = _members(before, after, {*touched, *duties}, policy=policy, names=workers)
    grids = [
        _grid(before, after, code, name=names.get(code, code), policy=policy, members=members)
        for code in touched
    ]
    moves = _moves(view, base, drawing)
    answer: ImpactFacts = {
        "grids": grids,
        "members": members,
        "moves": moves,
        "duties": _duties(duties, names, workers),
        "receivers": foretold_receivers(view, _receiving(before, after, moves), after.serving, names=names),
        "codes": [{"from": old, "to": new, "name": names.get(old)} for old, new in drawing.codes.items()],
        "norm": norm_of(policy),
    }
    if not view.actor.sees_exact_counts:
        answer = hidden_from(view, base, drawing, answer)
    return {**answer, "transfers": _transfers(view, drawing, answer)}


def _receiving(before: _Side, after: _Side, moves: Iterable[MoveRow]) -> set[str]:
    """Grids that something passes to, or that get another primary member."""
    gets = {row["to"] for row in moves if row["to"] is not None}
    was, will = (
        {code: primaries(side.serving.get(code, ())) for code in side.ground.grids}
        for side in (before, after)
    )
    return gets | {code for code in was.keys() & will.keys() if was[code] != will[code]}


def _sides(view: View, base: PlanGround, drawing: Drawing) -> tuple[_Side, _Side]:
    serving = serving_before(view)
    kinds = view.remembered("facility kinds", base.version, make=lambda: _facility_kinds(view, base))
    start = Drawing(ground=base.ground)
    before = _Side(
        ground=base.ground,
        cells=counts_by_number(view, base, start),
        serving=serving,
        facilities=_facilities(base.ground, kinds),
    )
    after = _Side(
        ground=drawing.ground,
        cells=counts_by_number(view, base, drawing),
        serving=serving_after(serving, base, drawing),
        facilities=_facilities(drawing.ground, kinds),
    )
    return before, after


def grid_names(view: View, drawing: Drawing) -> dict[str, str]:
    """Names of all grids by code, as the plan has them."""
    known = {area.code: area.name for area in view.division.tree.at_level(Level.GRID)}
    opened = {code: code for code in drawing.ground.grids if code not in known}
    return {**known, **opened, **drawing.names}


def _facility_kinds(view: View, base: PlanGround) -> list[tuple[int, str]]:
    """Places of the facilities among the objects, with their types."""
    rows = view.session.execute(
        select(Facility.id, Facility.type).where(was_ever_of(view, PlacedKind.FACILITY, Facility))
    )
    types = {row.id: row.type for row in rows}
    places = np.flatnonzero(base.objects.are(PlacedKind.FACILITY)).tolist()
    return [(at, types.get(base.objects.ids[at], "")) for at in places]


def _facilities(ground: Ground, kinds: Iterable[tuple[int, str]]) -> dict[str, dict[str, int]]:
    """Facilities of each grid by type."""
    facilities: dict[str, dict[str, int]] = {}
    for at, kind in kinds:
        cell = int(ground.points.cell[at])
        if cell != OUTSIDE:
            counts = facilities.setdefault(ground.grid_at(cell), {})
            counts[kind] = counts.get(kind, 0) + 1
    return facilities


def norm_of(policy: NormPolicy) -> HouseholdNorm:
    """A norm as it is told."""
    return {
        "ok_from": policy.ok_from,
        "ok_to": policy.ok_to,
        "high_to": policy.high_to,
        "per_member": policy.per_member,
    }


def _grid(
    before: _Side, after: _Side, code: str, *, name: str, policy: NormPolicy, members: list[MemberLoad]
) -> ImpactGrid:
    was, will = _counts(before, code), _counts(after, code)
    return {
        "code": code,
        "name": name,
        "before": was,
        "load_before": was and _load(was["households"], policy),
        "compactness_before": _compactness(before, code),
        "after": will,
        "load_after": will and _load(will["households"], policy),
        "compactness_after": _compactness(after, code),
        "members": [row for row in members if code in {*row["grids_before"], *row["grids_after"]}],
    }


def _counts(side: _Side, code: str) -> SideCounts | None:
    members = side.ground.grids.get(code)
    if members is None:
        return None
    kinds = side.facilities.get(code, {})
    counts = side.cells.reindex(list(members), fill_value=0).sum()
    return {
        "households": int(counts["households"]),
        "residents": int(counts["residents"]),
        "elders": int(counts["elders"]),
        "open_cases": int(counts["open_cases"]),
        "elders_80": int(counts["elders_80"]),
        "facilities": sum(kinds.values()),
        "facility_types": dict(sorted(kinds.items())),
    }


def _compactness(side: _Side, code: str) -> float | None:
    members = side.ground.grids.get(code)
    return None if members is None else round(compactness(side.ground, members), 3)


def _load(households: int, policy: NormPolicy) -> float:
    return round(float(load(np.array([households]), policy)[0]), 2)


def compactness(ground: Ground, members: Iterable[int]) -> float:
    """Polsby-Popper of some cells together: 1 is a circle (4 pi area over perimeter squared)."""
    return ground.land.compactness(tuple(members))


def _workers(*sides: _Side) -> set[str]:
    return {duty.worker for side in sides for served in side.serving.values() for duty in served}


def _held(side: _Side) -> dict[str, list[str]]:
    """Codes of the grids each primary member holds."""
    held: dict[str, list[str]] = {}
    for code in sorted(side.ground.grids, key=lambda code: (len(code), code)):
        for worker in primaries(side.serving.get(code, frozenset())):
            held.setdefault(worker, []).append(code)
    return held


def _members(
    before: _Side, after: _Side, touched: set[str], *, policy: NormPolicy, names: Mapping[str, str]
) -> list[MemberLoad]:
    held = _held(before), _held(after)
    workers = sorted({*held[0], *held[1]}, key=lambda worker: (names.get(worker, ""), worker))
    rows: list[MemberLoad] = []
    for worker in workers:
        grids = [grids_of.get(worker, []) for grids_of in held]
        if touched.isdisjoint(grids[0]) and touched.isdisjoint(grids[1]):
            continue
        homes = [
            sum(side.households(code) for code in codes)
            for side, codes in zip((before, after), grids, strict=True)
        ]
        rows.append(
            {
                "worker": worker,
                "name": names.get(worker),
                "grids_before": grids[0],
                "grids_after": grids[1],
                "households_before": homes[0],
                "households_after": homes[1],
                "load_before": _load(homes[0], policy),
                "load_after": _load(homes[1], policy),
            }
        )
    return rows


def _duties(
    duties: Mapping[str, tuple[Any, Any]], names: Mapping[str, str], workers: Mapping[str, str]
) -> list[DutyChangeRow]:
    return [
        {
            "area": code,
            "area_name": names.get(code, code),
            "worker": duty.worker,
            "name": workers.get(duty.worker),
            "kind": duty.kind,
            "primary": duty.is_primary,
            "change": change,
        }
        for code, both in duties.items()
        for change, served in zip(("end", "begin"), both, strict=True)
        for duty in sorted(served, key=lambda duty: (duty.kind, duty.worker))
    ]


def _moves(view: View, base: PlanGround, drawing: Drawing) -> list[MoveRow]:
    """What changes hands by pair of grids; nothing for a grid stands for land outside all."""
    return [
        {
            "from": source,
            "to": target,
            "buildings": counts["buildings"],
            "households": counts["households"],
            "elders": counts["elders"],
            "open_cases": counts["open_cases"],
            "elders_80": counts["elders_80"],
            "with_visitor": counts["with_visitor"],
            "facilities": counts["facilities"],
        }
        for (source, target), counts in counts_by_hands(view, base, drawing).items()
    ]


def _transfers(view: View, drawing: Drawing, answer: ImpactFacts) -> list[TransferRow]:
    """The grid given away with what goes along, out of what is told: hidden there, hidden here."""
    transfer = drawing.transfer
    if transfer is None:
        return []
    moved = [row for row in answer["moves"] if row["from"] == transfer.grid and row["to"] is None]
    counts = {name: value for row in moved for name, value in row.items() if name not in {"from", "to"}}
    gone = next((row for row in answer["grids"] if row["code"] == transfer.grid), None)
    name = transfer.grid if gone is None else gone["name"]
    to_name = community_names(view, [transfer.to]).get(transfer.to, transfer.to)
    given = {"grid": transfer.grid, "name": name, "to": transfer.to, "to_name": to_name, **counts}
    return [cast("TransferRow", given)]
