"""Works a proposal out: arrays in, figures and new owners out."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from gisgrid.crs import IntArray
from gisgrid.errors import Sentence
from gisgrid.geometry.balance import propose
from gisgrid.geometry.straight_borders import border_m, straightened
from gisgrid.redraw.proposals.answers import (
    CurvePoint,
    DivisionFigures,
    ProposedGrid,
    SolvedProposal,
)
from gisgrid.redraw.proposals.models import JobKind
from gisgrid.redraw.proposals.task import Task

_CELL_WEIGHT: Final = 1e-3
"""By how many households a cell counts where owners are compared, so that empty ones count a little."""
_ROUNDING: Final = 1e-9
TOLERANCES: Final = (0.03, 0.05, 0.08, 0.1, 0.15)
"""Tolerances that are tried for a curve, beside the one asked for."""

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


def solved(task: Task, *, progress: Progress, cancelled: Cancelled) -> SolvedProposal | None:
    """The proposal of a task, ready to be stored as JSON; ``None`` where it was cancelled.

    Raises
    ------
    InvalidInput
        There is no answer whatever the effort.
    """
    if task.kind == JobKind.TIDY:
        owner = straightened(
            task.land.graph, task.current, movable=task.free, outer=task.outer, cancelled=cancelled
        )
        notes: tuple[Sentence, ...] = ()
        return None if owner is None else _describe(task, owner, list(task.codes), {}, notes)
    tolerances = _tried(task)
    runs: list[SolvedProposal] = []
    for at, tolerance in enumerate(tolerances):
        run = _balanced(task.with_tolerance(tolerance), _share(progress, at, len(tolerances)), cancelled)
        if run is None:
            return None
        runs.append(run)
    wanted = runs[tolerances.index(task.tolerance)]
    return wanted if len(runs) == 1 else {**wanted, "curve": curve_of(tolerances, runs)}


def _tried(task: Task) -> list[float]:
    return sorted({task.tolerance, *(TOLERANCES if task.curve else ())})


def _share(progress: Progress, at: int, count: int) -> Progress:
    return lambda share: progress((at + share) / count)


def _balanced(task: Task, progress: Progress, cancelled: Cancelled) -> SolvedProposal | None:
    proposal = propose(task.problem(), seed=task.seed, progress=progress, cancelled=cancelled)
    if proposal is None:
        return None
    numbers = np.unique(proposal.owner, return_inverse=True)[1].astype(np.int64)
    keys, opens = named(task, numbers)
    return _describe(task, numbers, keys, opens, proposal.notes)


def curve_of(tolerances: Sequence[float], runs: Sequence[SolvedProposal]) -> list[CurvePoint]:
    """What changes hands at each tolerance, so that people can choose how much evenness is worth."""
    return [
        {
            "tolerance": tolerance,
            "moved_cells": run["moved_cells"],
            "moved_households": run["moved_households"],
            "max_off": run["after"]["max_off"],
            "is_kept": run["after"]["max_off"] <= tolerance + _ROUNDING,
        }
        for tolerance, run in zip(tolerances, runs, strict=True)
    ]


def named(task: Task, owner: IntArray) -> tuple[list[str], dict[str, str]]:
    """What each proposed grid is called: the code of today that shares most with it, or a new key.

    Of all ways to match grids with codes the one is taken that keeps most households in their grid. A
    new grid comes out of the code that it shares most with.
    """
    count, codes = int(owner.max()) + 1, len(task.codes)
    weight = task.land.households + _CELL_WEIGHT
    shared = np.bincount(owner * codes + task.current, weights=weight, minlength=count * codes)
    shared = shared.reshape(count, codes)
    kept = np.where(np.array(task.kept), shared, 0.0)
    rows, columns = linear_sum_assignment(kept, maximize=True)
    match = {
        int(row): task.codes[column]
        for row, column in zip(rows, columns, strict=True)
        if kept[row, column] > 0
    }
    opens: dict[str, str] = {}
    keys = []
    for grid in range(count):
        key = match.get(grid) or f"+{len(opens) + 1}"
        if grid not in match:
            opens[key] = task.codes[int(np.argmax(shared[grid]))]
        keys.append(key)
    return keys, opens


def _describe(
    task: Task, owner: IntArray, keys: list[str], opens: dict[str, str], notes: tuple[Sentence, ...]
) -> SolvedProposal:
    key = [keys[grid] for grid in owner.tolist()]
    code = [task.codes[grid] for grid in task.current.tolist()]
    moved = np.array([new != old for new, old in zip(key, code, strict=True)], dtype=np.bool_)
    closes = sorted(
        grid for grid, stays in zip(task.codes, task.kept, strict=True) if stays and grid not in set(key)
    )
    return {
        "owners": {task.cells[cell]: key[cell] for cell in np.flatnonzero(moved).tolist()},
        "opens": opens,
        "closes": closes,
        "cells": dict(zip(task.cells, key, strict=True)),
        "grids": _rows(task, owner, keys),
        "before": figures(task, task.current),
        "after": figures(task, owner),
        "moved_cells": int(moved.sum()),
        "moved_households": int(task.land.households[moved].sum()),
        "notes": [{"template": note.template, "values": dict(note.values)} for note in notes],
        "digest": hashlib.sha256("\n".join(key).encode()).hexdigest(),
    }


def figures(task: Task, owner: IntArray) -> DivisionFigures:
    """How good a division is; ``owner``: shape (n,), numbers from 0."""
    sums = _Sums(task, owner)
    return {
        "grids": len(sums.households),
        "max_off": float(np.abs(sums.off).max()),
        "compactness": float(sums.compactness.mean()),
        "border_m": border_m(task.land.graph, owner),
        "crossing": int((sums.crossed_m > 0).sum()),
        "crossed_m": float(sums.crossed_m.sum()),
    }


def _rows(task: Task, owner: IntArray, keys: list[str]) -> list[ProposedGrid]:
    sums = _Sums(task, owner)
    load = np.bincount(task.current, weights=task.land.households, minlength=len(task.codes))
    before = dict(zip(task.codes, load.astype(np.int64).tolist(), strict=True))
    return [
        {
            "code": keys[grid],
            "households_before": before.get(keys[grid]),
            "households": int(sums.households[place]),
            "cells": int(sums.cells[place]),
            "off": float(sums.off[place]),
            "compactness": float(sums.compactness[place]),
        }
        for place, grid in enumerate(sums.numbers)
    ]


class _Sums:
    """Sums over the cells of each grid that has any."""

    def __init__(self, task: Task, owner: IntArray) -> None:
        land = task.land
        numbers, index = np.unique(owner, return_inverse=True)
        first, second = index[land.graph.pairs].T
        inner_m = np.where(first == second, land.graph.length_m, 0.0)

        def summed(where: IntArray, values: Any) -> Any:
            return np.bincount(where, weights=values, minlength=len(numbers))

        outline_m = summed(index, land.perimeter_m) - 2 * summed(first, inner_m)
        area_m2 = summed(index, land.area_m2)
        self.numbers: list[int] = numbers.tolist()
        self.households = summed(index, land.households)
        self.cells = np.bincount(index, minlength=len(numbers))
        target = task.norm or max(float(self.households.mean()), 1e-9)
        self.off = self.households / target - 1
        self.compactness = 4 * math.pi * area_m2 / np.maximum(outline_m, 1e-9) ** 2
        self.crossed_m = summed(first, np.where(task.barrier, inner_m, 0.0))
