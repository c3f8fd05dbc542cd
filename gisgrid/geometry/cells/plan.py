"""What goes into the making of cells, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import IntArray
from gisgrid.geometry.lattice import GeometryArray

BoolArray = npt.NDArray[np.bool_]


class CellOrigin(StrEnum):
    """What a cell was made from."""

    BUILDING = "building"
    BLOCK = "block"
    AREA = "area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets:
    """Street lines in EPSG:4326 and what is known of them; an empty sequence means not known.

    ``kinds`` are the usual words of street maps (``residential``, ``footway``, ``trunk_link``…), ``layers``
    is 0 on the ground, negative below, positive above.
    """

    lines: GeometryArray
    kinds: Sequence[str | None] = ()
    names: Sequence[str | None] = ()
    is_tunnel: Sequence[bool] = ()
    is_bridge: Sequence[bool] = ()
    layers: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Buildings:
    """Footprints in EPSG:4326; ``is_part`` marks those that only describe a part of another building."""

    footprints: GeometryArray
    is_part: Sequence[bool] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that was given and not used as it was: what, why, and how many."""

    what: str
    why: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPlan:
    """Cells that tile ``outline`` exactly (see `gisgrid.geometry.partition.check_tiling`).

    ``cells``: polygons in EPSG:4326 on the lattice, ``kind`` and ``area`` per cell (``area``: index of the
    given area, -1 where none was given). ``building_cell``: per given building the index of the cell that
    its point on surface lies in, -1 outside. ``moved_m2``: square metres that changed hands when overlaps
    and narrow gaps between given areas were settled; ``holes``: wide gaps that stay holes of the outline.
    """

    cells: GeometryArray
    outline: BaseGeometry
    kind: tuple[CellOrigin, ...]
    area: IntArray
    building_cell: IntArray
    left_out: tuple[LeftOut, ...] = ()
    moved_m2: float = 0.0
    holes: tuple[BaseGeometry, ...] = field(default=())

    def buildings_of(self, cell: int) -> IntArray:
        """Indexes of the given buildings that lie in a cell."""
        return np.flatnonzero(self.building_cell == cell)
