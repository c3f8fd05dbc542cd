"""Every broken file ends in clear sentences, exit code 1 and a database as it was; the big ones in 500 MB."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

import gisgrid.tables
from gisgrid.access.keys.encryption import load_keys, open_database
from gisgrid.storage.base import Base
from tests.command_processes import Ended, commands
from tests.data.importers.broken import CONTENT, READING, Broken
from tests.world import square
from web.cli.root import gisgrid, run

MOST_MB = 500


def tried():
    """Each broken file as each kind; what can't even be read never comes to the other database."""
    return [
        pytest.param(database, broken, kind, id=f"{database}-{kind}-{broken.name}")
        for database, files in (("spatialite", [*READING, *CONTENT]), ("postgis", CONTENT))
        for broken in files
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


@pytest.fixture(scope="module")
def offices(request, tmp_path_factory):
    """Opens the office of a database, once."""
    made = {}

    def office(name):
        if name not in made:
            folder = tmp_path_factory.mktemp("office")
            url = f"sqlite:///{folder / 'new.sqlite'}"
            if name == "postgis":
                url = of_its_own(request.getfixturevalue("postgis_url"))
            made[name] = opened(Office(url, folder), folder)
        return made[name]

    return office


def opened(office, folder):
    shapes = [square(0, 0, 2), square(2, 0, 2)]
    gpd.GeoDataFrame({"code": ["01", "02"]}, geometry=shapes, crs=4326).to_file(folder / "a.geojson")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in office.environment.items():
            patch.setenv(name, value)
        assert run(gisgrid, ["db", "upgrade"]) == 0
        assert run(gisgrid, ["import", "areas", str(folder / "a.geojson"), "--community", "C9"]) == 0
    office.before = office.counts()
    return office


@pytest.fixture(params=["spatialite", "postgis"])
def office(request, offices):
    return offices(request.param)


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


@pytest.mark.parametrize(("office", "broken", "kind"), tried(), indirect=["office"])
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


def faults_of(broken: Broken, ended: Ended):
    """What is wrong with how a command answered a broken file."""
    lines = [line for line in ended.told.splitlines() if not line.startswith("gisgrid: note: ")]
    if ended.code != 1 or "Traceback" in ended.told:
        yield f"{broken}: ended with {ended.code}: {ended.told[-400:]}"
    if not any(broken.said in line for line in lines):
        yield f"{broken}: not said: {ended.told[-400:]}"
    if not 1 <= len(lines) <= 20 or not all(line.startswith("gisgrid: ") for line in lines):
        yield f"{broken}: not clear: {ended.told[-400:]}"
    if ended.megabytes > MOST_MB:
        yield f"{broken}: {ended.megabytes} MB"


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_broken_files_each_in_a_process_of_its_own_take_no_more_memory_than_others(
    office, files, tmp_path, record_property
):
    used, found = {}, []
    with commands(tmp_path, office.environment) as place:
        for broken in [*READING, *CONTENT]:
            for kind in broken.kinds:
                ended = place.run(*command(broken, kind, files(broken)))
                used[broken.name] = max(ended.megabytes, used.get(broken.name, 0))
                found += faults_of(broken, ended)
            if office.counts() != office.before:
                found.append(f"{broken}: something was kept")
    most = max(used, key=lambda name: used[name])
    record_property("files", len(used))
    record_property("imports tried", sum(len(one.kinds) for one in [*READING, *CONTENT]))
    record_property("not as they should be", len(found))
    record_property("most memory, MB", f"{used[most]} ({most})")
    record_property("least memory, MB", min(used.values()))
    assert not found
