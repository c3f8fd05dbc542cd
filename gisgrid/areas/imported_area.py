"""Areas as a file gives them, before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gisgrid.areas.models import GridType, Level
from gisgrid.crs import IntArray
from gisgrid.geometry.lattice import GeometryArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedArea:
    """One area as a file has it. ``parent_code`` is empty for "directly under the community"."""

    row: int
    code: str
    name: str
    parent_code: str | None = None
    grid_type: GridType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDivision:
    """Areas of one level that tile a community.

    ``cells``: polygons in EPSG:4326 on the lattice that fit exactly, ``owner``: per cell the index of its
    area.
    """

    level: Level
    areas: Sequence[ImportedArea]
    cells: GeometryArray
    owner: IntArray
