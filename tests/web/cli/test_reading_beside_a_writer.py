"""Commands that only read end while another program holds SQLite's write lock, and leave their entry."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pytest

from gisgrid.access.models import AuditEntry
from gisgrid.storage.engine import sqlite_module
from tests.web.cli.test_import_command import office  # noqa: F401 - the fixture
from tests.world import square

HELD_S = 30.0


@pytest.fixture
def town(office, tmp_path):  # noqa: F811 - the fixture
    """A community of two grids."""
    areas = gpd.GeoDataFrame({"code": ["G1", "G2"]}, geometry=[square(0, 0, 2), square(2, 0, 2)], crs=4326)
    areas.to_file(tmp_path / "a.gpkg")
    assert office("import", "areas", tmp_path / "a.gpkg", "--community", "C9") == 0
    return office


@contextmanager
def held(file: Path) -> Iterator[threading.Event]:
    """The lock in the hands of another program until the block ends; the event: it gave up before."""
    other = sqlite_module().connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    over, gave_up = threading.Event(), threading.Event()

    def let_go() -> None:
        if not over.wait(HELD_S):
            gave_up.set()
        other.execute("ROLLBACK")

    waiting = threading.Thread(target=let_go)
    waiting.start()
    try:
        yield gave_up
    finally:
        over.set()
        waiting.join()
        other.close()


@pytest.mark.parametrize(
    "command",
    [
        ("imports",),
        ("check",),
        ("key", "check"),
        ("db", "hash"),
        ("background", "list"),
        ("export", "areas", "out.csv"),
        ("report", "territories", "-o", "out.pdf"),
    ],
    ids=lambda command: "-".join(command[:2]),
)
@pytest.mark.parametrize("office", ["spatialite"], indirect=True)
def test_it_reads_while_another_program_writes(town, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    before = town.count(AuditEntry.id)
    with held(tmp_path / "new.sqlite") as gave_up:
        assert town(*command) == 0, town.err
        assert not gave_up.is_set()
    assert town("db", "hash") == 0  # brings in what waits
    leaves_one = command[0] in ("export", "report")
    assert town.count(AuditEntry.id) - before >= int(leaves_one)
