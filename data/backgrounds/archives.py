"""Tiles that somebody else made: MBTiles (SQLite) and PMTiles with images. Nothing in them is trusted."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from data.backgrounds.mbtiles import MBTiles
from data.backgrounds.pixels import decoded, encoded, is_readable, tile_fault
from data.backgrounds.plan import TilePlan, TileWatch
from data.backgrounds.pmtiles import PMTiles
from data.backgrounds.rasters import shifted
from data.backgrounds.tilearchive import TileArchive
from gisgrid.backgrounds.mercator import (
    HALF_WORLD_M,
    MOST_ZOOM,
    TILE_PX,
    Bounds,
    covering,
    first_zoom,
    range_bounds,
    tile_bounds,
)
from gisgrid.backgrounds.tilefile import TileFile
from gisgrid.crs import Datum, parse_crs, shift_datum, stored_crs
from gisgrid.errors import Fault, InvalidInput, say

_UNREADABLE: Final = "is an image that can't be read"


class ArchiveSource:
    """An archive whose tiles are taken as they are, or moved where its degrees are of another datum."""

    def __init__(self, path: Path, name: str, *, crs: str | None, max_zoom: int | None) -> None:
        self._path, self._name = path, name
        self._datum = _datum(crs, name)
        with closing(self._opened()) as archive:
            zooms = archive.zooms()
        self._last = min(zooms[-1].tiles.zoom, MOST_ZOOM if max_zoom is None else max_zoom)
        kept = [zoom for zoom in zooms if zoom.tiles.zoom <= self._last]
        if not kept:
            said = say("its nearest tiles are of zoom {zoom}", zoom=zooms[0].tiles.zoom)
            raise InvalidInput(said, file=name, field="max_zoom")
        self._last = kept[-1].tiles.zoom
        bounds = _moved(range_bounds(kept[-1].tiles), self._datum)
        self.plan: TilePlan = TilePlan(
            bounds=bounds,
            min_zoom=min(kept[0].tiles.zoom, first_zoom(bounds, self._last)),
            max_zoom=self._last,
            tiles=sum(zoom.count for zoom in kept),
            size=sum(zoom.size for zoom in kept),
        )

    def _opened(self) -> TileArchive:
        kind = MBTiles if self._path.suffix.lower() == ".mbtiles" else PMTiles
        return kind(self._path, self._name)

    def fill(self, out: TileFile, watch: TileWatch) -> None:
        """Take the tiles that can be shown; all faults of tiles at once."""
        with closing(self._opened()) as archive:
            if self._datum != Datum.WGS84:
                self._fill_moved(archive, out, watch)
                return
            faults: list[Fault] = []
            for number, (zoom, x, y, tile) in enumerate(archive.tiles()):
                if number % 64 == 0:
                    watch.told(min(1.0, number / self.plan.tiles))
                if zoom > self._last:
                    continue
                fault = tile_fault(tile)
                if fault is None and isinstance(tile, bytes):
                    out.put(zoom, x, y, tile)
                elif len(faults) < 20:
                    faults.append(_tile_fault(self._name, zoom, x, y, fault))
            if faults:
                raise InvalidInput(faults)

    def _fill_moved(self, archive: TileArchive, out: TileFile, watch: TileWatch) -> None:
        """The nearest tiles, each put together from those it lies on in the other datum."""
        wanted = covering(self.plan.bounds, self._last)
        for y in range(wanted.top, wanted.bottom + 1):
            watch.told((y - wanted.top) / (wanted.bottom - wanted.top + 1))
            for x in range(wanted.left, wanted.right + 1):
                tile = encoded(np.asarray(self._put_together(archive, x, y)))
                if tile is not None:
                    out.put(self._last, x, y, tile)

    def _put_together(self, archive: TileArchive, x: int, y: int) -> Image.Image:
        zoom, side = self._last, 2 * HALF_WORLD_M / 2**self._last
        west, _south, _east, north = shifted(tile_bounds(zoom, x, y), self._datum)
        left, top = (
            round((west + HALF_WORLD_M) / side * TILE_PX),
            round((HALF_WORLD_M - north) / side * TILE_PX),
        )
        whole = Image.new("RGBA", (TILE_PX, TILE_PX))
        for column in {left // TILE_PX, (left + TILE_PX - 1) // TILE_PX}:
            for row in {top // TILE_PX, (top + TILE_PX - 1) // TILE_PX}:
                tile = archive.tile(zoom, column, row)
                if tile is None:
                    continue
                if (fault := tile_fault(tile)) is not None or not isinstance(tile, bytes):
                    raise InvalidInput([_tile_fault(self._name, zoom, column, row, fault)])
                if not is_readable(tile):
                    raise InvalidInput([_tile_fault(self._name, zoom, column, row, say(_UNREADABLE))])
                whole.paste(decoded(tile), (column * TILE_PX - left, row * TILE_PX - top))
        return whole


def _tile_fault(name: str, zoom: int, x: int, y: int, fault: object) -> Fault:
    said = say("the tile {zoom}/{x}/{y} {fault}", zoom=zoom, x=x, y=y, fault=fault)
    return Fault(message=said, file=name)


def _datum(crs: str | None, name: str) -> Datum:
    """Tiles are always of Web Mercator; which datum its degrees are of is said."""
    if crs is None:
        return Datum.WGS84
    try:
        parsed_crs, datum = parse_crs(crs)
    except InvalidInput as error:
        raise InvalidInput(
            [Fault(message=fault.message, file=name, field="crs") for fault in error.faults]
        ) from None
    if datum == Datum.WGS84 and parsed_crs not in {parse_crs("EPSG:3857")[0], stored_crs()}:
        said = "tiles are always of EPSG:3857: leave the CRS out, or say GCJ-02 or BD-09"
        raise InvalidInput(said, file=name, field="crs")
    return datum


def _moved(bounds: Bounds, datum: Datum) -> Bounds:
    lon, lat = shift_datum([bounds[0], bounds[2]], [bounds[1], bounds[3]], datum, Datum.WGS84)
    return (float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1]))
