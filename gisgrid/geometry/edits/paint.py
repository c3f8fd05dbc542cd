"""Cells change hands: painting some of them, merging whole grids."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.geometry.edits.bridges import cells_between
from gisgrid.geometry.edits.delta import Delta
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.micro_grids import regroup
from gisgrid.geometry.edits.soundness import refuse_broken_grids
from gisgrid.geometry.edits.tear import ANY_NUMBER, FallsApart, mended_by, torn_by


def paint(ground: Ground, cells: Collection[int], to: str) -> Delta:
    """Give cells to a grid or to a micro grid. No geometry changes and no point moves.

    Cells that are there already stay; with none to give the delta is empty.

    Raises
    ------
    FallsApart
        A grid would be in pieces; the fault finds the cells between.
    InvalidInput
        No cell with such a number, no grid with the code; a grid would vanish.
    """
    refuse_unknown(ground, cells)
    ground.cells_of(to)
    there = ground.grid_at if to in ground.grids else ground.owner.__getitem__
    goes = {cell: to for cell in sorted(cells) if there(cell) != to}
    if not goes:
        return Delta()
    grid = to if to in ground.grids else ground.grid_of[to]
    with mended_by(lambda locked: cells_between(torn_by(ground, goes, to), locked)):
        refuse_broken_grids(ground, {cell: grid for cell in goes if ground.grid_at(cell) != grid})
        return regroup(ground, goes)


def refuse_unknown(ground: Ground, cells: Collection[int]) -> None:
    """Refuse numbers of which there is no cell."""
    unknown = sorted(set(cells) - ground.owner.keys())
    if unknown:
        faults = [Fault(message=say("no cell with the number {cell}", cell=cell)) for cell in unknown]
        raise InvalidInput(faults)


def merge(ground: Ground, grids: Sequence[str], keep: str, *, also: Collection[int] = ()) -> Delta:
    """Make one of several grids, or of several micro grids, that hang together.

    Parameters
    ----------
    also
        Cells of others that go along.

    Raises
    ------
    FallsApart
        They don't border on each other, or a grid would be in pieces; the fault finds the cells between.
    InvalidInput
        Fewer than two, an unknown code, grids mixed with micro grids, or ``keep`` not among them.
    """
    refuse_unknown(ground, also)
    names = sorted(set(grids))
    for code in names:
        ground.cells_of(code)
    if len(names) < 2:
        raise InvalidInput("merging needs at least two grids")
    if keep not in names:
        raise InvalidInput(say("grid {keep} is not among those to be merged", keep=keep))
    if len({code in ground.grids for code in names}) > 1:
        raise InvalidInput("grids and micro grids can't be merged with each other")
    merged = {cell for code in names for cell in ground.cells_of(code)}
    goes = {cell: keep for cell in sorted(merged | set(also)) if cell not in set(ground.cells_of(keep))}
    # Each border between two of them joins at least two parts to one.
    parts = sum(len(ground.land.parts(ground.cells_of(name))) for name in names) - len(names) + 1
    allowed = {name: ANY_NUMBER for name in names if name != keep} | {keep: parts}
    with mended_by(lambda locked: cells_between(torn_by(ground, goes, keep, allowed=allowed), locked)):
        _refuse_apart(ground, names, keep, also=also)
        if keep not in ground.grids:
            return paint(ground, goes, keep)
        refuse_broken_grids(ground, goes, allowed=allowed)
        return regroup(ground, goes)


def _refuse_apart(ground: Ground, names: list[str], keep: str, *, also: Collection[int]) -> None:
    """Refuse areas of which some can't be reached from ``keep`` over borders between them."""
    owner = dict.fromkeys(also, keep) | {cell: name for name in names for cell in ground.cells_of(name)}
    beside: dict[str, set[str]] = {name: set() for name in names}
    for cell, name in owner.items():
        beside[name] |= {owner[other] for other in ground.land.borders[cell] if other in owner}
    reached, waiting = {keep}, [keep]
    while waiting:
        fresh = beside[waiting.pop()] - reached
        reached |= fresh
        waiting += fresh
    apart = sorted(set(names) - reached)
    if apart:
        message = say(
            "{apart} and {keep} have no common border: merge the grids between them too",
            apart=", ".join(apart),
            keep=keep,
        )
        raise FallsApart(message)
