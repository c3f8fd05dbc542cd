"""The ground of a territory as the phone draws it: borders with who serves, streets, land, buildings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import shapely
from sqlalchemy import select

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.figures.cards import members_of
from gisgrid.offline.territory import buildings_here, filled, outer_rings, own_grids, pairs_of
from gisgrid.places.models import Building
from gisgrid.places.queries import basemap, facilities
from gisgrid.storage.dialect import Bounds, in_bounds

_AROUND: Final = 0.0015
"""So far beyond the territory the ground is drawn, in degrees: about 150 m."""
_MOST_AROUND: Final = 400
"""So many buildings of others at most are drawn beside one's own."""


def ground_part(view: View) -> dict[str, Any]:
    """Borders of the own grids with who serves there, and the ground around; see the part ``ground``."""
    grids = own_grids(view)
    own = list(view.session.execute(select(Building.id, Building.footprint).where(buildings_here(view))))
    bounds = _bounds(view, grids, [row.footprint for row in own])
    drawn = basemap(view, bounds) if bounds else []
    return filled(
        grids=[_grid(view, grid) for grid in grids],
        streets=[filled(name=row["name"], line=pairs_of(shape)) for shape, row in drawn if _is_line(shape)],
        land=[
            filled(kind=row["kind"], rings=list(outer_rings(shape)))
            for shape, row in drawn
            if not _is_line(shape)
        ],
        around=_around(view, bounds, {row.id for row in own}),
    )


def facilities_part(view: View) -> list[dict[str, Any]]:
    """Places people are served at, with their office phones; see the part ``facilities``."""
    return [
        filled(
            id=row["id"],
            name=row["name"],
            type=row["type"],
            address=row["address"],
            phone=row["phone"],
            at=pairs_of(place) if place is not None else None,
        )
        for place, row in facilities(view)
    ]


def _grid(view: View, grid: TreeArea) -> dict[str, Any]:
    outline = view.present.outlines.get(grid.id)
    return filled(
        code=grid.code,
        name=grid.name,
        outline=pairs_of(outline) if outline is not None else None,
        members=members_of(view, grid),
    )


def _bounds(view: View, grids: Iterable[TreeArea], footprints: Iterable[shapely.Geometry]) -> Bounds | None:
    outlines = [view.present.outlines.get(grid.id) for grid in grids]
    drawn = [shape for shape in (*outlines, *footprints) if shape is not None]
    shapes = [shape for shape in drawn if not shapely.is_empty(shape)]
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(shapes)
    return (west - _AROUND, south - _AROUND, east + _AROUND, north + _AROUND)


def _around(view: View, bounds: Bounds | None, own: set[str]) -> list[Any]:
    """Outer rings of other buildings near by, the nearest to the middle first."""
    if bounds is None:
        return []
    middle = shapely.Point((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    here = is_of(view, PlacedKind.BUILDING, Building) & in_bounds(view.session, Building.footprint, bounds)
    rows = view.session.execute(select(Building.id, Building.footprint).where(here))
    others = [row for row in rows if row.id not in own]
    others.sort(key=lambda row: (middle.distance(row.footprint), row.id))
    return [ring for row in others[:_MOST_AROUND] for ring in outer_rings(row.footprint)]


def _is_line(shape: shapely.Geometry) -> bool:
    return bool(shapely.get_dimensions(shape) == 1)
