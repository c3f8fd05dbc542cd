"""Micro grids follow: which micro grid each cell gets when cells go to other grids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from gisgrid.errors import say
from gisgrid.geometry.edits.codes import next_micro_code
from gisgrid.geometry.edits.delta import Change, Delta, most_frequent
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.tear import FallsApart

Spot = tuple[str, str]
"""A micro grid and the grid it stands in; while cells move a micro grid may stand in several."""


@dataclass(slots=True)
class _Draft:
    """Owners while they are being decided."""

    ground: Ground
    spot: dict[int, Spot]
    home: dict[str, str]
    origin: dict[str, str] = field(default_factory=dict)


def regroup(ground: Ground, goes: Mapping[int, str], *, origin: Mapping[str, str] | None = None) -> Delta:
    """The delta of cells going to other grids or micro grids.

    A micro grid that goes whole moves with its cells, unless it and the target are the only ones of their
    grids, and so not seen: then they become one. Other cells join, one by one from the lowest number, the
    adjacent micro grid of the target with the longest common border; ties: the lowest code. What comes to a
    new grid, or reaches none of the target's, stays together as it was. Of a micro grid in pieces the one
    with most households keeps the code.

    Parameters
    ----------
    goes
        For each cell that changes the grid or micro grid it goes to.
    origin
        For each grid that isn't there yet the one it comes out of.

    Raises
    ------
    FallsApart
        A micro grid that was named as target would be in pieces.
    """
    spots = {cell: (micro, ground.grid_of[micro]) for cell, micro in ground.owner.items()}
    draft = _Draft(ground=ground, spot=spots, home=dict(ground.grid_of), origin=dict(origin or {}))
    named = {cell: to for cell, to in goes.items() if to in ground.grid_of}
    to_grid = {cell: to for cell, to in goes.items() if to not in ground.grid_of}
    for cell, micro in named.items():
        draft.spot[cell] = (micro, ground.grid_of[micro])
    _join(draft, _move_whole(draft, to_grid))
    touched = {ground.owner[cell] for cell in goes} | {draft.spot[cell][0] for cell in goes}
    _refuse_pieces(draft, set(named.values()))
    _rename_pieces(draft, touched)
    return _delta(draft, goes)


def _move_whole(draft: _Draft, to_grid: Mapping[int, str]) -> dict[int, str]:
    """Move micro grids that go whole; give the cells that are left to be placed."""
    leaving: dict[Spot, list[int]] = {}
    for cell, grid in to_grid.items():
        leaving.setdefault((draft.ground.owner[cell], grid), []).append(cell)
    left: dict[int, str] = {}
    for (micro, grid), cells in leaving.items():
        whole = len(cells) == len(draft.ground.micro_grids[micro])
        if whole and not _is_unseen(draft.ground, micro, grid):
            draft.home[micro] = grid
            draft.spot |= dict.fromkeys(cells, (micro, grid))
        else:
            left |= dict.fromkeys(cells, grid)
    return left


def _is_unseen(ground: Ground, micro: str, grid: str) -> bool:
    """Whether a micro grid and that of a grid are the only ones of their grids."""
    own = ground.subdivision[ground.grid_of[micro]]
    return len(own) == 1 and len(ground.subdivision.get(grid, ())) == 1


def _join(draft: _Draft, left: dict[int, str]) -> None:
    """Give cells to micro grids of the grid they go to; what touches none keeps its own there."""
    for cell, grid in left.items():
        draft.spot[cell] = ("", grid)
    ready = sorted(left)
    while ready:
        cell = heappop(ready)
        if cell not in left:
            continue
        micro = _longest(draft, cell, left[cell])
        if micro is None:
            continue
        draft.spot[cell] = (micro, left.pop(cell))
        for other in draft.ground.land.borders[cell]:
            if other in left:
                heappush(ready, other)
    for cell, grid in left.items():
        draft.spot[cell] = (draft.ground.owner[cell], grid)


def _longest(draft: _Draft, cell: int, grid: str) -> str | None:
    """The micro grid of a grid with the longest border to a cell, compared by centimetres."""
    metres: dict[str, float] = {}
    for other, length in sorted(draft.ground.land.borders[cell].items()):
        micro, where = draft.spot[other]
        if micro and where == grid and draft.home[micro] == grid:
            metres[micro] = metres.get(micro, 0.0) + length
    return min(metres, key=lambda micro: (-round(metres[micro], 2), micro), default=None)


def _refuse_pieces(draft: _Draft, micros: Iterable[str]) -> None:
    for micro in sorted(micros):
        cells = [cell for cell, spot in draft.spot.items() if spot[0] == micro]
        parts = len(draft.ground.land.parts(cells))
        if parts > len(draft.ground.land.parts(draft.ground.micro_grids[micro])):
            message = say(
                "micro grid {micro} would fall apart into {parts} parts: "
                "take or give the plots between them too",
                micro=micro,
                parts=parts,
            )
            raise FallsApart(message)


def _rename_pieces(draft: _Draft, touched: set[str]) -> None:
    """Of each micro grid in pieces keep the heaviest; the others become new ones where they are."""
    where: dict[Spot, list[int]] = {}
    for cell, spot in draft.spot.items():
        if spot[0] in touched:
            where.setdefault(spot, []).append(cell)
    for micro in sorted(touched):
        pieces = [
            (grid, piece)
            for (key, grid), cells in sorted(where.items())
            if key == micro
            for piece in draft.ground.land.parts(cells)
        ]
        _keep_heaviest(draft, micro, pieces)


def _keep_heaviest(draft: _Draft, micro: str, pieces: list[tuple[str, tuple[int, ...]]]) -> None:
    if not pieces:
        del draft.home[micro]
        return
    ground = draft.ground
    pieces = sorted(pieces, key=lambda entry: ground.weight(entry[1]), reverse=True)
    grid = pieces[0][0]
    draft.home[micro] = grid
    # Exclaves: as many parts as it had may stay one micro grid.
    room = max(1, len(ground.land.parts(ground.micro_grids[micro])))
    for place, piece in pieces:
        if place == grid and room:
            room -= 1
        else:
            _open(draft, micro, place, piece)


def _open(draft: _Draft, micro: str, grid: str, cells: tuple[int, ...]) -> None:
    known = [key for key, home in draft.home.items() if home == grid]
    taken = draft.ground.used | draft.ground.grid_of.keys() | draft.home.keys() | draft.ground.grids.keys()
    code = next_micro_code(grid, micros=known, used=taken)
    draft.home[code] = grid
    draft.origin[code] = micro
    draft.spot |= dict.fromkeys(cells, (code, grid))


def _delta(draft: _Draft, goes: Mapping[int, str]) -> Delta:
    ground = draft.ground
    owners: dict[int, Change[str | None]] = {
        cell: (ground.owner[cell], micro)
        for cell, (micro, _grid) in draft.spot.items()
        if micro != ground.owner[cell]
    }
    keys = ground.grid_of.keys() | draft.home.keys()
    micros: dict[str, Change[str | None]] = {
        key: (ground.grid_of.get(key), draft.home.get(key))
        for key in sorted(keys)
        if ground.grid_of.get(key) != draft.home.get(key)
    }
    closed_grids = sorted(ground.grids.keys() - set(draft.home.values()))
    after = {cell: grid for cell, (_micro, grid) in draft.spot.items() if cell in goes}
    heirs = {grid: most_frequent(after[cell] for cell in ground.grids[grid]) for grid in closed_grids}
    heirs |= {
        key: most_frequent(draft.spot[cell][0] for cell in ground.micro_grids[key])
        for key, (_before, home) in micros.items()
        if home is None
    }
    return Delta(owners=owners, micros=micros, origin=draft.origin, heir=heirs)


def with_new_micros(ground: Ground, groups: Iterable[tuple[int, ...]], *, of: str) -> Delta:
    """The delta of taking groups of cells out of a micro grid, each as a new one of the same grid."""
    spots = {cell: (micro, ground.grid_of[micro]) for cell, micro in ground.owner.items()}
    draft = _Draft(ground=ground, spot=spots, home=dict(ground.grid_of))
    for cells in groups:
        _open(draft, of, ground.grid_of[of], cells)
    return _delta(draft, {})
