"""How a long work tells how far it is, and is stopped: what it calls between its parts."""

from __future__ import annotations

from collections.abc import Callable

Pulse = Callable[[int], None]
"""Is told after each batch how many rows are done; what it raises ends the work, and nothing is kept."""

Step = Callable[[], None]
"""Is called between the stages of a work; what it raises ends the work, and nothing is kept."""


def no_pulse(_done: int) -> None:
    """For whoever wants no progress."""


def no_step() -> None:
    """For whoever wants no progress."""


def part_of(pulse: Pulse, rows: int, *, first: float, last: float) -> Pulse:
    """What tells ``pulse`` of one part of the work on some rows, from one share of the whole to another."""
    return lambda done: pulse(int(rows * first + min(done, rows) * (last - first)))


def stages_of(pulse: Pulse, rows: int, count: int) -> Step:
    """What tells ``pulse`` of a work on some rows that is done in so many stages."""
    ended = 0

    def step() -> None:
        nonlocal ended
        ended = min(ended + 1, count)
        pulse(rows * ended // count)

    return step
