"""Images with a place on the ground: GeoTIFF, and PNG or JPEG with a world file. Read window by window.

Only the drivers of these three are ever asked: others would open files and addresses that a file names.

Rasterio brings a GDAL and a PROJ of its own. It must be loaded before SpatiaLite, which hands its PROJ to
whatever is loaded later (SQLite opens extensions for all to see): so it is imported here at once, and nothing
that serves pages imports this module.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from data.backgrounds.bands import bands_of
from data.backgrounds.endings import DRIVERS
from data.backgrounds.pixels import Pixels, encoded
from data.backgrounds.plan import MOST_PIXELS, TilePlan, TileWatch, planned
from gisgrid.backgrounds.mercator import (
    LAST_LAT,
    TILE_PX,
    Bounds,
    Range,
    covering,
    metres_per_pixel,
    tile_bounds,
    to_degrees,
    to_metres,
    zoom_of,
)
from gisgrid.backgrounds.tilefile import TileFile
from gisgrid.crs import (
    Crs,
    Datum,
    FloatArray,
    crs_of_wkt,
    is_for_maps,
    parse_crs,
    position_fault,
    reproject,
    shift_datum,
    stored_crs,
)
from gisgrid.errors import Fault, InvalidInput, MissingCrs, Sentence, say

_ENVIRONMENT: Final = {
    "GDAL_CACHEMAX": 96,
    "GDAL_ERROR_ON_LIBJPEG_WARNING": True,
    "GDAL_PAM_ENABLED": False,
}
_ACROSS: Final = 8
"""Tiles that are read at once: neighbours share the rows of a file."""
_EDGE: Final = 33
_HAIR: Final = 1e-6
_INSIDE_PX: Final = 4.0
"""So far from its edge nothing of an image is mixed with what lies outside."""
_MERCATOR: Final = "EPSG:3857"


@dataclass(frozen=True, slots=True, kw_only=True)
class Georeference:
    """Where an image lies: its CRS, in which datum degrees of it were measured, and its affine transform."""

    crs: Crs
    datum: Datum
    transform: Any
    width: int
    height: int

    def degrees(self, columns: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lon and lat (WGS-84) of places counted in pixels from the upper left corner."""
        step = self.transform
        x, y = step.a * columns + step.b * rows + step.c, step.d * columns + step.e * rows + step.f
        lon, lat = reproject(x, y, self.crs, stored_crs())
        return shift_datum(lon, lat, self.datum, Datum.WGS84)

    def pixels(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Column and row of places in EPSG:3857 of the image's own datum."""
        x, y = reproject(x, y, parse_crs(_MERCATOR)[0], self.crs)
        step = self.transform
        right, down, turn = x - step.c, y - step.f, step.determinant
        return (step.e * right - step.b * down) / turn, (step.a * down - step.d * right) / turn

    def holds(self, box: Bounds) -> bool:
        """Whether all of a box of EPSG:3857 of the image's own datum lies in it, by the box's outline."""
        along = np.linspace(0, 1, _EDGE)
        start, end = np.zeros(_EDGE), np.ones(_EDGE)
        x = box[0] + (box[2] - box[0]) * np.concatenate([along, along, start, end])
        y = box[1] + (box[3] - box[1]) * np.concatenate([start, end, along, along])
        columns, rows = self.pixels(x, y)
        return bool(
            columns.min() > _INSIDE_PX
            and rows.min() > _INSIDE_PX
            and columns.max() < self.width - _INSIDE_PX
            and rows.max() < self.height - _INSIDE_PX
        )

    def bounds(self) -> Bounds:
        """The box of the image in EPSG:4326, by its outline."""
        along = np.linspace(0, 1, _EDGE)
        nothing, all_of_it = np.zeros(_EDGE), np.ones(_EDGE)
        columns = np.concatenate([along, along, nothing, all_of_it]) * self.width
        rows = np.concatenate([nothing, all_of_it, along, along]) * self.height
        lon, lat = self.degrees(columns, rows)
        return (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))

    def metres_per_pixel(self) -> float:
        """The side of a square of EPSG:3857 that is as large as a pixel in the middle."""
        column, row = self.width / 2, self.height / 2
        lon, lat = self.degrees(np.array([column, column + 1, column]), np.array([row, row, row + 1]))
        (x, y), (x_right, y_right), (x_down, y_down) = map(to_metres, lon.tolist(), lat.tolist())
        area = (x_right - x) * (y_down - y) - (x_down - x) * (y_right - y)
        return math.sqrt(abs(area))


class RasterSource:
    """An image that is warped to tiles."""

    def __init__(self, path: Path, name: str, *, crs: str | None, max_zoom: int | None) -> None:
        self._path, self._name = path, name
        with opened_raster(path, name) as file:
            self._placed = placed(file, path, name, crs=crs)
            bounds = self._placed.bounds()
            _refuse_nowhere(bounds, name)
            self._bands = bands_of(file, name)
            if file.driver == "GTiff":  # the others would be read from their beginning
                file.read(1, window=Window(file.width - 1, file.height - 1, 1, 1))
        nearest = zoom_of(self._placed.metres_per_pixel())
        self.plan: TilePlan = planned(bounds, min(nearest, max_zoom) if max_zoom is not None else nearest)

    def fill(self, out: TileFile, watch: TileWatch) -> None:
        """Write the tiles of the nearest zoom, row by row."""
        tiles, is_any = covering(self.plan.bounds, self.plan.max_zoom), False
        with opened_raster(self._path, self._name) as file, self._warped(file, tiles) as warped:
            for y in range(tiles.top, tiles.bottom + 1):
                for x, pixels in self._row(warped, tiles, y, watch):
                    tile = encoded(pixels)
                    if tile is not None:
                        out.put(tiles.zoom, x, y, tile)
                        is_any = True
        if not is_any:
            raise InvalidInput("all of the image is transparent", file=self._name)

    @contextmanager
    def _warped(self, file: DatasetReader, tiles: Range) -> Iterator[Warped]:
        """The image in EPSG:3857, one pixel of it for each of the tiles, as its own datum places them.

        It is opened twice: what is covered everywhere is read five times as fast without asking what is.
        """
        corners = [
            shifted(tile_bounds(tiles.zoom, x, y), self._placed.datum)
            for x in (tiles.left, tiles.right)
            for y in (tiles.top, tiles.bottom)
        ]
        west, north = min(corner[0] for corner in corners), max(corner[3] for corner in corners)
        east, south = max(corner[2] for corner in corners), min(corner[1] for corner in corners)
        side = metres_per_pixel(tiles.zoom)
        place = {
            "src_crs": CRS.from_wkt(self._placed.crs.to_wkt()),
            "crs": _MERCATOR,
            "transform": Affine(side, 0, west, 0, -side, north),
            "width": math.ceil((east - west) / side - _HAIR) + 1,
            "height": math.ceil((north - south) / side - _HAIR) + 1,
            **self._bands.mixing(side / self._placed.metres_per_pixel()),
        }
        with (
            WarpedVRT(file, add_alpha=self._bands.alpha == 0, **place) as exact,
            WarpedVRT(file, **place) as fast,
        ):
            yield Warped(exact, fast, west, north, side)

    def _row(self, warped: Warped, tiles: Range, y: int, watch: TileWatch) -> Iterator[tuple[int, Pixels]]:
        """Each tile of a row; several neighbours are read at once where no datum is shifted."""
        across = 1 if self._placed.datum != Datum.WGS84 else _ACROSS
        for left in range(tiles.left, tiles.right + 1, across):
            width = min(across, tiles.right + 1 - left)
            done = (y - tiles.top) * (tiles.right - tiles.left + 1) + left - tiles.left
            watch.told(done / tiles.count)
            box = shifted(tile_bounds(tiles.zoom, left, y), self._placed.datum)
            pixels = self._read(warped, box, width * TILE_PX)
            for number in range(width):
                yield left + number, pixels[:, number * TILE_PX : (number + 1) * TILE_PX]

    def _read(self, warped: Warped, box: Bounds, width: int) -> Pixels:
        window = warped.window(box, width)
        if self._bands.is_whole and self._placed.holds(warped.bounds(window)):
            return self._bands.whole_pixels(warped.fast, window)
        return self._bands.pixels(warped.exact, window)


@dataclass(frozen=True, slots=True)
class Warped:
    """An image in EPSG:3857 with its upper left corner and the side of its pixels in metres.

    ``exact`` has a band that says what is covered, ``fast`` may have none.
    """

    exact: WarpedVRT
    fast: WarpedVRT
    west: float
    north: float
    side: float

    def window(self, box: Bounds, width: int) -> Window:
        """The pixels of a tile, or of several beside one another, by the box of the first.

        A shifted datum moves the box by a part of a pixel; within a tile the shift changes by less than half.
        """
        left, top = round((box[0] - self.west) / self.side), round((self.north - box[3]) / self.side)
        return Window(left, top, width, TILE_PX)

    def bounds(self, window: Window) -> Bounds:
        """The box of a window in metres."""
        west, north = self.west + window.col_off * self.side, self.north - window.row_off * self.side
        return (west, north - window.height * self.side, west + window.width * self.side, north)


def shifted(bounds: Bounds, datum: Datum) -> Bounds:
    """Where a box of EPSG:3857 lies in an image whose degrees are of another datum."""
    if datum == Datum.WGS84:
        return bounds
    west, south = to_degrees(bounds[0], bounds[1])
    east, north = to_degrees(bounds[2], bounds[3])
    lon, lat = shift_datum([west, east], [south, north], Datum.WGS84, datum)
    return (*to_metres(lon[0], lat[0]), *to_metres(lon[1], lat[1]))


@contextmanager
def opened_raster(path: Path, name: str) -> Iterator[DatasetReader]:
    """An image, open for reading.

    Raises
    ------
    InvalidInput
        It is none, or can't be read to its end.
    """
    driver = DRIVERS[path.suffix.lower()]
    try:
        with rasterio.Env(**_ENVIRONMENT), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver=driver) as file:
                yield file
    except RasterioError:
        said = say("it can't be read to its end: it is cut short, damaged, or no {kind}", kind=driver)
        raise InvalidInput(said, file=name) from None


def placed(file: DatasetReader, path: Path, name: str, *, crs: str | None) -> Georeference:
    """Where an image lies, by what it says and what was stated.

    Raises
    ------
    MissingCrs
        Nothing says in which CRS its coordinates are, whatever else is wrong.
    InvalidInput
        Every fault at once: no place, an unknown CRS, too many pixels.
    """
    faults = _form_faults(file)
    is_placed = not file.transform.is_identity and file.transform.determinant != 0
    if not is_placed:
        said = "it says nowhere where it lies: send the world file too, or a GeoTIFF with its position"
        faults.append(Fault(message=said))
    chosen_crs, datum = None, Datum.WGS84
    try:
        chosen_crs, datum = _crs_of(file, path, crs)
    except MissingCrs as error:
        if is_placed or faults:
            faults += error.faults
        raise MissingCrs([_of_file(fault, name) for fault in faults or error.faults]) from None
    except InvalidInput as error:
        faults += error.faults
    if faults or chosen_crs is None:
        raise InvalidInput([_of_file(fault, name) for fault in faults])
    return Georeference(
        crs=chosen_crs, datum=datum, transform=file.transform, width=file.width, height=file.height
    )


def _of_file(fault: Fault, name: str) -> Fault:
    return Fault(message=fault.message, file=name, field=fault.field)


def _form_faults(file: DatasetReader) -> list[Fault]:
    pixels = file.width * file.height
    if pixels > MOST_PIXELS:
        said = say(
            "it has {width} × {height} pixels, more than {most} millions in all: cut it to the community",
            width=file.width,
            height=file.height,
            most=MOST_PIXELS // 1_000_000,
        )
        return [Fault(message=said)]
    return []


def _crs_of(file: DatasetReader, path: Path, stated: str | None) -> tuple[Crs, Datum]:
    own = crs_of_wkt(file.crs.to_wkt()) if file.crs else _beside(path)
    chosen_crs, datum = parse_crs(stated) if stated else (own, Datum.WGS84)
    if datum != Datum.WGS84:
        # The name says how degrees were shifted, the file in which units its coordinates are.
        chosen_crs = own or _units_of(file)
    if chosen_crs is None:
        said = "nothing says in which CRS its coordinates are: name an EPSG code, GCJ-02 or BD-09"
        raise MissingCrs(said, field="crs")
    if not is_for_maps(chosen_crs):
        raise InvalidInput("its CRS is none of maps: name an EPSG code", field="crs")
    return chosen_crs, datum


def _units_of(file: DatasetReader) -> Crs:
    """Degrees where all coordinates can be some, else metres of Web Mercator: what shifted maps come in."""
    west, south, east, north = file.bounds
    is_degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
    return stored_crs() if is_degrees else parse_crs(_MERCATOR)[0]


def _beside(path: Path) -> Crs | None:
    """The CRS of a file with the ending .prj beside an image."""
    for beside in (path.with_suffix(".prj"), path.with_suffix(".PRJ")):
        if beside.is_file() and beside.stat().st_size < 2**16:
            return crs_of_wkt(beside.read_text(encoding="utf-8", errors="replace"))
    return None


def _refuse_nowhere(bounds: Bounds, name: str) -> None:
    fault: Sentence | str | None = next(
        (fault for fault in (position_fault(bounds[0], bounds[1]), position_fault(*bounds[2:])) if fault),
        None,
    )
    if fault is None and (bounds[0] >= bounds[2] or bounds[1] >= bounds[3]):
        fault = "it covers no ground"
    if fault is None and max(abs(bounds[1]), abs(bounds[3])) > LAST_LAT:
        fault = "it reaches farther north or south than maps are drawn"
    if fault is not None:
        raise InvalidInput(fault, file=name)
