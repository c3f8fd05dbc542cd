"""The scheme of map tiles: squares of Web Mercator (EPSG:3857), halved with each zoom, from north-west.

Source: the scheme XYZ of OpenStreetMap, which MBTiles counts from the south and PMTiles from the north.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

TILE_PX: Final = 256
HALF_WORLD_M: Final = 20_037_508.342789244
"""Half the side of the square that holds the world in EPSG:3857."""
MOST_ZOOM: Final = 21
"""Maps zoom in no farther."""
LAST_LAT: Final = 85.05112877980659
"""Where the square ends in the north and south."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north, in degrees or in metres of EPSG:3857."""


@dataclass(frozen=True, slots=True)
class Range:
    """Tiles of one zoom in a rectangle; all four numbers included."""

    zoom: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def count(self) -> int:
        """How many tiles that is."""
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)


def to_metres(lon: float, lat: float) -> tuple[float, float]:
    """A place in EPSG:3857."""
    inside = max(-LAST_LAT, min(LAST_LAT, lat))
    north = math.log(math.tan(math.pi / 4 + math.radians(inside) / 2)) / math.pi
    return lon / 180 * HALF_WORLD_M, north * HALF_WORLD_M


def to_degrees(x: float, y: float) -> tuple[float, float]:
    """Lon and lat of a place in EPSG:3857."""
    angle = 2 * math.atan(math.exp(y / HALF_WORLD_M * math.pi)) - math.pi / 2
    return x / HALF_WORLD_M * 180, math.degrees(angle)


def metres_per_pixel(zoom: int) -> float:
    """The side of a pixel in metres of EPSG:3857."""
    return 2 * HALF_WORLD_M / (TILE_PX * (1 << zoom))


def zoom_of(metres: float) -> int:
    """The zoom whose pixels come closest to a size in metres of EPSG:3857."""
    return max(0, min(MOST_ZOOM, round(math.log2(2 * HALF_WORLD_M / TILE_PX / metres))))


def tile_bounds(zoom: int, x: int, y: int) -> Bounds:
    """A tile's square in metres of EPSG:3857."""
    side = 2 * HALF_WORLD_M / (1 << zoom)
    west, north = x * side - HALF_WORLD_M, HALF_WORLD_M - y * side
    return (west, north - side, west + side, north)


def covering(bounds: Bounds, zoom: int) -> Range:
    """The tiles of a zoom that bounds in degrees touch."""
    west, south = to_metres(bounds[0], bounds[1])
    east, north = to_metres(bounds[2], bounds[3])
    last = (1 << zoom) - 1
    side = 2 * HALF_WORLD_M / (1 << zoom)

    def number(metres: float, nudge: float) -> int:
        return max(0, min(last, math.floor(metres / side + nudge)))

    hair = 1e-9  # a border that is one of tiles touches the tile inside alone
    left, right = number(west + HALF_WORLD_M, hair), number(east + HALF_WORLD_M, -hair)
    top, bottom = number(HALF_WORLD_M - north, hair), number(HALF_WORLD_M - south, -hair)
    return Range(zoom, left, top, max(left, right), max(top, bottom))


def range_bounds(tiles: Range) -> Bounds:
    """West, south, east, north of a rectangle of tiles, in degrees."""
    west, _south, _east, north = tile_bounds(tiles.zoom, tiles.left, tiles.top)
    _west, south, east, _north = tile_bounds(tiles.zoom, tiles.right, tiles.bottom)
    return (*to_degrees(west, south), *to_degrees(east, north))


def first_zoom(bounds: Bounds, last: int) -> int:
    """The zoom at which bounds in degrees fit into four tiles; from there on an image is drawn."""
    return max((zoom for zoom in range(last + 1) if covering(bounds, zoom).count <= 4), default=0)
