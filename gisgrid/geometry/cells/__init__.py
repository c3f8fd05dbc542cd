"""Makes unit cells: street blocks, land of buildings, or one cell per given area, always fitting exactly."""

from __future__ import annotations

from gisgrid.geometry.cells.areas import Settlement, cells_from_areas, settle
from gisgrid.geometry.cells.make import make_cells
from gisgrid.geometry.cells.plan import Buildings, CellOrigin, CellPlan, LeftOut, Streets

__all__ = [
    "Buildings",
    "CellOrigin",
    "CellPlan",
    "LeftOut",
    "Settlement",
    "Streets",
    "cells_from_areas",
    "make_cells",
    "settle",
]
