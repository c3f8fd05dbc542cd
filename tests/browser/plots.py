"""A plot with two buildings, which the demo has none of: what a cell is divided by."""

from __future__ import annotations

import shapely
from sqlalchemy import inspect, select

from gisgrid.crs import to_lattice
from gisgrid.places.models import Building
from gisgrid.storage.base import new_id
from tests.browser.serving import Site
from web.context import Services

_GAP = 0.2
_OWN = {"fid", "id", "code", "address", "footprint"}


def two_buildings_in_a_cell(site: Site) -> str:
    """Make two buildings of one, with a gap between them; gives the id of their cell."""
    services: Services = site.app.extensions["gisgrid"]
    with services.database.write() as session:
        statement = select(Building).where(Building.cell_id.is_not(None)).order_by(Building.code)
        building = session.scalars(statement.limit(1)).one()
        west, south, east, north = building.footprint.bounds
        width = (east - west) * (1 - _GAP) / 2
        sides = [
            shapely.box(west, south, west + width, north),
            shapely.box(east - width, south, east, north),
        ]
        first, second = (
            shapely.transform(shapely.intersection(building.footprint, side), to_lattice) for side in sides
        )
        building.footprint = first
        columns = inspect(Building).column_attrs.keys()
        shared = {name: getattr(building, name) for name in columns if name not in _OWN}
        named = {"id": new_id(), "code": f"{building.code}-2", "address": f"{building.address}(东)"}
        session.add(Building(**shared, **named, footprint=second))
        return str(building.cell_id)
