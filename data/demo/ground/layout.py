"""The hand-drawn plan of the quarter, read from ``quarter.csv``: metres east and north of its corner.

The canal bounds it in the west. The old village by the canal has crooked lanes; the estates of the
2000s have wider loops; the towers stand round a park; the far estate lies in the north-east.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import shapely
from shapely import LineString, Point, Polygon

from data.demo.ground.compounds import compound_plans
from data.demo.ground.curves import blob, carry_on, smooth_line, smooth_ring
from data.demo.tables import read_table

_JOIN_M: Final = 30.0
_OVERSHOOT_M: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A street, canal or stretch of either, in metres of the plan."""

    name: str
    part: str
    kind: str
    width_m: float
    line: LineString


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLand:
    """A piece of open land in metres of the plan; ``kind`` is water, green, school or market.

    ``is_large``: a park, yard or canal that fills its block, not a garden among houses.
    """

    name: str
    kind: str
    shape: Polygon
    is_large: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The quarter without its houses. ``zones``: compound key to its land, tiling the outline."""

    outline: Polygon
    canal: LineString
    ways: tuple[Way, ...]
    lands: tuple[OpenLand, ...]
    zones: dict[str, Polygon]


def read_layout() -> Layout:
    """The plan with all curves drawn, streets joined and the canal's water and banks added."""
    rows = read_table("demo/ground/quarter")
    canal = next(_way(row) for row in rows if row["part"] == "canal")
    rim = [_way(row) for row in rows if row["part"] == "perimeter"]
    outline = _outline(canal, rim)
    drawn = [_way(row) for row in rows if row["part"] in ("border", "street")]
    joined = _joined(drawn, [canal, *rim])
    zones = _zones(outline, [way.line for way in joined if way.part == "border"])
    strip = _strip(canal.line, canal.width_m / 2, outline=outline)
    water = OpenLand(name=canal.name, kind="water", shape=strip, is_large=True)
    lands = [_land(row) for row in rows if row["part"] in ("garden", "open_land")]
    return Layout(outline=outline, canal=canal.line, ways=(*rim, *joined), lands=(water, *lands), zones=zones)


def _points(row: dict[str, str]) -> list[tuple[float, float]]:
    pairs = [pair.split() for pair in row["points"].split(";")]
    return [(float(x), float(y)) for x, y in pairs]


def _way(row: dict[str, str]) -> Way:
    line = smooth_line(_points(row))
    return Way(name=row["name"], part=row["part"], kind=row["kind"], width_m=float(row["width_m"]), line=line)


def _land(row: dict[str, str]) -> OpenLand:
    is_garden = row["part"] == "garden"
    if is_garden:
        across = (float(row["width_m"]), float(row["height_m"]))
        shape = blob(_points(row)[0], across_m=across, turn_deg=float(row["turn_deg"]))
    else:
        shape = smooth_ring(_points(row))
    return OpenLand(name=row["name"], kind=row["kind"], shape=shape, is_large=not is_garden)


def _outline(canal: Way, rim: list[Way]) -> Polygon:
    """The ring canal, north, east, south; each line ends where the next begins."""
    xy = [point for way in [canal, *rim] for point in way.line.coords[:-1]]
    outline: Polygon = shapely.orient_polygons(Polygon(xy))
    return outline


def _strip(line: LineString, half_width_m: float, *, outline: Polygon) -> Polygon:
    strip = shapely.intersection(line.buffer(half_width_m, join_style="round"), outline)
    widest: Polygon = max(shapely.get_parts(strip), key=lambda part: float(part.area))
    return widest


def _joined(ways: list[Way], rim: list[Way]) -> list[Way]:
    """The ways with loose ends near another way drawn onto it and a metre over, so that they cross."""
    everything = [*rim, *ways]
    result = []
    for way in ways:
        others = shapely.union_all([other.line for other in everything if other is not way])
        xy = list(way.line.coords)
        for end, place in ((0, Point(xy[0])), (-1, Point(xy[-1]))):
            near = shapely.shortest_line(place, others)
            is_blind = way.kind == "dead_end" and end == -1
            if not is_blind and near.length <= _JOIN_M:
                xy[end] = near.coords[1]
        line = carry_on(LineString(xy), _OVERSHOOT_M)
        result.append(Way(name=way.name, part=way.part, kind=way.kind, width_m=way.width_m, line=line))
    return result


def _zones(outline: Polygon, borders: list[LineString]) -> dict[str, Polygon]:
    """The outline cut along the border streets, each piece under the key of its compound."""
    lines = shapely.union_all([outline.exterior, *borders])
    faces = shapely.get_parts(shapely.polygonize([lines]))
    return {
        plan.key: next(face for face in faces if face.covers(Point(plan.place))) for plan in compound_plans()
    }
