"""``gisgrid backup`` and ``restore`` as they are typed: codes, sentences, and the JSON of the last line."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from gisgrid.storage import engine
from web.cli.root import gisgrid, run


class Shell:
    """Runs commands on one installation and keeps what they print."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._monkeypatch, self._capsys, self.folder = monkeypatch, capsys, folder
        self.out = self.err = ""

    def at(self, name: str) -> None:
        """Work from now on in an installation of its own."""
        (self.folder / name).mkdir(exist_ok=True)
        self._monkeypatch.setenv("GISGRID_DATABASE_URL", f"sqlite:///{self.folder / name / 'g.sqlite'}")

    def __call__(self, *arguments: object, stdin: str = "") -> int:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(gisgrid, [str(one) for one in arguments])
        self.out, self.err = self._capsys.readouterr()
        return code

    @property
    def told(self) -> dict[str, Any]:
        """The JSON of the last line."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


@pytest.fixture
def shell(
    spatialite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    shell = Shell(tmp_path, monkeypatch, capsys)
    shell.at("a")
    shutil.copy(spatialite_template, tmp_path / "a" / "g.sqlite")
    assert shell("db", "upgrade") == 0
    assert shell("user", "add", "boss", "--role", "admin", stdin="a long enough one\n") == 0
    return shell


def test_a_backup_goes_to_a_machine_that_has_nothing_yet(shell: Shell) -> None:
    file = shell.folder / "b.zip"
    assert shell("backup", file, "--json") == 0
    made = shell.told
    assert made["rows"] > 0
    assert "keep a copy elsewhere" in shell.err
    assert shell("restore", file, "--check", "--json") == 0
    assert shell.told["content_hash"] == made["content_hash"]
    shell.at("b")
    assert shell("restore", file, "--json") == 0
    assert shell.told["rows"] == made["rows"]
    assert (shell.folder / "b" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert shell("restore", file) == 1
    assert shell.err == "gisgrid: the database is not empty: with --replace all that is in it goes\n"
    assert shell("restore", file, "--replace") == 0


@pytest.mark.parametrize("command", [("backup", "b.zip"), ("export", "areas", "areas.csv")])
def test_what_goes_out_waits_for_who_writes_long(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """An import of 100,000 rows writes for longer than a writer waits: the backup of that night is made."""
    assert shell("import", "areas", _one_area(shell.folder), "--community", "C1", "--crs", "EPSG:4326") == 0
    monkeypatch.setattr(engine, "WRITING_MS", 50)
    writer = sqlite3.connect(shell.folder / "a" / "g.sqlite", isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(1.0, lambda: writer.execute("ROLLBACK"))
    ends.start()
    try:
        code = shell(*command[:-1], shell.folder / command[-1])
    finally:
        ends.join()
        writer.close()
    assert (code, shell.err.count("another writer")) == (0, 0)
    assert (shell.folder / command[-1]).exists()


def _one_area(folder: Path) -> Path:
    ring = [[118.2, 33.9], [118.21, 33.9], [118.21, 33.91], [118.2, 33.91], [118.2, 33.9]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": "G1"}, "geometry": shape}
    path = folder / "one.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_faults_are_one_sentence_and_change_nothing(shell: Shell) -> None:
    file = shell.folder / "b.zip"
    assert shell("restore", file) == 2
    file.write_text("no zip")
    assert shell("restore", file, "--replace") == 1
    assert shell.err == "gisgrid: b.zip: this is no backup of gisgrid, or a damaged one\n"
    assert shell("backup", file) == 1
    assert "choose another name" in shell.err
    assert shell("backup", shell.folder / "nowhere" / "b.zip") == 1
    assert shell.err.count("\n") == 1
    assert shell("backup", shell.folder / "c.zip", "--as", "nobody") == 1
    assert "no working account" in shell.err


def test_rights_of_the_named_account_hold(shell: Shell) -> None:
    file = shell.folder / "b.zip"
    assert shell("user", "add", "lead", "--role", "leader", stdin="a long enough one\n") in {0, 1}
    assert shell("backup", file, "--as", "boss") == 0
    assert shell("restore", file, "--replace", "--as", "boss") == 1
    assert "may not do that" in shell.err


def test_names_need_the_key_file(shell: Shell) -> None:
    shell("user", "password", "boss", stdin="another long one\n")
    file = shell.folder / "b.zip"
    _seal_something(shell)
    assert shell("backup", file) == 0
    shell.at("b")
    assert shell("restore", file) == 1
    assert "the key file keys.json is missing" in shell.err
    shutil.copy(shell.folder / "a" / "keys.json", shell.folder / "b" / "keys.json")
    assert shell("restore", file, "--json") == 0
    assert shell.told["names_lost"] == 0
    shell.at("c")
    assert shell("restore", file, "--without-names", "--json") == 0
    assert shell.told["names_lost"] == 1


def _seal_something(shell: Shell) -> None:
    """An audit entry whose reason is sealed."""
    from datetime import UTC, datetime

    from gisgrid.access.actors import NOBODY
    from gisgrid.access.audit import record
    from web.cli.actor import acting

    with acting() as found:
        record(found.session, NOBODY, "x:y", "z", now=datetime.now(UTC), reason="because")
    assert shell.folder.exists()


def test_keys_are_turned_and_old_ones_forgotten(shell: Shell) -> None:
    _seal_something(shell)
    assert shell("key", "rotate", "--json") == 0
    assert shell.told["key"] == 2
    assert shell.told["resealed"] == 1
    assert "copy it anew" in shell.err
    assert shell("key", "forget", "--yes", "--json") == 0
    assert shell.told["forgotten_keys"] == [1]
    ring = json.loads((shell.folder / "a" / "keys.json").read_text())
    assert ring["keys"].keys() == {"2"}


def test_a_database_is_copied_by_its_address_with_an_equal_hash(shell: Shell) -> None:
    other = f"sqlite:///{shell.folder / 'copy.sqlite'}"
    assert shell("db", "copy", other, "--json") == 0
    told = shell.told
    assert shell("db", "hash", "--json") == 0
    assert shell.told["content_hash"] == told["content_hash"]
    assert shell("db", "copy", other) == 1
    assert "--replace" in shell.err
    assert shell("db", "copy", other, "--replace") == 0
    for wrong in ("mysql://x/y", "nothing"):
        assert shell("db", "copy", wrong) == 1
        assert shell.err == "gisgrid: URL is sqlite:///FILE or postgresql://USER@HOST/NAME\n"
    assert shell("db", "copy", "postgresql://nobody@127.0.0.1:1/none") == 1
    assert shell.err.count("\n") == 1
