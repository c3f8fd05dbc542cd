"""Splits one grid into micro grids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gisgrid.crs import IntArray
from gisgrid.geometry.balance.problem import BalanceProblem, SharedLand
from gisgrid.geometry.balance.proposal import Proposal
from gisgrid.geometry.balance.search import propose


def split_into_micro_grids(
    land: SharedLand,
    members: IntArray,
    *,
    parts: int,
    seed: int,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Proposal | None:
    """About equal parts of a grid's cells (indexes into the land), each in one piece.

    The proposal's ``owner`` follows the sorted members. Cells are never cut: its floor says how far off
    the heaviest part must be, and its notes where that is more than the tolerance.

    Raises
    ------
    InvalidInput
        There are fewer cells than parts, the cells do not hang together in so few parts, or nobody
        lives in them.
    """
    cells = np.unique(members)
    everything = np.ones(len(land.graph.pairs), dtype=np.bool_)
    problem = BalanceProblem(land=land.part(cells, everything), grids=parts)
    return propose(problem, seed=seed, progress=progress, cancelled=cancelled)
