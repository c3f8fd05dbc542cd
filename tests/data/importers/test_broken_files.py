"""Every broken file ends in clear sentences, exit code 1 and a database as it was; the big ones in 500 MB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

import web.tables  # noqa: F401 - all tables are counted
from gisgrid.access.encryption import load_keys, open_database
from gisgrid.storage.base import Base
from tests.data.importers.broken import CONTENT, READING, Broken
from tests.world import square
from web.cli.root import gisgrid, run

MOST_MB = 500
BIG = ("million.geojson", "million.gpkg", "deep.geojson", "bomb.zip", "bomb.xlsx", "laughs.xlsx", "liar.zip")


def tried():
    return [
        pytest.param(broken, kind, id=f"{kind}-{broken.name}")
        for broken in [*READING, *CONTENT]
        for kind in broken.kinds
    ]


class Office:
    """The command line on one database with two areas in it."""

    def __init__(self, url, folder):
        self.environment = {"GISGRID_DATABASE_URL": url, "GISGRID_KEY_FILE": str(folder / "keys.json")}
        self._url, self._keys = url, folder / "keys.json"
        self.before: dict[str, int] = {}

    def counts(self):
        """How many rows each table has, but for the trails of who tried what."""
        trails = {"audit_entry", "import_run"}
        tables = [table for table in Base.metadata.sorted_tables if table.name not in trails]
        counted = [sa.select(sa.literal(one.name), sa.func.count()).select_from(one) for one in tables]
        database = open_database(make_url(self._url), load_keys(self._keys))
        try:
            with database.read() as session:
                return dict(session.execute(sa.union_all(*counted)).all())
        finally:
            database.close()


def of_its_own(found):
    """A new database beside that of other tests."""
    engine = sa.create_engine(found, isolation_level="AUTOCOMMIT")
    name = f"{found.database}_broken"
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return found.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module", params=["spatialite", "postgis"])
def office(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    url = f"sqlite:///{folder / 'new.sqlite'}"
    if request.param == "postgis":
        url = of_its_own(request.getfixturevalue("postgis_url"))
    made = Office(url, folder)
    shapes = [square(0, 0, 2), square(2, 0, 2)]
    gpd.GeoDataFrame({"code": ["01", "02"]}, geometry=shapes, crs=4326).to_file(folder / "a.geojson")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        assert run(gisgrid, ["db", "upgrade"]) == 0
        assert run(gisgrid, ["import", "areas", str(folder / "a.geojson"), "--community", "C9"]) == 0
    made.before = made.counts()
    return made


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Makes each broken file once."""
    made: dict[str, Path] = {}

    def file(broken):
        if broken.name not in made:
            made[broken.name] = tmp_path_factory.mktemp("broken") / broken.name
            broken.make(made[broken.name])
        return made[broken.name]

    return file


def command(broken: Broken, kind, path):
    return ["import", kind, str(path), "--community", "C9", *broken.options]


@pytest.mark.parametrize(("broken", "kind"), tried())
def test_a_broken_file_is_told_in_clear_sentences_and_leaves_nothing(
    office, files, monkeypatch, capsys, broken, kind
):
    for name, value in office.environment.items():
        monkeypatch.setenv(name, value)
    path = files(broken)
    capsys.readouterr()
    code = run(gisgrid, command(broken, kind, path))
    told = capsys.readouterr()
    lines = [line for line in told.err.splitlines() if not line.startswith("gisgrid: note: ")]
    assert code == 1, told
    assert any(broken.said in line for line in lines), told.err
    assert 1 <= len(lines) <= 20
    assert all(line.startswith("gisgrid: ") and len(line) < 400 for line in lines)
    assert "Traceback" not in told.out + told.err
    assert office.counts() == office.before


def test_there_are_enough_of_them_for_every_kind():
    assert len({broken.name for broken in [*READING, *CONTENT]}) >= 40
    for kind in ("areas", "buildings", "streets", "cases"):
        assert sum(kind in broken.kinds for broken in [*READING, *CONTENT]) >= 60


MEASURED = """
import resource, sys
from web.cli.root import gisgrid, run
code = run(gisgrid, sys.argv[1:])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.prove
@pytest.mark.parametrize("broken", [one for one in READING if one.name in BIG], ids=str)
def test_the_big_ones_take_no_more_memory_than_others(office, files, monkeypatch, broken):
    for name, value in office.environment.items():
        monkeypatch.setenv(name, value)
    words = command(broken, "areas", files(broken))
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words], capture_output=True, text=True, check=True
    )
    code, megabytes = map(int, done.stdout.split()[-2:])
    assert code == 1
    assert broken.said in done.stderr
    assert "Traceback" not in done.stderr
    assert megabytes <= MOST_MB
