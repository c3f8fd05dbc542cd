"""Tiles show at each place the colour that the file has there, whatever its CRS, bands and kind."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pmtiles.tile import TileType

from data.backgrounds.make import ImageInput, open_source
from data.backgrounds.overviews import add_overviews
from data.backgrounds.plan import TilePlan, TileWatch
from gisgrid.backgrounds.mercator import covering, range_bounds, tile_bounds, to_degrees, to_metres
from gisgrid.backgrounds.service import ImageLabel
from gisgrid.backgrounds.tilefile import TileFile, kind_of, read_tile
from gisgrid.crs import Datum, shift_datum
from tests.data.backgrounds.images import (
    LAT,
    LON,
    between,
    colour_of,
    quarters,
    tile_at,
    tile_image,
    tiles_about,
    transform_of,
    write_mbtiles,
    write_pmtiles,
    write_tiff,
    write_world_image,
)

CRS = ["EPSG:4326", "EPSG:4528", "EPSG:3857"]
QUARTERS = [(100, 75), (300, 75), (100, 225), (300, 225)]
FOUR = [(200, 30, 30), (30, 180, 30), (30, 60, 200), (230, 200, 40)]


def cut(file: Path, *, crs: str | None = None, max_zoom: int | None = None) -> tuple[Path, TilePlan]:
    """The file as tiles, beside it."""
    given = ImageInput(file=file, name=file.name, label=ImageLabel(name="ground"), crs=crs, max_zoom=max_zoom)
    source = open_source(given)
    path = file.with_suffix(".cut")
    path.unlink(missing_ok=True)
    out = TileFile(path)
    source.fill(out, TileWatch())
    add_overviews(out, source.plan.min_zoom, TileWatch())
    out.finish({})
    return path, source.plan


def shown(tiles: Path, lon: float, lat: float, zoom: int) -> tuple[int, ...]:
    """Red, green, blue and alpha of a place, read from the tiles by a formula that is not the program's."""
    column, row = tile_at(lon, lat, zoom)
    tile = read_tile(tiles, zoom, column, row)
    if tile is None:
        return (0, 0, 0, 0)
    n, angle = 2**zoom, np.radians(lat)
    x, y = (lon + 180) / 360 * n % 1, (1 - np.arcsinh(np.tan(angle)) / np.pi) / 2 * n % 1
    image = Image.open(io.BytesIO(tile)).convert("RGBA")
    pixel = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(pixel, tuple)
    return pixel


def looks_like(found: tuple[int, ...], wanted: tuple[int, ...], slack: int = 12) -> bool:
    return all(abs(one - other) <= slack for one, other in zip(found, (*wanted, 255)[:4], strict=True))


def places(crs: str, turned: float, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Lon and lat of places given in pixels."""
    to_lonlat = between(crs, "EPSG:4326")
    place = transform_of(crs, 400, 300, turned=turned)
    return [to_lonlat.transform(*(place @ point)) for point in points]


@pytest.mark.parametrize("crs", CRS)
@pytest.mark.parametrize("turned", [0, 31, -120])
def test_each_place_has_the_colour_the_file_has_there(tmp_path: Path, crs: str, turned: float) -> None:
    file = write_tiff(tmp_path / "a.tif", quarters(), crs=crs, turned=turned)
    tiles, plan = cut(file)
    back = between("EPSG:4326", crs)
    rng = np.random.default_rng(7)
    pixels, tried = quarters(), 0
    with rasterio.open(file) as source:
        for column, row in rng.uniform((-60, -60), (460, 360), (300, 2)):
            lon, lat = places(crs, turned, [(column, row)])[0]
            inside = 4 <= column < 396 and 4 <= row < 296
            around = pixels[
                max(0, int(row) - 3) : int(row) + 4, max(0, int(column) - 3) : int(column) + 4
            ].reshape(-1, 3)
            if inside and (around == around[0]).all():
                (wanted,) = source.sample([back.transform(lon, lat)])
                assert looks_like(shown(tiles, lon, lat, plan.max_zoom), tuple(map(int, wanted)))
                tried += 1
            elif not (-3 < column < 403 and -3 < row < 303):
                assert shown(tiles, lon, lat, plan.max_zoom)[3] == 0
    assert tried > 100
    assert plan.max_zoom == 18  # a pixel of 0.6 m, which is 0.7 m of EPSG:3857 here
    for zoom in range(plan.min_zoom, plan.max_zoom):
        for (lon, lat), colour in zip(places(crs, turned, QUARTERS), FOUR, strict=True):
            assert looks_like(shown(tiles, lon, lat, zoom), colour)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "palette"])
def test_the_inside_of_a_large_image_is_what_its_edge_is(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(5)
    blocks = rng.integers(0, 200, (30, 40), dtype=np.uint8).repeat(40, axis=0).repeat(40, axis=1)
    more: dict[str, Any] = {}
    if kind == "palette":
        more["colours"] = {number: (number, 255 - number, 77, 255) for number in range(256)}
    file = write_tiff(tmp_path / "a.tif", blocks.astype("uint16" if kind == "uint16" else "uint8"), **more)
    tiles, plan = cut(file)
    place = transform_of("EPSG:4528", 1600, 1200)
    low, high = (0, 255) if kind != "uint16" else np.percentile(blocks, [2, 98])
    for column, row in rng.integers(0, (40, 30), (200, 2)):
        lon, lat = between("EPSG:4528", "EPSG:4326").transform(*(place @ (column * 40 + 20, row * 40 + 20)))
        value = int(blocks[row * 40 + 20, column * 40 + 20])
        light = int(np.clip((value - low) / (high - low) * 255, 0, 255))
        wanted = (value, 255 - value, 77) if kind == "palette" else (light,) * 3
        assert looks_like(shown(tiles, lon, lat, plan.max_zoom), wanted)


def middle_of(tiles: Path, plan: TilePlan) -> list[tuple[int, ...]]:
    """The colours of the four quarters."""
    return [shown(tiles, lon, lat, plan.max_zoom) for lon, lat in places("EPSG:4528", 0, QUARTERS)]


def test_a_value_for_nothing_is_transparent(tmp_path: Path) -> None:
    pixels = quarters()
    pixels[:150, :200] = 0
    found = middle_of(*cut(write_tiff(tmp_path / "a.tif", pixels, nodata=0)))
    assert found[0][3] == 0
    assert all(looks_like(one, other) for one, other in zip(found[1:], FOUR[1:], strict=True))


def test_an_alpha_band_is_kept(tmp_path: Path) -> None:
    pixels = np.dstack([quarters(), np.full((300, 400), 255, dtype=np.uint8)])
    pixels[:150, 200:, 3] = 0
    pixels[150:, :200, 3] = 128
    file = write_tiff(tmp_path / "a.tif", pixels, photometric="RGB", alpha="yes")
    found = middle_of(*cut(file))
    assert [one[3] for one in found] == [255, 0, pytest.approx(128, abs=3), 255]
    assert looks_like(found[0], FOUR[0])


def test_a_mask_in_the_file_is_kept(tmp_path: Path) -> None:
    mask = np.full((300, 400), 255, dtype=np.uint8)
    mask[150:, 200:] = 0
    found = middle_of(*cut(write_tiff(tmp_path / "a.tif", quarters(), mask=mask)))
    assert [one[3] for one in found] == [255, 255, 255, 0]


def test_a_palette_is_shown_in_its_colours(tmp_path: Path) -> None:
    numbers = np.zeros((300, 400), dtype=np.uint8)
    numbers[:150, 200:], numbers[150:, :200], numbers[150:, 200:] = 1, 2, 3
    colours = {number: (*colour, 255) for number, colour in enumerate(FOUR)}
    found = middle_of(*cut(write_tiff(tmp_path / "a.tif", numbers, colours=colours)))
    assert all(looks_like(one, other) for one, other in zip(found, FOUR, strict=True))


def test_one_band_is_grey(tmp_path: Path) -> None:
    found = middle_of(*cut(write_tiff(tmp_path / "a.tif", quarters()[..., 0])))
    assert [one[:3] for one in found] == [pytest.approx((value[0],) * 3, abs=3) for value in FOUR]


def test_the_fourth_band_of_a_satellite_is_left_out(tmp_path: Path) -> None:
    pixels = np.dstack([quarters(), np.zeros((300, 400), dtype=np.uint8)])
    file = write_tiff(tmp_path / "a.tif", pixels, photometric="RGB", alpha="no")
    found = middle_of(*cut(file))
    assert all(looks_like(one, other) for one, other in zip(found, FOUR, strict=True))


@pytest.mark.parametrize(
    ("kind", "times", "plus"), [("uint16", 257, 0), ("uint16", 8, 300), ("int16", 40, -3000)]
)
def test_sixteen_bits_use_the_whole_range(tmp_path: Path, kind: str, times: int, plus: int) -> None:
    pixels = (quarters()[..., 0].astype(np.int64) * times + plus).astype(kind)
    found = middle_of(*cut(write_tiff(tmp_path / "a.tif", pixels)))
    red, green, blue, yellow = [one[0] for one in found]
    assert green == blue == pytest.approx(0, abs=3)
    assert yellow == pytest.approx(255, abs=3)
    assert red == pytest.approx(255 * (200 - 30) / (230 - 30), abs=4)


def test_what_is_no_number_is_transparent(tmp_path: Path) -> None:
    pixels = quarters()[..., 0].astype(np.float32)
    pixels[:150, :200] = np.nan
    found = middle_of(*cut(write_tiff(tmp_path / "a.tif", pixels)))
    assert [one[3] for one in found] == [0, 255, 255, 255]


@pytest.mark.parametrize(("name", "ending"), [("a.png", ".pgw"), ("a.jpg", ".jgw"), ("a.png", ".wld")])
def test_a_world_file_places_an_image(tmp_path: Path, name: str, ending: str) -> None:
    file = write_world_image(tmp_path / name, quarters(), ending=ending)
    found = middle_of(*cut(file, crs="EPSG:4528"))
    assert all(looks_like(one, other) for one, other in zip(found, FOUR, strict=True))


def test_a_prj_file_says_the_crs(tmp_path: Path) -> None:
    file = write_world_image(tmp_path / "a.png", quarters())
    file.with_suffix(".prj").write_text(pyproj.CRS("EPSG:4528").to_wkt("WKT1_ESRI"))
    assert looks_like(middle_of(*cut(file))[3], FOUR[3])


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_a_shifted_datum_is_taken_back(tmp_path: Path, datum: Datum, crs: str) -> None:
    tiles, plan = cut(write_tiff(tmp_path / "a.tif", quarters(), crs=crs), crs=datum.value)
    for point, colour in zip([(100, 75), (300, 75), (6, 150), (30, 150)], [0, 1, None, None], strict=True):
        lon, lat = places(crs, 0, [point])[0]
        (true_lon,), (true_lat,) = shift_datum([lon], [lat], datum, Datum.WGS84)
        found = shown(tiles, float(true_lon), float(true_lat), plan.max_zoom)
        assert found[3] == 255
        assert colour is None or looks_like(found, FOUR[colour])
        assert shown(tiles, lon + 0.004, lat + 0.004, plan.max_zoom)[3] == 0


ARCHIVES = {"mbtiles": write_mbtiles, "pmtiles": write_pmtiles}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_tiles_of_others_stand_where_they_stood(tmp_path: Path, kind: str) -> None:
    wanted = [*tiles_about(16), *tiles_about(17, 2)]
    tiles, plan = cut(ARCHIVES[kind](tmp_path / f"a.{kind}", wanted))
    for zoom, x, y in wanted:
        west, south, east, north = tile_bounds(zoom, x, y)
        lon, lat = to_degrees((west + east) / 2, (south + north) / 2)
        assert shown(tiles, lon, lat, zoom)[:3] == colour_of(zoom, x, y)
    assert (plan.min_zoom, plan.max_zoom) == (15, 17)
    assert plan.bounds == pytest.approx(range_bounds(covering(plan.bounds, 17)))
    assert shown(tiles, LON, LAT, 15)[3] == 255  # made of those below


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("side", [256, 512])
def test_tiles_of_each_kind_are_taken_as_they_are(tmp_path: Path, kind: str, side: int) -> None:
    def make(*_place: int) -> bytes:
        return tile_image((10, 200, 30), kind, side)

    tiles, plan = cut(write_mbtiles(tmp_path / "a.mbtiles", tiles_about(17), make=make))
    found = read_tile(tiles, 17, *tile_at(LON, LAT, 17))
    assert found == make()
    assert kind_of(found) == f"image/{kind.lower()}"
    assert looks_like(shown(tiles, LON, LAT, plan.min_zoom), (10, 200, 30))


@pytest.mark.parametrize("kind", ARCHIVES)
def test_tiles_of_a_shifted_datum_are_moved(tmp_path: Path, kind: str) -> None:
    file = ARCHIVES[kind](tmp_path / f"a.{kind}", tiles_about(17, 3))
    tiles, plan = cut(file, crs="GCJ-02")
    x, y = tile_at(LON, LAT, 17)
    west, south, east, north = tile_bounds(17, x, y)
    for right, down in ((0.1, 0.1), (0.9, 0.1), (0.5, 0.5), (0.9, 0.9)):
        lon, lat = to_degrees(west + (east - west) * right, north - (north - south) * down)
        (true_lon,), (true_lat,) = shift_datum([lon], [lat], Datum.GCJ02, Datum.WGS84)
        assert looks_like(shown(tiles, float(true_lon), float(true_lat), 17), colour_of(17, x, y))
    assert plan.max_zoom == 17


def test_a_lower_highest_zoom_is_coarser(tmp_path: Path) -> None:
    tiles, plan = cut(write_tiff(tmp_path / "a.tif", quarters(1200, 900)), max_zoom=16)
    assert plan.max_zoom == 16
    assert read_tile(tiles, 17, *tile_at(LON, LAT, 17)) is None
    tiles, plan = cut(
        write_mbtiles(tmp_path / "a.mbtiles", [*tiles_about(16), *tiles_about(17)]), max_zoom=16
    )
    assert plan.max_zoom == 16
    assert read_tile(tiles, 17, *tile_at(LON, LAT, 17)) is None


@settings(max_examples=300, deadline=None)
@given(st.floats(-180, 180), st.floats(-85, 85), st.integers(0, 21))
def test_a_place_lies_in_its_tile(lon: float, lat: float, zoom: int) -> None:
    tiles = covering((lon, lat, lon, lat), zoom)
    x, y = to_metres(lon, lat)
    west, south, east, north = tile_bounds(zoom, tiles.left, tiles.top)
    slack = 1e-8 * (east - west) + 1e-6
    assert west - slack <= x <= east + slack
    assert south - slack <= y <= north + slack
    assert to_degrees(x, y) == pytest.approx((lon, lat), abs=1e-9)
    wiki = tile_at(lon, lat, zoom)
    assert abs(wiki[0] - tiles.left) <= 1
    assert abs(wiki[1] - tiles.top) <= 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turned=st.floats(-180, 180),
    side_m=st.floats(0.2, 30),
    width=st.integers(20, 300),
    height=st.integers(20, 300),
)
def test_all_of_an_image_is_covered_and_nothing_else(
    tmp_path: Path, turned: float, side_m: float, width: int, height: int
) -> None:
    pixels = np.full((height, width, 3), 120, dtype=np.uint8)
    tiles, plan = cut(write_tiff(tmp_path / "a.tif", pixels, turned=turned, side_m=side_m))
    place = transform_of("EPSG:4528", width, height, turned=turned, side_m=side_m)
    to_lonlat = between("EPSG:4528", "EPSG:4326")
    for column in (3, width / 2, width - 3):
        for row in (3, height / 2, height - 3):
            assert shown(tiles, *to_lonlat.transform(*(place @ (column, row))), plan.max_zoom)[3] == 255
    for point in ((-3, height / 2), (width + 3, height / 2), (width / 2, -3), (width / 2, height + 3)):
        assert shown(tiles, *to_lonlat.transform(*(place @ point)), plan.max_zoom)[3] == 0


@pytest.mark.parametrize("kind", [TileType.JPEG, TileType.WEBP])
def test_pmtiles_that_name_another_kind_of_image_are_read_by_their_first_bytes(
    tmp_path: Path, kind: TileType
) -> None:
    tiles, _plan = cut(write_pmtiles(tmp_path / "a.pmtiles", tiles_about(17), kind=kind))
    found = read_tile(tiles, 17, *tile_at(LON, LAT, 17))
    assert found is not None
    assert kind_of(found) == "image/png"
