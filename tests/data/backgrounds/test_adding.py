"""A file becomes a background image whole or not at all; who may, who sees it, and how it goes again."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from pyproj import Geod
from sqlalchemy import select

from data.backgrounds.plan import TileWatch
from gisgrid.access.actors import NOBODY
from gisgrid.access.models import AuditEntry, Role
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.backgrounds.queries import find_image, images_of_map, list_images
from gisgrid.backgrounds.service import (
    bring_back_image,
    publish_image,
    remove_image,
    sweep_images,
)
from gisgrid.backgrounds.tilefile import read_tile
from gisgrid.errors import Conflict, InvalidInput, NoSpace, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.data.backgrounds.ground import Ground, write_ground
from tests.data.backgrounds.images import (
    LAT,
    LON,
    quarters,
    write_tiff,
)


@pytest.fixture
def ground(database: Database, tmp_path: Path, now: datetime) -> Ground:
    return Ground(database, ImageFolder(tmp_path / "backgrounds"), now)


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
            return [image.id for image in images_of_map(ground.made.view(session, now=now))]

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


def test_a_stopped_work_leaves_nothing(ground: Ground, tmp_path: Path) -> None:
    class Stopped(Exception):  # noqa: N818
        pass

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        ground.add(write_ground(tmp_path / "a.tif", quarters()), watch=TileWatch(refuse_stopped=stop))
    assert not ground.files()


def test_the_work_tells_how_far_it_is(ground: Ground, tmp_path: Path) -> None:
    shares: list[float] = []
    ground.add(write_ground(tmp_path / "a.tif", quarters(1200, 900)), watch=TileWatch(progress=shares.append))
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
            view = ground.made.view(session, actor, now=ground.now)
            assert [image.id for image in images_of_map(view)] == ([image_id] if is_seen else []), role
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
