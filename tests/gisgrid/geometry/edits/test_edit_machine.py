"""Whatever is drawn, undone and redone: the cells tile, grids hang together, every point is in its cell."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import ClassVar

import numpy as np
import pytest
import shapely
from grounds import digest, exclaves, random_ground, refuse_faults
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from outsiders import complaints
from random_edits import TOOLS, edit

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import apply, compose
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.measure import areas_m2
from tests.gisgrid.geometry.edits.inverse import invert

SEEDS = st.integers(0, 2**32 - 1)
OFF_M2 = 0.05
QUICK = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@lru_cache(maxsize=32)
def small_ground(seed):
    return random_ground(seed)


@lru_cache(maxsize=8)
def large_ground(seed):
    ground = random_ground(seed, columns=22, rows=20, grids=64, micros=3)
    assert len(ground.grids) >= 60
    assert shapely.get_num_interior_rings(shapely.get_parts(ground.outline)).sum() > 0
    return ground


class Redrawing(RuleBasedStateMachine):
    """One person with a plan, from the opening to taking everything back."""

    grounds = staticmethod(small_ground)
    worlds = 20
    counts: ClassVar[Counter[str]] = Counter()

    @initialize(seed=SEEDS)
    def open_plan(self, seed):
        self.start = self.ground = type(self).grounds(seed % self.worlds)
        self.opened = digest(self.start)
        self.done, self.undone = [], []
        self.checked = None

    @rule(tool=st.sampled_from(TOOLS), seed=SEEDS)
    def draw(self, tool, seed):
        began = time.perf_counter()
        try:
            delta = edit(self.ground, tool, np.random.default_rng(seed))
        except InvalidInput:
            self.counts[f"{tool} refused"] += 1
            return
        after = apply(self.ground, delta)
        self.counts[f"{tool} ms"] += (time.perf_counter() - began) * 1000
        self.counts[tool] += 1
        if tool != "merge":
            assert all(new <= old for new, old in zip(exclaves(after), exclaves(self.ground), strict=True))
        assert sum(exclaves(after)) <= sum(exclaves(self.ground))
        if tool != "outline":
            assert after.outline is self.ground.outline
        self.done.append(delta)
        self.undone.clear()
        self.ground = after

    @rule()
    def undo(self):
        if self.done:
            self.undone.append(self.done.pop())
            self.ground = apply(self.ground, invert(self.undone[-1]))
            self.counts["undo"] += 1

    @rule()
    def redo(self):
        if self.undone:
            self.done.append(self.undone.pop())
            self.ground = apply(self.ground, self.done[-1])
            self.counts["redo"] += 1

    @invariant()
    def all_is_sound(self):
        if self.ground is not self.checked:
            refuse_faults(self.ground)
            self.checked = self.ground
            self.counts["whole checks"] += 1

    def teardown(self):
        if not hasattr(self, "done"):
            return
        self.ask_outsiders()
        end, net = digest(self.ground), None
        for delta in self.done:
            net = delta if net is None else compose(net, delta)
        if net is not None:
            assert digest(apply(self.start, net)) == end
        for delta in reversed(self.done):
            self.ground = apply(self.ground, invert(delta))
        assert digest(self.ground) == self.opened
        self.counts["sequences"] += 1

    def ask_outsiders(self):
        """The end of the sequence as shapely, maup and geoplanar see it."""
        union = shapely.union_all(self.ground.land.shapes)
        off = areas_m2(as_array(shapely.symmetric_difference(union, self.ground.outline)))
        self.counts["most off the outline, mm2"] = max(
            self.counts["most off the outline, mm2"], round(1e6 * float(off.sum()))
        )
        assert off.sum() < OFF_M2
        assert complaints(self.ground) == []
        self.counts["asked outsiders"] += 1


def test_outsiders_see_a_gap_an_overlap_and_a_missing_vertex():
    ground = random_ground(3)
    cell = ground.land.numbers[40]
    for spoiled in spoilings(ground.land.cells[cell]):
        land = replace(ground.land, cells={**ground.land.cells, cell: spoiled})
        assert complaints(replace(ground, land=land)) != []


def spoilings(shape):
    """A cell made smaller, larger, and without one of its vertices."""
    coords = shapely.get_coordinates(shape)
    yield shapely.buffer(shape, -1e-6, join_style="mitre")
    yield shapely.buffer(shape, 1e-6, join_style="mitre")
    yield shapely.Polygon(np.delete(coords, 2, axis=0))


TestRedrawing = Redrawing.TestCase
TestRedrawing.settings = QUICK


def told(counts):
    """Figures for the proof: how often, how often refused, and milliseconds per accepted edit."""
    names = ("sequences", "whole checks", "asked outsiders", "most off the outline, mm2", "undo", "redo")
    figures = {name: counts[name] for name in names}
    for tool in TOOLS:
        mean = counts[f"{tool} ms"] / max(counts[tool], 1)
        figures[tool] = f"{counts[tool]} (refused {counts[f'{tool} refused']}, mean {mean:.1f} ms)"
    return figures


@pytest.mark.prove
def test_a_thousand_sequences_on_sixty_grids_break_nothing(record_property):
    class Thorough(Redrawing):
        grounds = staticmethod(large_ground)
        worlds = 8
        counts: ClassVar[Counter[str]] = Counter()

    thorough = settings(
        QUICK, max_examples=1000, stateful_step_count=30, phases=[Phase.generate], derandomize=True
    )
    run_state_machine_as_test(Thorough, settings=thorough)
    record_property("cells", str([len(large_ground(seed).land.numbers) for seed in range(8)]))
    for name, value in told(Thorough.counts).items():
        record_property(name, value)
    assert Thorough.counts["sequences"] >= 1000
