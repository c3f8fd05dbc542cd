"""``gisgrid background``, once in processes of its own, as it is typed; and what backups say of images."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import KEYS
from tests.data.backgrounds.images import quarters, write_mbtiles, write_tiff, write_world_image
from tests.demo_files import key_file_text
from web.cli.root import gisgrid, run

COMMAND = [sys.executable, "-c", "from web.cli.root import main; main()"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a command wrote."""

    stdout: str
    stderr: str


@dataclass
class House:
    """An installation in a folder of its own."""

    folder: Path
    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def beside(self) -> House:
        """Another installation, of which nothing is there yet."""
        return House(self.folder.with_name("other"), self.patch, self.capsys)

    def run(self, *words: object, code: int = 0) -> Ended:
        self.folder.mkdir(exist_ok=True)
        self.patch.setenv("GISGRID_DATABASE_URL", f"sqlite:///{self.folder / 'g.sqlite'}")
        self.capsys.readouterr()
        ended = run(gisgrid, [str(word) for word in words])
        told = self.capsys.readouterr()
        assert ended == code, told.err
        return Ended(stdout=told.out, stderr=told.err)


@pytest.fixture
def house(
    tmp_path: Path,
    spatialite_template: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> House:
    house = House(tmp_path / "house", monkeypatch, capsys)
    house.folder.mkdir()
    shutil.copy(spatialite_template, house.folder / "g.sqlite")
    (house.folder / "keys.json").write_text(key_file_text(KEYS))
    house.run("db", "upgrade")
    return house


def listed(house: House) -> list[dict[str, Any]]:
    told: dict[str, Any] = json.loads(house.run("background", "list", "--json").stdout.splitlines()[-1])
    rows: list[dict[str, Any]] = told["backgrounds"]
    return rows


def test_an_image_is_added_listed_removed_and_brought_back(house: House, tmp_path: Path) -> None:
    assert "no background image yet" in house.run("background", "list").stdout
    file = write_tiff(tmp_path / "photo.tif", quarters())
    told = house.run("background", "add", file, "--name", "航拍", "--attribution", "测绘院", "--json")
    assert "about 8 tiles of the zooms 17 to 18" in told.stderr
    made = json.loads(told.stdout.splitlines()[-1])
    assert (made["name"], made["tiles"], made["zooms"]) == ("航拍", 8, "17-18")
    assert [(row["id"], row["is_public"], row["has_tiles"]) for row in listed(house)] == [
        (made["id"], False, True)
    ]
    assert "removed: 航拍" in house.run("background", "remove", made["id"]).stdout
    assert "  removed  " in house.run("background", "list").stdout
    assert "shown again: 航拍" in house.run("background", "restore", made["id"]).stdout
    assert "  staff  " in house.run("background", "list").stdout


def test_an_image_is_added_by_a_process_of_its_own(house: House, tmp_path: Path) -> None:
    file = write_tiff(tmp_path / "photo.tif", quarters())
    words = ["background", "add", str(file), "--name", "航拍"]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert [row["name"] for row in listed(house)] == ["航拍"]


def test_a_dry_run_tells_and_keeps_nothing(house: House, tmp_path: Path) -> None:
    file = write_tiff(tmp_path / "photo.tif", quarters())
    told = house.run("background", "add", file, "--name", "航拍", "--max-zoom", 17, "--dry-run")
    assert re.search(r"about \d tiles of the zooms \d+ to 17, 1 MB", told.stderr)
    assert not listed(house)
    assert not list(house.folder.glob("backgrounds/*"))


def test_every_kind_of_file_is_read_beside_the_database(house: House, tmp_path: Path) -> None:
    png = write_world_image(tmp_path / "plan.png", quarters())
    refused = house.run("background", "add", png, "--name", "规划图", code=1)
    assert refused.stderr.startswith("gisgrid: plan.png, field crs: nothing says in which CRS")
    house.run("background", "add", png, "--name", "规划图", "--crs", "EPSG:4528", "--public")
    tiles = write_mbtiles(tmp_path / "tiles.mbtiles", [(15, 27444, 13390)])
    house.run("background", "add", tiles, "--name", "瓦片", "--crs", "GCJ-02")
    assert {row["name"]: row["is_public"] for row in listed(house)} == {"规划图": True, "瓦片": False}


def test_a_backup_says_that_tiles_are_not_in_it_and_a_restore_that_they_are_missing(
    house: House, tmp_path: Path
) -> None:
    house.run("background", "add", write_tiff(tmp_path / "photo.tif", quarters()), "--name", "航拍")
    file = tmp_path / "b.zip"
    told = house.run("backup", file)
    assert (
        f"background images: 1 are not in it (1 MB): copy {house.folder / 'backgrounds'} too" in told.stderr
    )
    with zipfile.ZipFile(file) as archive:
        assert any(
            "background images" in one for one in json.loads(archive.read("manifest.json"))["left_out"]
        )
    other = house.beside()
    other.folder.mkdir()
    shutil.copy(house.folder / "keys.json", other.folder)
    restored = other.run("restore", file)
    assert "background image 航拍: its tiles are not here: copy them to" in restored.stderr
    assert [row["has_tiles"] for row in listed(other)] == [False]
    shutil.copytree(house.folder / "backgrounds", other.folder / "backgrounds")
    assert [row["has_tiles"] for row in listed(other)] == [True]
    house.run("restore", file, "--replace")
    assert [row["has_tiles"] for row in listed(house)] == [True]
