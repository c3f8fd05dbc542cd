"""A file becomes a background image whole or not at all; what can't be one is said in a sentence."""

from __future__ import annotations

import re
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zlib
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image
from pmtiles.tile import TileType
from pyproj import Geod
from sqlalchemy import select

from data.backgrounds import plan as limits
from data.backgrounds.adding import GivenImage, open_source
from data.backgrounds.plan import Watch
from gisgrid.access.actors import NOBODY
from gisgrid.access.models import AuditEntry, Role
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.backgrounds.queries import find_image, images_of_map, list_images
from gisgrid.backgrounds.service import (
    ImageLabel,
    bring_back_image,
    publish_image,
    remove_image,
    sweep_images,
)
from gisgrid.backgrounds.tilefile import read_tile
from gisgrid.errors import Conflict, InvalidInput, MissingCrs, NoSpace, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.data.backgrounds.ground import Ground, write_ground
from tests.data.backgrounds.images import (
    LAT,
    LON,
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
        open_source(GivenImage(file=file, name=file.name, label=ImageLabel(name="x"), **more))
    assert all(fault.file == file.name for fault in refused.value.faults)
    return [str(fault.message) for fault in refused.value.faults]


def test_an_image_is_kept_with_its_tiles_and_a_line_in_the_trail(ground: Ground, tmp_path: Path) -> None:
    file = write_ground(tmp_path / "photo.tif", quarters())
    image_id, tiles = ground.add(file, attribution="测绘院", community="C1")
    assert ground.files() == {f"{image_id}.mbtiles"}
    assert ground.folder.path_of(image_id).stat().st_mode & 0o777 == 0o600
    with ground.database.read() as session:
        image = session.get(BackgroundImage, image_id)
        assert image is not None
        assert (image.name, image.attribution, image.file_name) == ("航拍", "测绘院", "photo.tif")
        assert (image.community_id, image.is_public) == (ground.made.community, False)
        assert (image.bounds, image.tiles, image.size) == (tiles.bounds, tiles.tiles, tiles.size)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "backgrounds:add")).one()
        assert entry.object_id == image_id
    with closing(sqlite3.connect(ground.folder.path_of(image_id))) as told:
        assert told.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert dict(told.execute("SELECT * FROM metadata"))["attribution"] == "测绘院"


def test_who_does_not_look_after_images_adds_removes_and_lists_none(ground: Ground, tmp_path: Path) -> None:
    file = write_ground(tmp_path / "photo.tif", quarters())
    image_id, _tiles = ground.add(file)
    for role in set(Role) - {Role.ADMIN, Role.LOCAL}:
        with ground.database.write() as session:
            actor = world.add_actor(session, ground.made, role)
            with pytest.raises(NotAllowed):
                list_images(session, actor)
            with pytest.raises(NotAllowed):
                remove_image(session, actor, image_id, now=ground.now)
            with pytest.raises(NotAllowed):
                publish_image(session, actor, image_id, is_public=True, now=ground.now)
            with pytest.raises(NotAllowed):
                bring_back_image(session, actor, image_id, ground.folder, now=ground.now)
        with pytest.raises(NotAllowed):
            ground.add(file, "other", actor=actor)
    assert ground.files() == {f"{image_id}.mbtiles"}


def test_every_fault_is_told_at_once(ground: Ground, tmp_path: Path) -> None:
    file = tmp_path / "plan.png"
    Image.fromarray(quarters()).save(file)
    with pytest.raises(InvalidInput) as refused:
        ground.add(file, " ", community="nowhere", attribution="x" * 201)
    told = [(fault.file, fault.field, str(fault.message)) for fault in refused.value.faults]
    assert [one[:2] for one in told] == [
        ("plan.png", None),
        ("plan.png", "crs"),
        ("plan.png", "name"),
        ("plan.png", "attribution"),
        ("plan.png", "community"),
    ]
    assert "world file" in told[0][2]
    assert not ground.files()


def test_a_file_that_does_not_say_its_crs_is_asked_for_it(tmp_path: Path) -> None:
    file = write_world_image(tmp_path / "a.png", quarters())
    with pytest.raises(MissingCrs, match=r"a\.png, field crs: nothing says in which CRS"):
        open_source(GivenImage(file=file, name="a.png", label=ImageLabel(name="x")))
    assert "unknown CRS" in sentences(file, crs="EPSG:999999")[0]
    assert "none of maps" in sentences(file, crs="EPSG:4978")[0]


@pytest.mark.parametrize("community", ["C1", None])
def test_an_image_far_away_is_refused_with_how_far(
    ground: Ground, tmp_path: Path, community: str | None
) -> None:
    file = write_tiff(tmp_path / "a.tif", quarters(), crs="EPSG:4528")
    with pytest.raises(InvalidInput, match=r"a\.tif: it lies (\d+) km away from the community") as refused:
        ground.add(file, community=community)
    told = float(re.findall(r"(\d+) km", str(refused.value))[0])
    nearest = world.LON + 4 * world.STEP, world.LAT
    _there, _back, metres = Geod(ellps="WGS84").inv(*nearest, LON - 0.001, LAT)
    assert told == pytest.approx(metres / 1000, rel=0.01)
    assert not ground.files()


def test_the_wrong_crs_is_noticed_by_where_the_image_comes_to_lie(ground: Ground, tmp_path: Path) -> None:
    file = write_ground(tmp_path / "a.tif", quarters())
    ground.add(file)
    with pytest.raises(InvalidInput, match="km away from the community"):
        ground.add(file, "other", crs="EPSG:4528")  # the zone beside it


def test_a_name_that_is_taken_is_refused_until_its_image_is_removed(ground: Ground, tmp_path: Path) -> None:
    file = write_ground(tmp_path / "a.tif", quarters())
    first, _tiles = ground.add(file)
    with pytest.raises(InvalidInput, match="has this name"):
        ground.add(file)
    with ground.database.write() as session:
        remove_image(session, ground.made.actor, first, now=ground.now)
    second, _tiles = ground.add(file)
    with ground.database.write() as session, pytest.raises(Conflict, match="has this name now"):
        bring_back_image(session, ground.made.actor, first, ground.folder, now=ground.now)
    assert ground.files() == {f"{first}.mbtiles", f"{second}.mbtiles"}


def test_a_removed_image_comes_back_within_a_week_and_its_tiles_go_then(
    ground: Ground, tmp_path: Path
) -> None:
    image_id, _tiles = ground.add(write_ground(tmp_path / "a.tif", quarters()))
    actor, now = ground.made.actor, ground.now

    def offered() -> list[str]:
        with ground.database.read() as session:
            return [image.id for image in images_of_map(ground.made.look(session, now=now))]

    assert offered() == [image_id]
    for _time in range(2):
        with ground.database.write() as session:
            remove_image(session, actor, image_id, now=now)
        assert offered() == []
        with ground.database.read() as session:
            with pytest.raises(NotFound):
                find_image(session, actor, image_id, now=now)
            sweep_images(session, ground.folder, now=now + timedelta(days=6, hours=23))
        with ground.database.write() as session:
            bring_back_image(session, actor, image_id, ground.folder, now=now)
        assert offered() == [image_id]
    with ground.database.write() as session:
        remove_image(session, actor, image_id, now=now)
    with ground.database.read() as session:
        sweep_images(session, ground.folder, now=now + timedelta(days=7, minutes=1))
    assert not ground.files()
    with (
        ground.database.write() as session,
        pytest.raises(Conflict, match="are gone"),
    ):
        bring_back_image(session, actor, image_id, ground.folder, now=now)
    with ground.database.read() as session:
        told = session.scalars(select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.id)).all()
        assert told.count("backgrounds:remove") == 3
        assert told.count("backgrounds:restore") == 2


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


def test_a_view_that_never_ends_is_left(tmp_path: Path) -> None:
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
    plan = open_source(GivenImage(file=file, name="a.tif", label=ImageLabel(name="x"))).plan
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
    given = GivenImage(file=file, name="a.tif", label=ImageLabel(name="x"), max_zoom=17)
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


def test_a_stopped_work_leaves_nothing(ground: Ground, tmp_path: Path) -> None:
    class Stopped(Exception):  # noqa: N818
        pass

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        ground.add(write_ground(tmp_path / "a.tif", quarters()), watch=Watch(refuse_stopped=stop))
    assert not ground.files()


def test_the_work_tells_how_far_it_is(ground: Ground, tmp_path: Path) -> None:
    shares: list[float] = []
    ground.add(write_ground(tmp_path / "a.tif", quarters(1200, 900)), watch=Watch(progress=shares.append))
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert shares[-1] == 1.0
    assert len(shares) > 4


def test_a_full_disk_is_told_before_and_leaves_nothing(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 70 * 2**20

    monkeypatch.setattr("gisgrid.backgrounds.folder.shutil.disk_usage", lambda _path: Usage)
    ground.add(write_ground(tmp_path / "a.tif", quarters()))
    Usage.free = 20 * 2**20
    with pytest.raises(NoSpace, match="the disk has 20 MB left, and the background image needs about 1 MB"):
        ground.add(write_ground(tmp_path / "b.tif", quarters()), "b")
    assert len(ground.files()) == 1


FULL = """
import resource, sys
from pathlib import Path
from gisgrid.backgrounds.tilefile import TileFile
from gisgrid.errors import NoSpace
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
out = TileFile(Path(sys.argv[1]))
try:
    for number in range(2000):
        out.put(15, number, 7, bytes(10_000))
except NoSpace as error:
    print(error)
"""


def test_a_disk_that_fills_up_meanwhile_is_told_as_such(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "x")], capture_output=True, text=True, check=True
    )
    assert said.stdout == "the disk is full: nothing of the background image was kept\n"


KILLED = """
import sys, time
from pathlib import Path
from gisgrid.backgrounds.folder import ImageFolder
with ImageFolder(Path(sys.argv[1])).making(sys.argv[2]) as part:
    part.write_bytes(b"x")
    print("made", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("is_kept", [False, True])
def test_what_a_killed_process_left_is_finished_or_cleared(
    ground: Ground, tmp_path: Path, *, is_kept: bool
) -> None:
    kept, _tiles = ground.add(write_ground(tmp_path / "a.tif", quarters()))
    image_id = kept if is_kept else "0199-dead"
    if is_kept:
        ground.folder.drop(kept)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(ground.folder.folder), image_id], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "made\n"
    with ground.database.read() as session:
        sweep_images(session, ground.folder, now=ground.now)
    assert f".{image_id}.part" in ground.files()  # somebody is making it
    process.kill()
    process.wait()
    process.stdout.close()
    with ground.database.read() as session:
        sweep_images(session, ground.folder, now=ground.now)
    assert ground.files() == {f"{kept}.mbtiles"}
    if is_kept:
        assert ground.folder.path_of(kept).read_bytes() == b"x"


def test_a_tile_of_a_file_that_is_gone_is_none(tmp_path: Path) -> None:
    assert read_tile(tmp_path / "none.mbtiles", 15, 1, 1) is None


VISIBLE = {
    "hidden": {
        Role.HEAD,
        Role.STAFF,
        Role.MEMBER,
        Role.GRID_LEADER,
        Role.STEWARD,
        Role.LEADER,
        Role.ADMIN,
        Role.LOCAL,
    },
    "public": {*Role, None},
}


@pytest.mark.parametrize("kind", VISIBLE)
@pytest.mark.parametrize("community", ["C1", None])
def test_who_sees_an_image(ground: Ground, tmp_path: Path, kind: str, community: str | None) -> None:
    image_id, _tiles = ground.add(
        write_ground(tmp_path / "a.tif", quarters()), community=community, is_public=kind == "public"
    )
    with ground.database.write() as session:
        actors = {role: world.add_actor(session, ground.made, role) for role in Role if role != Role.LOCAL}
    everybody = {**actors, Role.LOCAL: ground.made.actor, None: NOBODY}
    with ground.database.read() as session:
        for role, actor in everybody.items():
            is_seen = role in VISIBLE[kind]
            look = ground.made.look(session, actor, now=ground.now)
            assert [image.id for image in images_of_map(look)] == ([image_id] if is_seen else []), role
            if is_seen:
                assert find_image(session, actor, image_id, now=ground.now).id == image_id
            else:
                with pytest.raises(NotFound):
                    find_image(session, actor, image_id, now=ground.now)


def test_an_image_of_a_community_is_not_there_for_staff_of_another(ground: Ground, tmp_path: Path) -> None:
    image_id, _tiles = ground.add(write_ground(tmp_path / "a.tif", quarters()), community="C1")
    with ground.database.write() as session:
        actor = world.add_actor(session, ground.made, Role.HEAD)
        elsewhere = replace(actor, areas=frozenset({"elsewhere"}))
    with ground.database.read() as session:
        assert find_image(session, actor, image_id, now=ground.now).id == image_id
        with pytest.raises(NotFound):
            find_image(session, elsewhere, image_id, now=ground.now)


def test_two_at_once_with_one_name_leave_one(ground: Ground, tmp_path: Path) -> None:
    file = write_ground(tmp_path / "a.tif", quarters())
    both = threading.Barrier(2, timeout=60)
    told: list[str] = []

    def add() -> None:
        try:
            ground.add(file, tell=lambda _plan: both.wait())
            told.append("added")
        except InvalidInput as error:
            told.append(str(error))

    threads = [threading.Thread(target=add) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = "a.tif, field name: another background image has this name: choose another one"
    assert sorted(told) == [taken, "added"]
    assert len(ground.files()) == 1
    with ground.database.read() as session:
        assert len(session.scalars(select(BackgroundImage)).all()) == 1
