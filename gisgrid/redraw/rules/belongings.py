"""What goes along when a grid goes to another community, by where it lies: streets, water, green, compounds.

Streets and land are cut at the new border of the community where they lie on both sides of it. A compound is
never cut: it is a place that buildings of two communities may name, and belongs to the one with most of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from gisgrid.areas.models import Area, AreaName, Level, PlacedKind
from gisgrid.areas.view import View
from gisgrid.crs import stored_crs, to_lattice
from gisgrid.errors import Sentence, say
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.measure import transformed
from gisgrid.geometry.partition import union_outline
from gisgrid.places.models import Building, Compound, Landscape, Street
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.impact import grid_names
from gisgrid.redraw.rules.rules import FindingRow, Weight
from gisgrid.storage.base import valid_at
from gisgrid.storage.dialect import in_bounds

_ON_BORDER_DEG: Final = 5e-6
"""So near, about half a metre, a line lies on a border and belongs to both sides of it."""
_LEAST_M: Final = 5.0
"""A shorter piece of a street isn't cut off."""
_LEAST_M2: Final = 20.0
"""A smaller piece of water or green isn't cut off."""
_NAMED: Final = 5
_TABLES: Final[tuple[type[Street | Landscape], ...]] = (Street, Landscape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A street, water or green that goes: ``go`` in EPSG:4326, and what ``stay``s where it is cut."""

    table: type[Street | Landscape]
    fid: int
    name: str | None
    go: BaseGeometry
    stay: BaseGeometry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundShare:
    """A compound with buildings that go; ``moves`` where it belongs to the other community from then on."""

    id: str
    name: str
    going: int
    staying: int
    moves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """All that goes along with a grid beside what lies in its cells."""

    shares: tuple[Share, ...]
    compounds: tuple[CompoundShare, ...]


def belongings(view: View, base: PlanGround, drawing: Drawing) -> Belongings:
    """What goes along with the grid a plan gives away, as all is now; nothing where it gives none."""
    transfer = drawing.transfer
    if transfer is None or transfer.grid not in base.ground.grids:
        return Belongings(shares=(), compounds=())
    key = (transfer.grid, transfer.to)
    return view.remembered("belongings", *key, make=lambda: _found(view, base, drawing))


def _found(view: View, base: PlanGround, drawing: Drawing) -> Belongings:
    assert drawing.transfer is not None  # noqa: S101 - asked by the one caller
    cells = base.ground.grids[drawing.transfer.grid]
    given = union_outline(base.ground.land.shapes_of(cells))
    left = drawing.ground.outline
    shares = [
        share
        for table in _TABLES
        for share in _shares(view, table, given, left, metric=base.ground.land.metric)
    ]
    going = {
        base.objects.ids[at]
        for at in base.ground.points.inside(cells).tolist()
        if base.objects.kinds[at] == PlacedKind.BUILDING
    }
    return Belongings(
        shares=tuple(shares), compounds=tuple(_compounds(view, going, taker=drawing.transfer.to))
    )


def _shares(
    view: View,
    table: type[Street | Landscape],
    given: BaseGeometry,
    left: BaseGeometry,
    *,
    metric: pyproj.CRS,
) -> Iterable[Share]:
    """Rows of a table that go, whole or in part."""
    statement = select(table.fid, table.name, table.geom).where(
        table.community_id == view.community.id, in_bounds(view.session, table.geom, given.bounds)
    )
    rows = view.session.execute(statement.order_by(table.fid)).all()
    if not rows:
        return
    kept = shapely.buffer(left, _ON_BORDER_DEG)
    goes = shapely.difference(shapely.buffer(given, _ON_BORDER_DEG), kept)
    shapes = as_array([row.geom for row in rows])
    inside, outside = shapely.intersection(shapes, goes), shapely.difference(shapes, goes)
    least = _LEAST_M if table is Street else _LEAST_M2
    is_going = _sizes(inside, table, metric) >= least
    is_staying = _sizes(shapely.intersection(outside, kept), table, metric) >= least
    for at in np.flatnonzero(is_going).tolist():
        row, cut = rows[at], bool(is_staying[at])
        yield Share(
            table=table,
            fid=row.fid,
            name=row.name,
            go=_stored(inside[at], table) if cut else row.geom,
            stay=_stored(outside[at], table) if cut else None,
        )


def _sizes(shapes: Any, table: type[Street | Landscape], metric: pyproj.CRS) -> Any:
    """Metres of lines, square metres of land."""
    projected = transformed(shapes, stored_crs(), metric)
    return shapely.length(projected) if table is Street else shapely.area(projected)


def _stored(shape: BaseGeometry, table: type[Street | Landscape]) -> BaseGeometry:
    """A cut shape on the lattice, without the crumbs of cutting."""
    wanted = "LineString" if table is Street else "Polygon"
    rounded = shapely.make_valid(shapely.transform(shape, to_lattice))
    parts = [part for part in shapely.get_parts(rounded, return_index=False) if part.geom_type == wanted]
    joined: BaseGeometry = (
        shapely.union_all(parts)
        if wanted == "Polygon"
        else shapely.line_merge(shapely.multilinestrings(parts))
    )
    return joined


def _compounds(view: View, going: set[str], *, taker: str) -> list[CompoundShare]:
    """Compounds that buildings which go belong to, by name."""
    rows = view.session.execute(
        select(Building.id, Building.community_id, Building.compound_id).where(
            Building.compound_id.in_(
                select(Building.compound_id).where(Building.community_id == view.community.id)
            )
        )
    ).all()
    there = _community_id(view, taker)
    goes: Counter[str] = Counter(row.compound_id for row in rows if row.id in going)
    at_home: Counter[str] = Counter(
        row.compound_id for row in rows if row.community_id == view.community.id and row.id not in going
    )
    beside: Counter[str] = Counter(row.compound_id for row in rows if row.community_id == there)
    compounds = view.session.execute(
        select(Compound.id, Compound.name, Compound.community_id).order_by(Compound.name, Compound.id)
    ).all()
    taken = {row.name for row in compounds if row.community_id == there}
    return [
        CompoundShare(
            id=row.id,
            name=row.name,
            going=goes[row.id],
            staying=at_home[row.id],
            moves=row.community_id == view.community.id
            and row.name not in taken
            and goes[row.id] + beside[row.id] > at_home[row.id],
        )
        for row in compounds
        if goes[row.id]
    ]


def _community_id(view: View, code: str) -> str | None:
    return view.session.scalar(
        select(Area.id)
        .join(AreaName, AreaName.area_id == Area.id)
        .where(Area.level == Level.COMMUNITY, AreaName.code == code, valid_at(AreaName, view.when.at))
    )


def belonging_findings(view: View, base: PlanGround, drawing: Drawing) -> list[FindingRow]:
    """What would lie in two communities (G10): cut streets and land as a hint, compounds as a warning."""
    goods = belongings(view, base, drawing)
    grid = "" if drawing.transfer is None else drawing.transfer.grid
    name = grid_names(view, drawing).get(grid, grid)
    cut = [share for share in goods.shares if share.stay is not None]
    rows: list[FindingRow] = []
    if cut:
        said = say(
            "{count} streets, waters or greens would be cut at the new border: {names}",
            count=len(cut),
            names=_names([share.name for share in cut]),
        )
        rows.append(_finding(grid, name, Weight.HINT, said, place=cut[0].go))
    split = [compound for compound in goods.compounds if compound.staying]
    cells = base.ground.grids.get(grid, ())
    for compound in split:
        said = say(
            "the compound {name} would lie in two communities: {going} of its {count} buildings go",
            name=compound.name,
            going=compound.going,
            count=compound.going + compound.staying,
        )
        rows.append(_finding(grid, name, Weight.WARN, said, place=base.ground.land.cells[cells[0]]))
    return rows


def _names(names: Sequence[str | None]) -> str:
    known = sorted({name for name in names if name})
    return ", ".join(known[:_NAMED]) + (" …" if len(known) > _NAMED else "") if known else "–"


def _finding(grid: str, name: str, level: Weight, said: Sentence, *, place: BaseGeometry) -> FindingRow:
    inside = shapely.point_on_surface(place)
    return {
        "rule": "G10",
        "level": level,
        "at_approval": level,
        "grid": grid,
        "name": name,
        "message": said,
        "touched": True,
        "lon": float(inside.x),
        "lat": float(inside.y),
        "fix": None,
    }
