"""Dividing cells into connected parts: on random boards, whatever the households."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.demo.history.division import DividedLand, divide
from gisgrid.errors import InvalidInput
from gisgrid.geometry.neighbours import Neighbours, pieces


def board(width: int, height: int, households: list[int]) -> DividedLand:
    numbers = np.arange(width * height).reshape(height, width)
    across = np.stack([numbers[:, :-1].ravel(), numbers[:, 1:].ravel()], axis=1)
    down = np.stack([numbers[:-1].ravel(), numbers[1:].ravel()], axis=1)
    pairs = np.concatenate([across, down])
    y, x = np.divmod(numbers.ravel(), width)
    return DividedLand(
        graph=Neighbours(size=width * height, pairs=pairs, length_m=np.full(len(pairs), 10.0)),
        households=np.array(households, dtype=np.int64),
        middle_m=np.stack([x, y], axis=1) * 10.0,
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 7), st.integers(3, 7), st.integers(1, 5), st.randoms(use_true_random=False))
def test_parts_hang_together_and_share_out_every_cell_once(
    width: int, height: int, parts: int, chance: random.Random
) -> None:
    land = board(width, height, [chance.choice((0, 0, 6, 20, 60)) for _ in range(width * height)])
    found = divide(land, np.arange(width * height), targets=[1.0] * parts, rng=random.Random(1))
    assert len(found) == parts
    assert sorted(np.concatenate(found).tolist()) == list(range(width * height))
    assert all(len(pieces(part, land.graph)) == 1 for part in found)


def test_equal_cells_are_shared_out_by_the_targets() -> None:
    land = board(10, 10, [10] * 100)
    found = divide(land, np.arange(100), targets=[2.0, 1.0, 1.0], rng=random.Random(3))
    counts = [int(land.households[part].sum()) for part in found]
    assert counts == pytest.approx([500, 250, 250], rel=0.05)


def test_fewer_cells_than_parts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="can't be divided"):
        divide(board(3, 1, [1, 1, 1]), np.arange(3), targets=[1.0] * 4, rng=random.Random(1))
