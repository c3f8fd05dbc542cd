"""The hand-over of a grid between two communities, as either side sees it: its member goes along with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gisgrid.redraw.transfer.handovers import Pass

CROSSES: Final = "transfer"
"""Where a note of publishing keeps which grid went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferredGrid:
    """A grid that went: its code here, the code it got there, and both communities by code and name."""

    grid: str
    grid_there: str
    giver: str
    giver_name: str
    taker: str
    taker_name: str


def transferred_grid(details: Mapping[str, Any]) -> TransferredGrid | None:
    """The grid that went by a publishing, if one did."""
    kept = details.get(CROSSES)
    return TransferredGrid(**kept) if kept else None


def goes_away(part: Pass, crossing: TransferredGrid | None) -> bool:
    """Whether a part is the grid that goes; it is told also where nobody serves it."""
    return crossing is not None and part.source == crossing.grid and part.target is None


def arrived(passed: Sequence[Pass], crossing: TransferredGrid) -> list[Pass]:
    """What passed, as the community that took the grid in sees it: the grid alone, taken by its member."""
    return [
        replace(part, target=crossing.grid_there, giver=None, taker=part.giver)
        for part in passed
        if goes_away(part, crossing)
    ]


def beyond(part: Pass, crossing: TransferredGrid | None) -> str | None:
    """The community on the other side of what passes, by name."""
    if crossing is None:
        return None
    if goes_away(part, crossing):
        return crossing.taker_name
    return crossing.giver_name if part.target == crossing.grid_there else None
