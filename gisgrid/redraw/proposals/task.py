"""What a proposal is worked out from: arrays alone, so that another process needs no plan and no clock."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import orjson

from gisgrid.crs import FloatArray, IntArray
from gisgrid.geometry.balance import BalanceProblem, SharedLand
from gisgrid.geometry.balance.problem import BoolArray
from gisgrid.geometry.neighbours import Neighbours
from gisgrid.redraw.proposals.models import JobKind
from gisgrid.redraw.proposals.wishes import Barriers, Start

_ARRAYS: Final = ("pairs", "length_m", "households", "area_m2", "perimeter_m", "middle_m")
_MARKS: Final = ("current", "barrier", "free", "outer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """Cells that are shared out, their owners of today, and how.

    ``cells``: their ids; ``current``: shape (n,), the owner of each as an index of ``codes``; ``kept``:
    which of the codes may stay in use here; ``barrier``: per pair of the land's graph whether one lies
    between; ``free``: shape (n,), whether nobody lives on a cell and nothing is built there; ``outer``:
    shape (n,), whether it lies on the outline; ``curve``: whether other tolerances are tried too.
    """

    kind: JobKind
    land: SharedLand
    cells: tuple[str, ...]
    codes: tuple[str, ...]
    kept: tuple[bool, ...]
    current: IntArray
    barrier: BoolArray
    free: BoolArray
    outer: BoolArray
    grids: int
    norm: float | None
    tolerance: float
    start: Start
    barriers: Barriers
    change_weight: float
    seed: int
    curve: bool = False

    def problem(self) -> BalanceProblem:
        """What is to be balanced."""
        none = np.zeros(0, dtype=np.bool_)
        return BalanceProblem(
            land=self.land,
            grids=self.grids,
            norm=self.norm,
            tolerance=self.tolerance,
            hard=self.barrier if self.barriers == Barriers.NEVER else none,
            soft=self.barrier if self.barriers == Barriers.AVOID else none,
            current=self.current if self.start == Start.CURRENT else None,
            change_weight=self.change_weight,
        )

    def with_tolerance(self, tolerance: float) -> Task:
        """The same where grids may be off by another share."""
        return replace(self, tolerance=tolerance)

    def packed(self) -> bytes:
        """As bytes to be stored."""
        words: dict[str, Any] = {
            "kind": self.kind,
            "cells": self.cells,
            "codes": self.codes,
            "kept": self.kept,
            "grids": self.grids,
            "norm": self.norm,
            "tolerance": self.tolerance,
            "start": self.start,
            "barriers": self.barriers,
            "change_weight": self.change_weight,
            "seed": self.seed,
            "curve": self.curve,
        }
        land = self.land
        arrays: tuple[IntArray | FloatArray, ...] = (
            *(land.graph.pairs, land.graph.length_m, land.households),
            *(land.area_m2, land.perimeter_m, land.middle_m),
        )
        named = dict(zip(_ARRAYS, arrays, strict=True)) | {name: getattr(self, name) for name in _MARKS}
        file = io.BytesIO()
        np.savez_compressed(file, words=np.frombuffer(orjson.dumps(words), dtype=np.uint8), **named)
        return file.getvalue()


def unpacked(stored: bytes) -> Task:
    """A task from its bytes."""
    with np.load(io.BytesIO(stored), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    words = orjson.loads(arrays["words"].tobytes())
    land = SharedLand(
        graph=Neighbours(size=len(arrays["households"]), pairs=arrays["pairs"], length_m=arrays["length_m"]),
        households=arrays["households"],
        area_m2=arrays["area_m2"],
        perimeter_m=arrays["perimeter_m"],
        middle_m=arrays["middle_m"],
    )
    return Task(
        kind=JobKind(words["kind"]),
        land=land,
        cells=tuple(words["cells"]),
        codes=tuple(words["codes"]),
        kept=tuple(words["kept"]),
        **{name: arrays[name] for name in _MARKS},
        grids=words["grids"],
        norm=words["norm"],
        tolerance=words["tolerance"],
        start=Start(words["start"]),
        barriers=Barriers(words["barriers"]),
        change_weight=words["change_weight"],
        seed=words["seed"],
        curve=words.get("curve", False),  # one that was asked for before there were curves
    )
