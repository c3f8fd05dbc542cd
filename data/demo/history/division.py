"""Divides connected cells into connected parts with wanted numbers of households.

A random spanning tree is cut at the edge that fits the wanted share best; of many trees, the cut with
the shortest common border among the well balanced ones is taken. A tree's two halves always hang
together, so every part is one piece by construction.

Source: recombination of districts on spanning trees (DeFord, Duchin, Solomon).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gisgrid.crs import FloatArray, IntArray
from gisgrid.errors import InvalidInput
from gisgrid.geometry.neighbours import Neighbours

_TREES: Final = 48
_WELL_BALANCED: Final = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class DividedLand:
    """Cells to be divided: graph, households per cell and middle points in metres, shape (n, 2)."""

    graph: Neighbours
    households: IntArray
    middle_m: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    inside: IntArray
    miss: float
    border_m: float

    @property
    def rank(self) -> tuple[float, float]:
        """Balance first until it is good enough, then the border."""
        return (0.0, self.border_m) if self.miss <= _WELL_BALANCED else (self.miss, self.border_m)


def divide(
    land: DividedLand, members: IntArray, *, targets: Sequence[float], rng: random.Random
) -> list[IntArray]:
    """Connected parts of connected ``members``, one per target, in the order of the targets.

    Raises
    ------
    InvalidInput
        There are fewer cells than parts, or the cells do not hang together.
    """
    if len(targets) == 1:
        return [members]
    if len(members) < len(targets):
        raise InvalidInput(f"{len(members)} cells can't be divided into {len(targets)} parts")
    half = len(targets) // 2
    share = sum(targets[:half]) / sum(targets)
    inside = _best_cut(land, members, share=share, parts=(half, len(targets) - half), rng=rng)
    outside = np.setdiff1d(members, inside)
    return [
        *divide(land, inside, targets=targets[:half], rng=rng),
        *divide(land, outside, targets=targets[half:], rng=rng),
    ]


def _best_cut(
    land: DividedLand, members: IntArray, *, share: float, parts: tuple[int, int], rng: random.Random
) -> IntArray:
    pairs, length_m = _inner_pairs(land.graph, members)
    spread_m = np.hypot(*(land.middle_m[members][pairs[:, 0]] - land.middle_m[members][pairs[:, 1]]).T)
    noise = np.random.default_rng(rng.randrange(2**32))
    cuts = []
    for _ in range(_TREES):
        cost = spread_m * noise.uniform(0.2, 1.0, len(pairs)) + 1.0
        parent, order = _tree(pairs, cost, size=len(members))
        cut = _cut(land.households[members], parent, order=order, share=share, parts=parts)
        if cut is not None:
            is_in, miss = cut
            crossing = is_in[pairs[:, 0]] != is_in[pairs[:, 1]]
            cuts.append(_Cut(inside=members[is_in], miss=miss, border_m=float(length_m[crossing].sum())))
    if not cuts:
        raise InvalidInput("these cells can't be divided into connected parts")
    return min(cuts, key=lambda cut: cut.rank).inside


def _inner_pairs(graph: Neighbours, members: IntArray) -> tuple[IntArray, FloatArray]:
    """Pairs within the members, as positions in ``members``, with their border in metres."""
    local = np.full(graph.size, -1, dtype=np.int64)
    local[members] = np.arange(len(members))
    pairs = local[graph.pairs]
    is_inner = (pairs >= 0).all(axis=1)
    return pairs[is_inner], graph.length_m[is_inner]


def _tree(pairs: IntArray, cost: FloatArray, *, size: int) -> tuple[IntArray, IntArray]:
    """The cheapest spanning tree: the parent of each node and the nodes from the root outward."""
    weights = sparse.csr_array((cost, (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    tree = csgraph.minimum_spanning_tree(weights)
    order, parent = csgraph.breadth_first_order(tree, 0, directed=False)
    return np.asarray(parent, dtype=np.int64), np.asarray(order, dtype=np.int64)


def _cut(
    households: IntArray, parent: IntArray, *, order: IntArray, share: float, parts: tuple[int, int]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], float] | None:
    """The tree edge that fits best: which nodes are in the first half, and by how much it misses.

    ``None`` where every edge leaves one side with too few cells for its parts.
    """
    below = households.astype(np.float64)
    count = np.ones(len(below), dtype=np.int64)
    for node in order[:0:-1]:
        below[parent[node]] += below[node]
        count[parent[node]] += count[node]
    total, size = max(float(households.sum()), 1.0), len(below)
    as_first = np.abs(below / total - share) / share
    as_second = np.abs(below / total - (1 - share)) / (1 - share)
    as_first[(count < parts[0]) | (size - count < parts[1])] = np.inf
    as_second[(count < parts[1]) | (size - count < parts[0])] = np.inf
    as_first[order[0]] = as_second[order[0]] = np.inf
    first, second = int(as_first.argmin()), int(as_second.argmin())
    miss = min(as_first[first], as_second[second])
    if not np.isfinite(miss):
        return None
    is_first = as_first[first] <= as_second[second]
    under = _under(first if is_first else second, parent, order=order)
    return (under if is_first else ~under), float(miss)


def _under(top: int, parent: IntArray, *, order: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which nodes hang under a node of the tree, itself included."""
    under = np.zeros(len(order), dtype=np.bool_)
    under[top] = True
    for node in order[1:]:
        under[node] |= under[parent[node]]
    return under
