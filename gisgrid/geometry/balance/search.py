"""Proposes balanced grids: several starts, then the best of them bettered again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gisgrid.geometry.balance.bundles import bundled
from gisgrid.geometry.balance.floor import floor_of
from gisgrid.geometry.balance.problem import BalanceProblem
from gisgrid.geometry.balance.proposal import Proposal, proposal_of
from gisgrid.geometry.balance.runs import Ownership, SearchRuns

_CELL_ROUNDS: Final = 30_000
_FEW_ROUNDS: Final = 12
_MANY_ROUNDS: Final = 60
_LARGE: Final = 5_000
_FEW_GRIDS: Final = 5
"""So few grids are one neighbourhood: to renew it is to start again."""
_STIFF_RUNS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard to try: independent starts, tries to better the best, rounds (20 moves a cell) of each.

    From today's grids a try goes over all of them (``reheats``), from nothing over a neighbourhood
    (``renewals``).
    """

    starts: int
    reheats: int
    renewals: int
    rounds: int

    @classmethod
    def for_size(cls, cells: int, grids: int) -> Effort:
        """About 10 seconds of one core for some hundreds to some thousands of cells.

        Many short runs find more than few long ones.
        """
        rounds = min(max(_CELL_ROUNDS // max(cells, 1), _FEW_ROUNDS), _MANY_ROUNDS)
        starts = 12 if cells <= _LARGE else 2
        return cls(starts=starts, reheats=starts, renewals=100 if grids > _FEW_GRIDS else 20, rounds=rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Following:
    """Who is told the share that is done, and who is asked whether to stop."""

    planned: int
    progress: Callable[[float], None] | None
    cancelled: Callable[[], bool] | None

    def step(self, run: int, share: float) -> bool:
        """Tell how much of all planned runs is done; whether the work is still wanted."""
        if self.cancelled is not None and self.cancelled():
            return False
        if self.progress is not None:
            self.progress(min((run + share) / self.planned, 1.0))
        return True


def propose(
    problem: BalanceProblem,
    *,
    seed: int,
    effort: Effort | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Proposal | None:
    """The best ownership found: each grid in one piece, balanced, compact, within hard barriers.

    The same problem, seed and effort give the same proposal, bit for bit, whatever the clock.

    Parameters
    ----------
    problem
        What is to be balanced.
    seed
        Any integer of at least 0.
    effort
        How hard to try; by default what the number of cells suggests.
    progress
        Told the share that is done, from 0 to 1, many times a second.
    cancelled
        Asked as often; true stops the work.

    Returns
    -------
    The proposal, ``None`` where it was cancelled. Its notes say what can't be reached and why.

    Raises
    ------
    InvalidInput
        As for `floor_of`.
    """
    floor = floor_of(problem)
    units = bundled(problem, floor)
    effort = _useful(
        effort or Effort.for_size(units.problem.land.size, problem.grids), problem, parts=len(floor.parts)
    )
    planned = effort.starts + effort.reheats + effort.renewals
    following = _Following(planned=planned, progress=progress, cancelled=cancelled)
    runs = SearchRuns(units, rounds=effort.rounds, seed=seed, step=following.step)
    ownership = _best(runs, effort)
    if ownership is None:
        return None
    following.step(planned, 0.0)
    return proposal_of(problem, floor, ownership.opening.number[ownership.grid][units.unit], seed=seed)


def _useful(effort: Effort, problem: BalanceProblem, *, parts: int) -> Effort:
    """The effort without what can change nothing: no search where each part is one grid."""
    if parts == problem.grids:
        return Effort(starts=1, reheats=0, renewals=0, rounds=1)
    reheats = 0 if problem.current is None else effort.reheats
    renewals = effort.renewals if problem.current is None else 0
    return Effort(starts=max(effort.starts, 1), reheats=reheats, renewals=renewals, rounds=effort.rounds)


def _best(runs: SearchRuns, effort: Effort) -> Ownership | None:
    """The best of all runs; ``None`` where one was stopped."""
    best: Ownership | None = None
    for _ in range(effort.starts):
        ownership = runs.fresh()
        if ownership is None:
            return None
        best = ownership if best is None else min(best, ownership, key=lambda candidate: candidate.key)
    tries = [runs.heated] * effort.reheats + [runs.renewed] * effort.renewals
    for better in tries:
        best = best and better(best)
    for _ in range(_STIFF_RUNS):
        if best is not None and not best.is_sound:
            best = runs.stiffened(best)
    return best
