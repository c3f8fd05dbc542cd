"""What is redrawn: cells, who owns each, and the points that lie in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shapely.geometry.base import BaseGeometry

from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.edits.land import CellLand
from gisgrid.geometry.edits.points import Points


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A community's cells, tiling its outline exactly (EPSG:4326 on the lattice), with their owners.

    ``owner``: the micro grid of each cell; ``grid_of``: the grid of each micro grid. A grid that is not
    subdivided has one micro grid. ``used``: codes that must not be given again, closed ones included;
    ``floor``: the highest number a cell ever had. Never changed in place.

    Examples
    --------
    >>> import shapely
    >>> from gisgrid.geometry.lattice import as_array
    >>> shapes = as_array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> ground = Ground(
    ...     land=CellLand.of([1, 2], shapes),
    ...     owner={1: "A00", 2: "B00"},
    ...     grid_of={"A00": "A", "B00": "B"},
    ...     outline=shapely.union_all(shapes),
    ... )
    >>> ground.grids
    {'A': (1,), 'B': (2,)}
    """

    land: CellLand
    owner: Mapping[int, str]
    grid_of: Mapping[str, str]
    outline: BaseGeometry
    points: Points = field(default_factory=Points.none)
    used: frozenset[str] = frozenset()
    floor: int = 0

    def __post_init__(self) -> None:
        if self.owner.keys() != self.land.cells.keys():
            raise InvalidInput("every cell needs exactly one owner")
        if set(self.owner.values()) != self.grid_of.keys():
            raise InvalidInput("every micro grid needs a grid and at least one cell")

    @cached_property
    def micro_grids(self) -> dict[str, tuple[int, ...]]:
        """The cells of each micro grid, ascending."""
        return _grouped((cell, self.owner[cell]) for cell in self.land.numbers)

    @cached_property
    def grids(self) -> dict[str, tuple[int, ...]]:
        """The cells of each grid, ascending."""
        return _grouped((cell, self.grid_of[self.owner[cell]]) for cell in self.land.numbers)

    @cached_property
    def subdivision(self) -> dict[str, tuple[str, ...]]:
        """The micro grids of each grid, ascending."""
        micros_of: dict[str, list[str]] = {}
        for micro in sorted(self.grid_of):
            micros_of.setdefault(self.grid_of[micro], []).append(micro)
        return {grid: tuple(micros) for grid, micros in micros_of.items()}

    @property
    def next_number(self) -> int:
        """The number of the next cell that is made: higher than any before."""
        return max(self.floor, self.land.numbers[-1]) + 1

    def grid_at(self, cell: int) -> str:
        """The grid of a cell."""
        return self.grid_of[self.owner[cell]]

    def cells_of(self, code: str) -> tuple[int, ...]:
        """The cells of a grid or micro grid, ascending.

        Raises
        ------
        InvalidInput
            There is none with that code.
        """
        cells = self.grids.get(code) or self.micro_grids.get(code)
        if cells is None:
            raise InvalidInput(say("no grid with the code {code}", code=code), field="code")
        return cells

    def weight(self, cells: Iterable[int]) -> tuple[int, int, int]:
        """By what pieces are compared: households, cells, and the lower number where these are equal."""
        members = tuple(cells)
        households = sum(self.points.households.get(cell, 0) for cell in members)
        return households, len(members), -min(members)


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[str, tuple[int, ...]]:
    cells_of: dict[str, list[int]] = {}
    for cell, key in pairs:
        cells_of.setdefault(key, []).append(cell)
    return {key: tuple(cells) for key, cells in cells_of.items()}
