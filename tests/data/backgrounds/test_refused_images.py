"""Files that can't become a background image: each is refused in a sentence, and nothing is left."""

from __future__ import annotations

import sqlite3
import struct
import time
import zlib
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from pmtiles.tile import TileType

from data.backgrounds import mbtiles
from data.backgrounds import plan as limits
from data.backgrounds.make import ImageInput, open_source
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.service import (
    ImageLabel,
)
from gisgrid.errors import InvalidInput, MissingCrs
from gisgrid.storage.engine import Database
from tests.data.backgrounds.ground import Ground, write_ground
from tests.data.backgrounds.images import (
    quarters,
    tile_image,
    tiles_about,
    write_mbtiles,
    write_pmtiles,
    write_tiff,
    write_world_image,
)


@pytest.fixture
def ground(database: Database, tmp_path: Path, now: datetime) -> Ground:
    return Ground(database, ImageFolder(tmp_path / "backgrounds"), now)


def sentences(file: Path, **more: Any) -> list[str]:
    """Why a file can't be taken."""
    with pytest.raises(InvalidInput) as refused:
        open_source(ImageInput(file=file, name=file.name, label=ImageLabel(name="x"), **more))
    assert all(fault.file == file.name for fault in refused.value.faults)
    return [str(fault.message) for fault in refused.value.faults]


def test_a_file_that_does_not_say_its_crs_is_asked_for_it(tmp_path: Path) -> None:
    file = write_world_image(tmp_path / "a.png", quarters())
    with pytest.raises(MissingCrs, match=r"a\.png, field crs: nothing says in which CRS"):
        open_source(ImageInput(file=file, name="a.png", label=ImageLabel(name="x")))
    assert "unknown CRS" in sentences(file, crs="EPSG:999999")[0]
    assert "none of maps" in sentences(file, crs="EPSG:4978")[0]


def cut_short(whole: Path, share: float) -> Path:
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * share)])
    return whole


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["tif", "lzw.tif", "png", "jpg", "mbtiles", "pmtiles"])
def test_a_file_cut_short_leaves_nothing(ground: Ground, tmp_path: Path, kind: str, share: float) -> None:
    file = tmp_path / f"a.{kind}"
    rng = np.random.default_rng(3)
    pixels = np.clip(quarters() + rng.integers(0, 20, (300, 400, 1)), 0, 255).astype(np.uint8)
    more: dict[str, Any] = {}
    if kind.endswith("tif"):
        write_ground(file, pixels, **({"compress": "lzw"} if "lzw" in kind else {}))
    elif kind in ("png", "jpg"):
        write_world_image(file, pixels, ending=".wld", about=(118.252, 33.502), crs="EPSG:4527")
        more["crs"] = "EPSG:4527"
    else:
        tiles = tiles_about(17, 3, at=(118.252, 33.502))

        def make(*_place: int) -> bytes:
            return tile_image(tuple(rng.integers(0, 255, 3).tolist()), "PNG")

        if kind == "mbtiles":
            write_mbtiles(file, tiles, make=make)
        else:
            write_pmtiles(file, tiles)
    with pytest.raises(InvalidInput) as refused:
        ground.add(cut_short(file, share), **more)
    told = str(refused.value)
    assert file.name in told
    assert any(word in told for word in ("can't be read", "says nowhere", "no MBTiles", "nothing says"))
    assert not ground.files()


def test_any_other_sqlite_file_is_no_mbtiles(tmp_path: Path) -> None:
    file = tmp_path / "a.mbtiles"
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    assert sentences(file) == ["this is a SQLite file, but no MBTiles: it has no table of tiles"]
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
    assert sentences(file) == ["it holds no tiles"]
    file.write_bytes(b"not even that " * 100)
    assert "no MBTiles" in sentences(file)[0]


VECTOR = ["it holds vector tiles: only tiles that are images can be laid under a map"]


def test_vector_tiles_are_refused(tmp_path: Path) -> None:
    def packed(*_place: int) -> bytes:
        return b"\x1f\x8b" + b"\0" * 50

    assert sentences(write_mbtiles(tmp_path / "a.mbtiles", tiles_about(15), make=packed)) == VECTOR
    file = write_mbtiles(tmp_path / "b.mbtiles", tiles_about(15), metadata={"format": "pbf"})
    assert sentences(file) == VECTOR
    assert sentences(write_pmtiles(tmp_path / "c.pmtiles", tiles_about(15), kind=TileType.MVT)) == VECTOR
    assert "AVIF" in sentences(write_pmtiles(tmp_path / "d.pmtiles", tiles_about(15), kind=TileType.AVIF))[0]


def png_that_swells() -> bytes:
    """A PNG of 60,000 × 60,000 pixels in a few bytes."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    data = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_tiles_that_are_no_images_or_swell_are_told_by_their_place(ground: Ground, tmp_path: Path) -> None:
    place = (118.252, 33.502)
    wrong = {0: b"<script>", 1: b"", 2: png_that_swells(), 3: tile_image((1, 2, 3), side=64)[:40]}
    count = iter(range(100))

    def make(*_place: int) -> bytes:
        return wrong.get(next(count), tile_image((1, 2, 3)))

    file = write_mbtiles(tmp_path / "a.mbtiles", tiles_about(17, at=place), make=make)
    with pytest.raises(InvalidInput) as refused:
        ground.add(file)
    told = [str(fault.message) for fault in refused.value.faults]
    assert len(told) == 3 + ("can't be read" in told[-1])
    assert "is no JPEG, PNG or WebP" in told[0]
    assert "is empty" in told[1]
    assert "60000 × 60000" in told[2] or "can't be read" in told[2]
    assert all(one.startswith("the tile 17/") for one in told)
    assert not ground.files()


@pytest.mark.parametrize("steps", [8_000_000, pytest.param(mbtiles._MOST_STEPS, marks=pytest.mark.prove)])
def test_a_view_that_never_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    monkeypatch.setattr(mbtiles, "_MOST_STEPS", steps)
    file = tmp_path / "a.mbtiles"
    with closing(sqlite3.connect(file)) as made, made:
        made.execute(
            "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT 15 AS zoom_level, i % 100 AS tile_column, 1 AS tile_row, x'00' AS tile_data FROM n"
        )
    begin = time.monotonic()
    assert "can't be read" in sentences(file)[0]
    assert time.monotonic() - begin < 120


def test_what_is_too_large_is_told_before_anything_is_made(tmp_path: Path) -> None:
    file = tmp_path / "a.tif"
    place = Affine(0.05, 0, 400_000, 0, -0.05, 3_500_000)
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=70_000,
        height=70_000,
        count=1,
        dtype="uint8",
        crs="EPSG:4527",
        transform=place,
        sparse_ok=True,
        tiled=True,
    ):
        pass
    assert sentences(file) == [
        "it has 70000 × 70000 pixels, more than 4000 millions in all: cut it to the community"
    ]
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=60_000,
        height=60_000,
        count=1,
        dtype="uint8",
        crs="EPSG:4527",
        transform=Affine(1, 0, 39_400_000, 0, -1, 3_500_000),
        sparse_ok=True,
        tiled=True,
    ):
        pass
    plan = open_source(ImageInput(file=file, name="a.tif", label=ImageLabel(name="x"))).plan
    assert plan.tiles < limits.MOST_TILES
    png = tmp_path / "a.png"
    png.write_bytes(png_that_swells())
    png.with_suffix(".pgw").write_text("0.5\n0\n0\n-0.5\n400000\n3500000\n")
    assert "GB" not in sentences(png, crs="EPSG:4527")[0]


def test_too_many_tiles_are_told_with_what_would_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_TILES", 5)
    file = write_tiff(tmp_path / "a.tif", quarters())
    said = "it would make about 8 tiles (1 MB), more than 5: cut it to the community, or give a lower highest"
    assert sentences(file) == [f"{said} zoom than 18"]
    given = ImageInput(file=file, name="a.tif", label=ImageLabel(name="x"), max_zoom=17)
    assert open_source(given).plan.tiles <= 5


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"II*\0" + b"\0" * 100, b"\x89PNG\r\n\x1a\n", b"PMTiles\x03"]
)
@pytest.mark.parametrize("ending", ["tif", "png", "jpg", "mbtiles", "pmtiles", "gif", "svg", "vrt"])
def test_what_is_no_image_is_refused_in_a_sentence(tmp_path: Path, ending: str, content: bytes) -> None:
    file = tmp_path / f"a.{ending}"
    file.write_bytes(content)
    assert len(sentences(file)) >= 1


def test_a_list_of_files_that_calls_itself_an_image_opens_none_of_them(tmp_path: Path) -> None:
    secret = write_tiff(tmp_path / "secret.tif", quarters())
    file = tmp_path / "a.tif"
    file.write_text(
        '<VRTDataset rasterXSize="400" rasterYSize="300"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource><SourceFilename>{secret}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
        "</VRTDataset>"
    )
    assert "can't be read" in sentences(file)[0]
