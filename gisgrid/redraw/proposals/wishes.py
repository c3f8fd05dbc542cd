"""What somebody wants to be proposed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gisgrid.redraw.proposals.models import JobKind


class Start(StrEnum):
    """Where a balance starts."""

    CURRENT = "current"
    NOTHING = "nothing"


class Barriers(StrEnum):
    """How barriers are taken."""

    IGNORE = "ignore"
    AVOID = "avoid"
    NEVER = "never"


class BarrierSource(StrEnum):
    """What is a barrier: the border of a compound, a main street, any other street but lanes, water."""

    COMPOUNDS = "compounds"
    STREETS = "streets"
    SIDE_STREETS = "side_streets"
    WATER = "water"


class FewChanges(StrEnum):
    """How much today's grids count."""

    NONE = "none"
    BALANCED = "balanced"
    FEW = "few"


CHANGE_WEIGHTS: Final = {FewChanges.NONE: 0.0, FewChanges.BALANCED: 0.03, FewChanges.FEW: 0.3}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalWish:
    """What is to be proposed.

    ``grids`` or ``norm`` (households a grid): how many grids, by default as many as there are; ``scope``:
    codes of the grids that are shared out anew, or ``compound``, a compound's name or id: all unless locked;
    ``tolerance``: share of the norm by which a grid may be off; ``grid``, ``parts``: which grid gets how
    many micro grids. ``curve``: whether it is also worked out what other tolerances would change.
    """

    kind: JobKind = JobKind.BALANCE
    start: Start = Start.CURRENT
    grids: int | None = None
    norm: float | None = None
    scope: tuple[str, ...] = ()
    compound: str | None = None
    barriers: Barriers = Barriers.IGNORE
    barriers_from: tuple[BarrierSource, ...] = (BarrierSource.COMPOUNDS,)
    few_changes: FewChanges = FewChanges.BALANCED
    tolerance: float = 0.03
    seed: int = 1
    grid: str | None = None
    parts: int | None = None
    curve: bool = False
