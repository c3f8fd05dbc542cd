"""Which cells lie between: few that, given along with an edit, make the areas whole that it would tear."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Final

import shapely

from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.tear import ANY_NUMBER, BESIDE, Torn

_MOST_TRIES: Final = 400
"""So many choices of cells that areas keep are tried where they would vanish otherwise."""
_NEVER: Final = 1_000_000
_WITHIN: Final = "within"
_OUTSIDE: Final = "outside"
_OTHERS: Final = "others"
Cost = tuple[int, int]
"""Cells, then households, that go along."""


class _Vanishing(Exception):  # noqa: N818 - tells which area nothing would be left of
    def __init__(self, area: str) -> None:
        super().__init__(area)
        self.area = area


def cells_between(torn: Torn, locked: Collection[str] = ()) -> tuple[int, ...]:
    """The cells to give to ``torn.to`` as well so that no area is left in more parts than it may be.

    Ways over cell borders from piece to piece, by fewest cells and then fewest households; what they or the
    edit cut off of other areas goes along. No cell is given in vain, and each area keeps one. Found whenever
    there are such cells; ascending.

    Parameters
    ----------
    locked
        Grids whose cells stay.

    Returns
    -------
    No cell where no such cells exist, or the edit itself takes from a locked grid.
    """
    ground = torn.ground
    fixed = frozenset(cell for grid in locked for cell in ground.grids.get(grid, ()))
    to_grid = ground.grid_of.get(torn.to, torn.to)
    if fixed & torn.moved or to_grid in locked:
        return ()
    return _Search(torn=torn, fixed=fixed).found()


def land_between(before: Ground, after: Ground, grid: str, locked: Collection[str] = ()) -> tuple[int, ...]:
    """The cells of a grid that have to stay whole so that another outline doesn't leave it in more parts.

    Cells of ``before``, ascending: those that hang the parts together which the new outline leaves of it.
    """
    if grid in locked:
        return ()
    own, land = before.grids[grid], before.land
    whole = {cell for cell in own if cell in after.land.cells}
    cut = [part for part in after.land.parts(after.grids[grid]) if whole.isdisjoint(part)]
    rest = {_before_of(before, after, part[0]) for part in cut}
    named = {cell: _WITHIN if cell in whole | rest else _OUTSIDE for cell in own}
    torn = Torn(
        ground=before,
        owner=dict.fromkeys(land.numbers, _OTHERS) | named,
        to=_WITHIN,
        parts={_WITHIN: len(land.parts(own)), _OUTSIDE: ANY_NUMBER},
        moved=frozenset(),
    )
    bridge = _Search(torn=torn, fixed=frozenset(land.numbers) - frozenset(own)).found()
    return tuple(sorted({*bridge, *rest}))


def _before_of(before: Ground, after: Ground, cell: int) -> int:
    """The cell that a part of one was cut from."""
    return before.land.near(shapely.point_on_surface(after.land.cells[cell]))[0]


@dataclass(kw_only=True)
class _Search:
    """A search for what lies between, over every choice of cells that areas keep."""

    torn: Torn
    fixed: frozenset[int]
    members: dict[str, frozenset[int]] = field(init=False)
    tries: int = 0

    def __post_init__(self) -> None:
        cells: dict[str, set[int]] = {}
        for cell, area in self.torn.owner.items():
            cells.setdefault(area, set()).add(cell)
        self.members = {area: frozenset(own) for area, own in cells.items()}

    def found(self) -> tuple[int, ...]:
        empty = self.torn.parts.keys() - self.members.keys()
        if any(self.torn.parts[area] != ANY_NUMBER for area in empty):
            return ()  # an area of which the edit takes all
        best = self._best({})
        return tuple(sorted(best)) if best else ()

    def room(self, area: str) -> int:
        """In how many parts an area may be."""
        known = self.torn.parts.get(area)
        return len(self.torn.ground.land.parts(self.members[area])) if known is None else known

    def _best(self, kept: Mapping[str, int]) -> set[int] | None:
        """The best set for areas that keep certain cells; where one vanishes each of its cells is tried."""
        self.tries += 1
        if self.tries > _MOST_TRIES:
            return None
        try:
            grown = _Growth(search=self, kept=frozenset(kept.values())).grown()
        except _Vanishing as gone:
            choices = (self._best({**kept, gone.area: cell}) for cell in sorted(self.members[gone.area]))
            return min((choice for choice in choices if choice), key=self.cost, default=None)
        return grown

    def cost(self, cells: Iterable[int]) -> Cost:
        """Cells and households."""
        homes, members = self.torn.ground.points.households, list(cells)
        return len(members), sum(homes.get(cell, 0) for cell in members)


@dataclass(kw_only=True)
class _Growth:
    """Cells taken so far, one way or cut-off piece after the other; ``kept`` cells are never taken."""

    search: _Search
    kept: frozenset[int]
    taken: set[int] = field(default_factory=set)
    rooms: dict[str, int] = field(default_factory=dict)

    def grown(self) -> set[int] | None:
        """All cells that are needed; nothing where there is no way."""
        doubtful = set(self.search.torn.parts)
        while True:
            loose = {cell for area in sorted(doubtful) for cell in self._cut_off(area, self.taken)}
            if not loose:
                pieces = self._surplus_pieces(self.taken)
                if not pieces:
                    return self._pruned()
                way = self._cheapest_way(pieces)
                if not way:
                    return None
                loose = way
            self.taken |= loose
            doubtful = {self.search.torn.owner[cell] for cell in loose}

    def _room(self, area: str) -> int:
        if area not in self.rooms:
            self.rooms[area] = self.search.room(area)
        return self.rooms[area]

    def _surplus_pieces(self, taken: set[int]) -> list[tuple[int, ...]]:
        """The pieces of the area that takes, or of its grid, where they are more than they may be."""
        torn, members = self.search.torn, self.search.members
        pieces = torn.ground.land.parts(members[torn.to] | taken)
        if len(pieces) > self._room(torn.to):
            return pieces
        if torn.home == ANY_NUMBER:
            return []
        pieces = torn.ground.land.parts(members[torn.to] | taken | members.get(BESIDE, frozenset()))
        return pieces if len(pieces) > torn.home else []

    def _cut_off(self, area: str, taken: set[int]) -> set[int]:
        """The least pieces of an area that have to go along since it would be in too many parts."""
        torn = self.search.torn
        if area == torn.to or self._room(area) == ANY_NUMBER or area not in self.search.members:
            return set()
        left = self.search.members[area] - taken
        if not left:
            raise _Vanishing(area)
        pieces = torn.ground.land.parts(left)
        surplus = len(pieces) - self._room(area)
        if surplus <= 0:
            return set()
        loose = [piece for piece in pieces if self._may_go(piece, taken)]
        loose.sort(key=self.search.cost)
        return {cell for piece in loose[:surplus] for cell in piece}

    def _may_go(self, piece: tuple[int, ...], taken: set[int]) -> bool:
        torn, borders = self.search.torn, self.search.torn.ground.land.borders
        if not self.kept.isdisjoint(piece) or not self.search.fixed.isdisjoint(piece):
            return False
        return any(
            other in taken or torn.owner[other] == torn.to for cell in piece for other in borders[cell]
        )

    def _cheapest_way(self, pieces: list[tuple[int, ...]]) -> set[int] | None:
        """The cells of the cheapest way between any two pieces."""
        borders = self.search.torn.ground.land.borders
        piece_of = {cell: at for at, piece in enumerate(pieces) for cell in piece}
        cost: dict[int, Cost] = dict.fromkeys(piece_of, (0, 0))
        before: dict[int, int] = {}
        waiting = [(0, 0, cell) for cell in piece_of]
        heapify(waiting)
        best: tuple[Cost, int, int] | None = None
        done: set[int] = set()
        prices: dict[int, Cost] = {}
        while waiting:
            cells, homes, cell = heappop(waiting)
            if best and (cells, homes) > best[0]:
                break
            if cell in done:
                continue
            done.add(cell)
            for other in sorted(borders[cell]):
                if other in done:
                    if piece_of[other] != piece_of[cell]:
                        whole = (cells + cost[other][0], homes + cost[other][1])
                        best = min(best or (whole, cell, other), (whole, cell, other))
                    continue
                if other not in prices:
                    prices[other] = self._price(other)
                reached = (cells + prices[other][0], homes + prices[other][1])
                if prices[other][0] < _NEVER and (other not in cost or reached < cost[other]):
                    cost[other], before[other], piece_of[other] = reached, cell, piece_of[cell]
                    heappush(waiting, (*reached, other))
        return None if best is None else {*_traced(before, best[1]), *_traced(before, best[2])}

    def _price(self, cell: int) -> Cost:
        """What taking a cell costs, with what it would cut off of its area."""
        area = self.search.torn.owner[cell]
        if cell in self.kept or cell in self.search.fixed:
            return _NEVER, 0
        try:
            along = self._cut_off(area, self.taken | {cell})
        except _Vanishing:
            return _NEVER // 2, 0
        return self.search.cost({cell} | along)

    def _pruned(self) -> set[int]:
        """What is left when no cell more can be left out."""
        is_fewer = True
        while is_fewer:
            is_fewer = False
            for cell in sorted(self.taken, key=lambda cell: (self.search.cost([cell]), cell), reverse=True):
                left = self.taken - {cell}
                if self._is_whole(left, self.search.torn.owner[cell]):
                    self.taken, is_fewer = left, True
        return self.taken

    def _is_whole(self, taken: set[int], area: str) -> bool:
        land = self.search.torn.ground.land
        if self._surplus_pieces(taken):
            return False
        room = self._room(area)
        return room == ANY_NUMBER or len(land.parts(self.search.members[area] - taken)) <= room


def _traced(before: Mapping[int, int], cell: int) -> list[int]:
    """The cells of a way back to where it began, without the first, which is there already."""
    way = []
    while cell in before:
        way.append(cell)
        cell = before[cell]
    return way
