"""Small lands of square cells, and slow obvious answers about them."""

from __future__ import annotations

import itertools

import numpy as np

from gisgrid.geometry.balance import Effort, SharedLand
from gisgrid.geometry.neighbours import Neighbours

CELL_M = 10.0
QUICK = Effort(starts=2, reheats=2, renewals=3, rounds=8)


def board(width, height, households):
    """``width`` x ``height`` squares of 10 m, numbered row by row."""
    numbers = np.arange(width * height).reshape(height, width)
    across = np.stack([numbers[:, :-1].ravel(), numbers[:, 1:].ravel()], axis=1)
    down = np.stack([numbers[:-1].ravel(), numbers[1:].ravel()], axis=1)
    pairs = np.concatenate([across, down])
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    y, x = np.divmod(numbers.ravel(), width)
    size = width * height
    return SharedLand(
        graph=Neighbours(size=size, pairs=pairs, length_m=np.full(len(pairs), CELL_M)),
        households=np.array(households, dtype=np.int64),
        area_m2=np.full(size, CELL_M**2),
        perimeter_m=np.full(size, 4 * CELL_M),
        middle_m=np.stack([x, y], axis=1) * CELL_M,
    )


def reached(start, allowed, pairs):
    """All cells that hang together with ``start`` within ``allowed``."""
    seen, queue = {start}, [start]
    for cell in queue:
        for first, second in pairs:
            for near in ({first, second} - {cell}) if cell in (first, second) else ():
                if near in allowed and near not in seen:
                    seen.add(near)
                    queue.append(near)
    return seen


def hangs_together(cells, pairs):
    """Whether some cells are in one piece."""
    cells = set(cells)
    return bool(cells) and reached(min(cells), cells, pairs) == cells


def has_hole(cells, land):
    """Whether some cells enclose others: these can't reach the outline without them."""
    pairs = land.graph.pairs.tolist()
    others = set(range(land.size)) - set(cells)
    free = set()
    for cell in np.flatnonzero(land.is_outer()).tolist():
        if cell in others and cell not in free:
            free |= reached(cell, others, pairs)
    return free != others


def best_deviation(land, grids):
    """The least greatest deviation from the mean over every way to share out a tiny land."""
    pairs, mean, best = land.graph.pairs.tolist(), land.households.sum() / grids, np.inf
    for owner in itertools.product(range(grids), repeat=land.size):
        load = np.bincount(owner, weights=land.households, minlength=grids)
        off = float(np.abs(load / mean - 1).max())
        if off < best - 1e-9 and _is_sound(owner, land, grids, pairs):
            best = off
    return best


def _is_sound(owner, land, grids, pairs):
    members = [[cell for cell, own in enumerate(owner) if own == grid] for grid in range(grids)]
    return all(hangs_together(cells, pairs) and not has_hole(cells, land) for cells in members)
