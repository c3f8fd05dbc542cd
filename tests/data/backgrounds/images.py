"""Files with images of the ground, made by the libraries that usually make them."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from affine import Affine
from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

LON, LAT = 121.5, 31.24
"""The middle of what the files show."""

Pixels = npt.NDArray[Any]


def quarters(width: int = 400, height: int = 300) -> Pixels:
    """Four colours and a frame of a fifth: rows, columns, bands."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[: height // 2, : width // 2] = (200, 30, 30)
    pixels[: height // 2, width // 2 :] = (30, 180, 30)
    pixels[height // 2 :, : width // 2] = (30, 60, 200)
    pixels[height // 2 :, width // 2 :] = (230, 200, 40)
    edge = max(4, height // 20)
    pixels[:edge], pixels[-edge:], pixels[:, :edge], pixels[:, -edge:] = ((90, 90, 90),) * 4
    return pixels


@cache
def between(source: str, target: str) -> pyproj.Transformer:
    """From one CRS to another, x before y: by the library, not by the program."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def transform_of(
    crs: str,
    width: int,
    height: int,
    *,
    side_m: float = 0.6,
    turned: float = 0.0,
    about: tuple[float, float] = (LON, LAT),
) -> Affine:
    """The transform of an image of square pixels about a place, turned by some degrees."""
    x, y = between("EPSG:4326", crs).transform(*about)
    side = side_m / 111_195 if pyproj.CRS.from_user_input(crs).is_geographic else side_m
    middle = Affine.translation(x, y) @ Affine.rotation(turned) @ Affine.scale(side, -side)
    return middle @ Affine.translation(-width / 2, -height / 2)


def write_tiff(
    path: Path,
    pixels: Pixels,
    *,
    crs: str | None = "EPSG:4528",
    turned: float = 0.0,
    side_m: float = 0.6,
    transform: Affine | None = None,
    mask: Pixels | None = None,
    colours: dict[int, tuple[int, int, int, int]] | None = None,
    **more: Any,
) -> Path:
    """A GeoTIFF from rows, columns, bands."""
    bands = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, count = bands.shape
    place = transform or transform_of(crs or "EPSG:4528", width, height, turned=turned, side_m=side_m)
    settings = {"count": count, "dtype": bands.dtype, "width": width, "height": height, "transform": place}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, **settings, **more) as out:
        out.write(np.moveaxis(bands, -1, 0))
        if mask is not None:
            out.write_mask(mask)
        if colours is not None:
            out.write_colormap(1, colours)
    return path


def write_world_image(
    path: Path,
    pixels: Pixels,
    *,
    crs: str = "EPSG:4528",
    ending: str = ".pgw",
    about: tuple[float, float] = (LON, LAT),
) -> Path:
    """A PNG or JPEG with its world file beside it."""
    Image.fromarray(pixels).save(path)
    place = transform_of(crs, pixels.shape[1], pixels.shape[0], about=about)
    centre = place @ (0.5, 0.5)
    lines = (place.a, place.d, place.b, place.e, *centre)
    path.with_suffix(ending).write_text("\n".join(f"{value:.12f}" for value in lines))
    return path


def tile_image(colour: tuple[int, int, int], kind: str = "PNG", side: int = 256) -> bytes:
    """A tile of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, kind)
    return out.getvalue()


def tiles_about(
    zoom: int, reach: int = 1, *, at: tuple[float, float] = (LON, LAT)
) -> list[tuple[int, int, int]]:
    """The tile of a place and its neighbours, rows from the north."""
    x, y = tile_at(*at, zoom)
    return [
        (zoom, x + right, y + down) for right in range(-reach, reach + 1) for down in range(-reach, reach + 1)
    ]


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile of a place, by the formula of the OpenStreetMap wiki."""
    n = 2**zoom
    angle = np.radians(lat)
    return int((lon + 180) / 360 * n), int((1 - np.arcsinh(np.tan(angle)) / np.pi) / 2 * n)


def colour_of(zoom: int, x: int, y: int) -> tuple[int, int, int]:
    """A colour by which a tile is known again."""
    return (60 + 40 * (x % 4), 60 + 40 * (y % 4), 10 * zoom)


def write_mbtiles(
    path: Path,
    tiles: list[tuple[int, int, int]],
    *,
    kind: str = "PNG",
    metadata: dict[str, str] | None = None,
    make: Callable[..., bytes] | None = None,
) -> Path:
    """An MBTiles file; rows of ``tiles`` count from the north, those of the file from the south."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        if metadata is not None:
            file.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
            file.executemany("INSERT INTO metadata VALUES (?, ?)", metadata.items())
        for zoom, x, y in tiles:
            tile = make(zoom, x, y) if make else tile_image(colour_of(zoom, x, y), kind)
            file.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (zoom, x, 2**zoom - 1 - y, tile))
    return path


def write_pmtiles(path: Path, tiles: list[tuple[int, int, int]], *, kind: TileType = TileType.PNG) -> Path:
    """A PMTiles file by its own library."""
    with path.open("wb") as out:
        writer = Writer(out)
        for zoom, x, y in sorted(tiles, key=lambda tile: zxy_to_tileid(*tile)):
            writer.write_tile(zxy_to_tileid(zoom, x, y), tile_image(colour_of(zoom, x, y)))
        head = {"tile_type": kind, "tile_compression": Compression.NONE, "center_zoom": 0}
        box = {"min_lon_e7": 0, "min_lat_e7": 0, "max_lon_e7": 0, "max_lat_e7": 0}
        writer.finalize({**head, **box, "center_lon_e7": 0, "center_lat_e7": 0}, {})
    return path
