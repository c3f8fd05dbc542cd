"""A second community in the east of the demo, so that a grid can be given away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import select

from gisgrid.access.actors import local_actor
from gisgrid.areas.models import CellKind, Level, UnitCell
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.service import NewArea, add_areas, create_community
from gisgrid.crs import to_lattice
from tests.browser.serving import Site
from web.context import Services

CODE, NAME = "320999001002", "邻近社区(示例)"
_FOUNDED: Final = datetime(2020, 1, 1, tzinfo=UTC)
_WIDE_DEG: Final = 0.004


def found_beside(site: Site) -> str:
    """Found it along the eastern border of the one community there is; gives its code."""
    services: Services = site.app.extensions["gisgrid"]
    with services.database.write() as session:
        here = session.scalars(select(UnitCell.geom).where(UnitCell.valid_to.is_(None))).all()
        strip = _strip_beside(shapely.coverage_union_all(list(here)))
        actor = local_actor(session, "tester")
        community = NewArea(code=CODE, name=NAME, level=Level.COMMUNITY, parent_code=None)
        lon, lat = shapely.get_coordinates(strip.centroid)[0].tolist()
        place = create_community(session, actor, community, centre=(lon, lat), at=_FOUNDED)
        grid = NewArea(code=f"{CODE}001", name="邻近第1网格", level=Level.GRID, parent_code=CODE)
        add_areas(session, actor, place, [grid], at=_FOUNDED)
        cells = [NewCell(geom=strip, kind=CellKind.BLOCK, owner=grid.code)]
        publish_cells(session, actor, place, cells, at=_FOUNDED, reason="first division")
    return CODE


def _strip_beside(outline: Any) -> Any:
    """A polygon (EPSG:4326) that follows the eastern border of an outline vertex by vertex."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(outline))[:-1]
    west, south, east, north = outline.bounds
    first, last = (int(np.argmin(np.hypot(ring[:, 0] - east, ring[:, 1] - lat))) for lat in (south, north))
    way = np.roll(ring, -first, axis=0)[: (last - first) % len(ring) + 1]
    if way[:, 0].min() < (west + east) / 2:  # the long way round
        way = np.roll(ring, -last, axis=0)[: (first - last) % len(ring) + 1][::-1]
    far = to_lattice([[east + _WIDE_DEG, north], [east + _WIDE_DEG, south]])
    strip = shapely.Polygon(np.vstack([way, far]))
    assert strip.is_valid, "the border between the corners is no plain line"
    return shapely.normalize(shapely.orient_polygons(strip))
