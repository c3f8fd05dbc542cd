"""Areas and divisions as answers name them."""

from __future__ import annotations

from typing_extensions import TypedDict

from gisgrid.areas.tree import TreeArea


class CodedName(TypedDict):
    """An area by its code and its name."""

    code: str
    name: str


class LeveledName(CodedName):
    """An area by its level, its code and its name."""

    level: str


class GridPlace(TypedDict):
    """The grid that something lies in; nothing outside all grids."""

    grid: str | None
    grid_name: str | None


def grid_place(grid: TreeArea | None) -> GridPlace:
    """A grid as that in which something lies."""
    return {"grid": grid.code if grid else None, "grid_name": grid.name if grid else None}


class GridPair(TypedDict):
    """A grid that was split from another, or merged with it."""

    grid: str
    other: str


class PublishedRow(TypedDict):
    """A division there has been, or one that waits for its day."""

    id: str
    revision: int
    published_at: str
    effective_at: str
    backdated: bool
    scheduled: bool
    reason: str
    by: str | None


class WithdrawnRow(TypedDict):
    """A scheduled revision that was withdrawn before its day; its number is not given again."""

    revision: int
    published_at: str
    effective_at: str
    reason: str
    by: str | None
    withdrawn_at: str
    withdrawn_by: str | None
    withdrawn_reason: str
