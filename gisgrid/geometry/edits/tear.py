"""An edit that would leave an area in pieces: what it asked for is kept, so that it can be mended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits.ground import Ground

ANY_NUMBER: Final = 0
"""Into how many parts an area may fall that may be in any number of them, or vanish."""
BESIDE: Final = ""
"""The cells of a micro grid's own grid, which may pass between its micro grids as they like."""

Between = Callable[[Collection[str]], tuple[int, ...]]
"""Gives the cells that lie between, none of them of some (locked) grids; none where nothing mends it."""


class FallsApart(InvalidInput):
    """After the edit an area would be in pieces.

    ``between`` finds the cells that make it whole again, where the tool knows who takes them.
    """

    between: Between | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """Who would have each cell after an edit that leaves areas in pieces.

    ``owner``: the area of each cell; ``to``: the area that takes what lies between; ``parts``: in how many
    parts an area may be, `ANY_NUMBER` if that doesn't matter; of one not named as many as it is in.
    ``home``: in how many parts ``to`` may be together with what lies `BESIDE` it in its grid; `ANY_NUMBER`
    where it is a grid itself. ``moved``: the cells that the edit gives to another area.
    """

    ground: Ground
    owner: Mapping[int, str]
    to: str
    parts: Mapping[str, int]
    home: int = ANY_NUMBER
    moved: frozenset[int]


def torn_by(
    ground: Ground, goes: Mapping[int, str], to: str, *, allowed: Mapping[str, int] | None = None
) -> Torn:
    """What an edit would leave.

    Parameters
    ----------
    goes
        The grid or micro grid each cell goes to that changes it.
    to
        The grid, or micro grid, that the edit is for.
    allowed
        Areas that may have another number of parts than they have now.
    """
    home = ground.grid_of.get(to)

    def area(code: str) -> str:
        if code == to:
            return to
        grid = ground.grid_of.get(code, code)
        return BESIDE if grid == home else grid

    before = {cell: area(ground.owner[cell] if home else ground.grid_at(cell)) for cell in ground.owner}
    owner = before | {cell: area(code) for cell, code in goes.items()}
    touched = {before[cell] for cell in goes} | {owner[cell] for cell in goes} | {to}
    members: dict[str, list[int]] = {}
    for cell, code in before.items():
        members.setdefault(code, []).append(cell)
    parts = {code: max(len(ground.land.parts(members.get(code, ()))), 1) for code in touched}
    parts |= {BESIDE: ANY_NUMBER} | dict(allowed or {})
    around = max(len(ground.land.parts(ground.grids[home])), 1) if home else ANY_NUMBER
    return Torn(ground=ground, owner=owner, to=to, parts=parts, home=around, moved=frozenset(goes))


@contextmanager
def mended_by(find: Between) -> Iterator[None]:
    """Tell whoever refuses in here that an area falls apart how to find what mends it."""
    try:
        yield
    except FallsApart as fault:
        fault.between = find
        raise
