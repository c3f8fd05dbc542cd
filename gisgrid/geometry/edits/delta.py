"""What an edit changes, so that it can be applied, taken back to the bit, and joined with the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import Conflict
from gisgrid.geometry.edits.ground import Ground

K = TypeVar("K")
V = TypeVar("V")
Change = tuple[V, V]
"""A value before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The part of an old cell's area, 0 to 1, that went to a new cell."""

    old: int
    new: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """The changes of one edit; polygons are EPSG:4326 on the lattice.

    ``owners``: micro grid of a cell before and after, None where the cell isn't there. ``removed``,
    ``added``: cells that go and come; a number in both is a cell that only got vertices on its border.
    ``links``: where new cells come from. ``micros``: grid of a micro grid before and after, None where it
    isn't open. ``points``: cell of a point before and after. ``origin``: for an opened grid or micro grid
    the one it came out of; ``heir``: for a closed one the one that took most of it. These two and
    ``links`` tell of the edit as it was made, also in its inverse. ``outline``: the community's before and
    after, where an edit changes it.
    """

    owners: Mapping[int, Change[str | None]] = field(default_factory=dict)
    removed: Mapping[int, shapely.Polygon] = field(default_factory=dict)
    added: Mapping[int, shapely.Polygon] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    micros: Mapping[str, Change[str | None]] = field(default_factory=dict)
    points: Mapping[int, Change[int]] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    heir: Mapping[str, str] = field(default_factory=dict)
    outline: Change[BaseGeometry] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        changes = (self.owners, self.removed, self.added, self.micros, self.points)
        return not any(changes) and self.outline is None

    @property
    def opened(self) -> tuple[str, ...]:
        """Micro grids that weren't there before, in order."""
        return tuple(sorted(key for key, (before, _after) in self.micros.items() if before is None))

    @property
    def closed(self) -> tuple[str, ...]:
        """Micro grids that aren't there any more, in order."""
        return tuple(sorted(key for key, (_before, after) in self.micros.items() if after is None))

    @property
    def moved(self) -> tuple[str, ...]:
        """Micro grids that go to another grid, in order."""
        return tuple(sorted(key for key, change in self.micros.items() if None not in change))


def apply(ground: Ground, delta: Delta) -> Ground:
    """The ground after a delta; what the delta doesn't name is shared, not copied.

    Raises
    ------
    Conflict
        The ground isn't the one the delta was made on.
    """
    _refuse_another_ground(ground, delta)
    if delta.is_empty:
        return ground
    land = ground.land
    if delta.removed or delta.added:
        land = land.replaced(delta.removed, delta.added)
    return replace(
        ground,
        land=land,
        owner=_changed(ground.owner, delta.owners),
        grid_of=_changed(ground.grid_of, delta.micros),
        points=ground.points.moved(delta.points),
        outline=ground.outline if delta.outline is None else delta.outline[1],
    )


def _changed(known: Mapping[K, V], changes: Mapping[K, Change[V | None]]) -> dict[K, V]:
    result = dict(known)
    for key, (_before, after) in changes.items():
        if after is None:
            del result[key]
        else:
            result[key] = after
    return result


def _refuse_another_ground(ground: Ground, delta: Delta) -> None:
    fits = (
        all(ground.owner.get(cell) == before for cell, (before, _after) in delta.owners.items())
        and all(ground.grid_of.get(key) == before for key, (before, _after) in delta.micros.items())
        and all(ground.land.cells.get(cell) == shape for cell, shape in delta.removed.items())
        and all(cell not in ground.land.cells for cell in delta.added.keys() - delta.removed.keys())
        and all(ground.points.cell[index] == before for index, (before, _after) in delta.points.items())
        and (delta.outline is None or ground.outline == delta.outline[0])
    )
    if not fits:
        raise Conflict("the division has changed since this edit was made: load it again")


def compose(first: Delta, second: Delta) -> Delta:
    """One delta for two, the second of which was made after the first.

    What the second takes back of the first is in neither; an heir that goes up in another is replaced by it.
    """
    passing = first.added.keys() & second.removed.keys()
    lasting = {cell: shape for cell, shape in second.removed.items() if cell not in passing}
    removed = {**first.removed, **lasting}
    added = {cell: shape for cell, shape in first.added.items() if cell not in passing}
    added |= second.added
    same = [cell for cell in removed.keys() & added.keys() if removed[cell] == added[cell]]
    for cell in same:
        del removed[cell], added[cell]
    return Delta(
        owners=_chained(first.owners, second.owners),
        removed=removed,
        added=added,
        links=_chained_links(first.links, second.links),
        micros=_chained(first.micros, second.micros),
        points=_chained(first.points, second.points),
        origin={**second.origin, **first.origin},
        heir={key: second.heir.get(to, to) for key, to in first.heir.items()} | dict(second.heir),
        outline=_joined(first.outline, second.outline),
    )


def _joined(
    first: Change[BaseGeometry] | None, second: Change[BaseGeometry] | None
) -> Change[BaseGeometry] | None:
    if first is None or second is None:
        return first or second
    return None if first[0] == second[1] else (first[0], second[1])


def _chained(first: Mapping[K, Change[V]], second: Mapping[K, Change[V]]) -> dict[K, Change[V]]:
    chained = dict(first)
    for key, (before, after) in second.items():
        chained[key] = (first[key][0] if key in first else before, after)
    return {key: change for key, change in chained.items() if change[0] != change[1]}


def _chained_links(first: tuple[Link, ...], second: tuple[Link, ...]) -> tuple[Link, ...]:
    """Links from the cells before both to the cells after both."""
    replaced = {link.old for link in second}
    new_cells = {link.new for link in first}
    through = [
        Link(old=former.old, new=latter.new, share=former.share * latter.share)
        for former in first
        for latter in second
        if latter.old == former.new
    ]
    unchanged = [link for link in first if link.new not in replaced]
    fresh = [link for link in second if link.old not in new_cells]
    return tuple(unchanged + through + fresh)


def most_frequent(codes: Iterable[str]) -> str:
    """Who took most of what goes: the code named most often; ties: the lowest."""
    counts = Counter(codes)
    return min(counts, key=lambda code: (-counts[code], code))
