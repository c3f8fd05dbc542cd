"""What a program does that stores with each household where it belongs: look all of them up anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gisgrid.geometry.locate import CoveringIndex

_UPDATE: Final = """
UPDATE {table} SET cell_id = unit_cell.id FROM unit_cell
WHERE unit_cell.valid_to IS NULL AND ST_Covers(unit_cell.geom, {place})
"""
_PLACED: Final = {
    "household": "household.position",
    "building": "ST_PointOnSurface(building.footprint)",
    "case_file": "case_file.position",
    "facility": "facility.position",
}
"""Tables whose rows lie in a cell, each with the point that decides it."""
_GRID_UPDATE: Final = """
UPDATE household SET cell_id = household.cell_id
FROM area_outline JOIN area ON area.id = area_outline.area_id
WHERE area.level = 'grid' AND area_outline.valid_to IS NULL
AND ST_Covers(area_outline.geom, household.position)
"""
_CELLS: Final = "SELECT id, number, geom FROM unit_cell WHERE valid_to IS NULL ORDER BY number"
_POINTS: Final = "SELECT id, ST_X(position), ST_Y(position) FROM household WHERE position IS NOT NULL"


def by_sql(session: Session) -> int:
    """The obvious statements: everything that lies somewhere gets the cell that covers it."""
    return sum(_rows(session, _UPDATE.format(table=table, place=place)) for table, place in _PLACED.items())


def households_by_sql(session: Session) -> int:
    """The first of them alone: every household gets the cell that covers it."""
    return _rows(session, _UPDATE.format(table="household", place=_PLACED["household"]))


def by_grids(session: Session) -> int:
    """The same with the outlines of grids, as where there are no cells."""
    return _rows(session, _GRID_UPDATE)


def by_arrays(session: Session) -> int:
    """Read all points, ask the covering index, write the answers to a narrow table by COPY."""
    cells = session.execute(sa.text(_CELLS.replace("geom", "ST_AsBinary(geom)"))).all()
    shapes = np.asarray(shapely.from_wkb([row[2] for row in cells]), dtype=np.object_)
    index = CoveringIndex.build(shapes, rank=np.array([row[1] for row in cells], dtype=np.int64))
    points = session.execute(sa.text(_POINTS)).all()
    x, y = np.array([row[1] for row in points]), np.array([row[2] for row in points])
    found = index.locate(x, y).area.tolist()
    session.execute(sa.text("CREATE TEMPORARY TABLE recomputed (id text, cell_id text) ON COMMIT DROP"))
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy("COPY recomputed FROM STDIN") as copy:
        for row, at in zip(points, found, strict=True):
            copy.write_row((row[0], None if at < 0 else cells[at][0]))
    return len(points)


def _rows(session: Session, statement: str) -> int:
    done = session.execute(sa.text(statement))
    assert isinstance(done, sa.CursorResult)
    return int(done.rowcount)


WAYS: Final[dict[str, Callable[[Session], int]]] = {
    "UPDATE household, building, case_file, facility FROM unit_cell WHERE ST_Covers": by_sql,
    "the same of households alone": households_by_sql,
    "UPDATE household FROM outlines of grids WHERE ST_Covers": by_grids,
    "covering index in the process, COPY into a narrow table": by_arrays,
}
