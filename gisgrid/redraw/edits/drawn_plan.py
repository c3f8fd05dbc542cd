"""A plan as drawn: its ground, and all that its edits have changed since the revision it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gisgrid.geometry.edits import Delta, Ground
from gisgrid.redraw.edits.duty_changes import DutyChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A grid that goes to another community: its code, theirs, and that of the area there it comes under."""

    grid: str
    to: str
    parent: str | None


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A plan after some edits: ground, all changes since the revision as one delta, names, duties, codes.

    ``transfer``: the grid that it gives to another community, if any. ``came_from``: for each edit drawn,
    the grids its painted cells were of before, by code; empty for edits of other kinds.
    """

    ground: Ground
    delta: Delta = field(default_factory=Delta)
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    duties: tuple[DutyChange, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    transfer: Transfer | None = None
    came_from: tuple[tuple[str, ...], ...] = ()


def passed_on(before: Ground, after: Ground) -> list[int]:
    """Numbers of the cells whose grid differs, also where their micro grid moved as a whole.

    Cells that only one of the two grounds has are among them.
    """
    return [
        cell
        for cell in sorted(before.owner.keys() | after.owner.keys())
        if cell not in before.owner or cell not in after.owner or before.grid_at(cell) != after.grid_at(cell)
    ]
