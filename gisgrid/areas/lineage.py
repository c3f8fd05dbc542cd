"""Which new cell came from which old one, written when cells are made anew."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from sqlalchemy import insert
from sqlalchemy.orm import Session

from gisgrid.areas.division import Division
from gisgrid.areas.models import CellLineage
from gisgrid.crs import FloatArray, IntArray
from gisgrid.geometry.lattice import GeometryArray

_LEAST_SHARE: Final = 1e-6
"""Less than a millionth of a cell is the rounding of its border, not land that changed hands."""


def cell_shares(old: GeometryArray, new: GeometryArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs of an old and a new cell with common land, and the part of the old one's area, 0 to 1.

    Cells are polygons in EPSG:4326; shares are of plane areas in degrees, which is exact enough for parts
    of one cell.
    """
    if not len(old) or not len(new):
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, np.empty(0)
    # Touching neighbours are most of what bounding boxes find: only what shares land is intersected.
    old_places, new_places = shapely.STRtree(new).query(old, predicate="intersects")
    common = shapely.area(shapely.intersection(old[old_places], new[new_places]))
    share = np.minimum(common / shapely.area(old)[old_places], 1.0)
    is_shared = share > _LEAST_SHARE
    return old_places[is_shared], new_places[is_shared], share[is_shared]


def write_lineage(session: Session, before: Division, after: Division) -> int:
    """Link each cell of a division to the cells it came from and give the number of links.

    Cells that stand in both are left out.
    """
    common = set(before.cell_ids) & set(after.cell_ids)
    old = np.array([cell not in common for cell in before.cell_ids], dtype=np.bool_)
    new = np.array([cell not in common for cell in after.cell_ids], dtype=np.bool_)
    old_ids, new_ids = np.array(before.cell_ids)[old], np.array(after.cell_ids)[new]
    old_places, new_places, share = cell_shares(before.cells[old], after.cells[new])
    rows = [
        {"old_id": str(old_ids[a]), "new_id": str(new_ids[b]), "share": float(part)}
        for a, b, part in zip(old_places, new_places, share, strict=True)
    ]
    if rows:
        session.execute(insert(CellLineage), rows)
    return len(rows)
