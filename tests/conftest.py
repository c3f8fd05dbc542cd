"""Both databases for every test that asks for one, real data where it is present, and a fixed clock."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy import make_url

from gisgrid.access.keys.encryption import KeyRing, open_database
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from tests import postgres
from tests.demo_files import demo_file

# No deadlines: a busy machine is no fault. Where a change is judged, the same examples are tried each time.
hypothesis.settings.register_profile("gisgrid", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("gisgrid")

KEYS = KeyRing(1, {1: b"0123456789abcdef0123456789abcdef"})
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


FEWER, FEWEST = 4, 8
"""Of the examples of a random test so manieth are tried unless it is proved, and so many at the least."""


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Long proofs run only when ``-m prove`` asks for them, all random examples by ``-m hypothesis``."""
    asked = (config.option.markexpr or "").split()
    for item in items:
        if item.get_closest_marker("prove") and "prove" not in asked:
            item.add_marker(pytest.mark.skip(reason="a long proof: run make prove"))
    if not {"prove", "hypothesis"} & {*asked}:
        tests = (getattr(item, "obj", None) for item in items)
        for test in {getattr(test, "__func__", test) for test in tests}:
            _try_fewer(test)


def _try_fewer(test: Any) -> None:
    """Let a random test try a part of its examples; those that are written down are tried all the same."""
    asked = getattr(test, "_hypothesis_internal_use_settings", None)
    if asked is not None and getattr(test, "is_hypothesis_test", False):
        few = min(asked.max_examples, max(asked.max_examples // FEWER, FEWEST))
        test._hypothesis_internal_use_settings = hypothesis.settings(asked, max_examples=few)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector of garbage needn't look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``--dist loadgroup`` the browser tests stay on one worker."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from tests.scheduling import BrowserTogether

    return BrowserTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes of passwords that cost next to nothing: thousands are made, and none of them keeps a secret."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("gisgrid.access.passwords._hasher", lambda: quick)
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public data; tests on it are skipped where it is absent."""
    default = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
    folder = Path(os.environ.get("GISGRID_REAL_DATA", default)).resolve()
    if not folder.is_dir():
        pytest.skip("real data is not here: set GISGRID_REAL_DATA")
    return folder


@pytest.fixture
def now() -> datetime:
    """The instant at which tests happen: 24 November 2026, 10:00 in Shanghai."""
    return NOW


@pytest.fixture(scope="session")
def run_id() -> str:
    """One name for all workers of a run."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", secrets.token_hex(8))


@pytest.fixture(scope="session")
def spatialite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SpatiaLite file; tests get copies."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    database = open_database(make_url(f"sqlite:///{path}"), KEYS)
    migrate.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgis_url(run_id: str, worker_id: str) -> Iterator[sa.URL]:
    """A migrated PostGIS database of this worker."""
    with postgres.cluster(run_id) as port:
        base = make_url(f"postgresql+psycopg://gisgrid@127.0.0.1:{port}/postgres")
        name = f"gisgrid_{worker_id}"
        engine = sa.create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = base.set(database=name)
        database = open_database(url, KEYS)
        migrate.upgrade(database)
        database.close()
        yield url


@pytest.fixture(scope="session")
def spatialite_engine(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One engine for all SpatiaLite files of a worker: what it compiled for a test serves the next."""
    return open_database(make_url(f"sqlite:///{tmp_path_factory.mktemp('spatialite')}/test.sqlite"), KEYS)


@pytest.fixture(scope="session")
def postgis_engine(postgis_url: sa.URL) -> Iterator[Database]:
    """One engine for all tests of a worker on PostGIS."""
    database = open_database(postgis_url, KEYS)
    yield database
    database.close()


@pytest.fixture
def spatialite(spatialite_engine: Database, spatialite_template: Path) -> Iterator[Database]:
    """An empty SpatiaLite database, alone in its folder."""
    path = Path(str(spatialite_engine.engine.url.database))
    shutil.rmtree(path.parent)
    path.parent.mkdir()
    shutil.copy(spatialite_template, path)
    spatialite_engine.engine.dialect.gisgrid_keys = KEYS  # type: ignore[attr-defined]
    yield spatialite_engine
    spatialite_engine.close()


@pytest.fixture
def postgis(postgis_engine: Database) -> Database:
    """An empty PostGIS database, with the connection of the test before where that left just one."""
    if postgis_engine.engine.pool.checkedin() > 1:  # type: ignore[attr-defined]
        postgis_engine.close()
    postgres.empty(postgis_engine.engine)
    postgis_engine.engine.dialect.gisgrid_keys = KEYS  # type: ignore[attr-defined]
    return postgis_engine


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SpatiaLite file with the demo community, shared by all workers: copy it before writing."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return demo_file(shared, KEYS, now=NOW)


@pytest.fixture(scope="session")
def demo_engine(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One engine for all copies of the demo of a worker."""
    return open_database(make_url(f"sqlite:///{tmp_path_factory.mktemp('demo')}/demo.sqlite"), KEYS)


@pytest.fixture
def demo(demo_engine: Database, demo_template: Path) -> Iterator[Database]:
    """A copy of the demo community on SpatiaLite, with its key file beside it."""
    path = Path(str(demo_engine.engine.url.database))
    shutil.rmtree(path.parent)
    path.parent.mkdir()
    shutil.copy(demo_template, path)
    shutil.copy(demo_template.with_name("keys.json"), path.with_name("keys.json"))
    demo_engine.engine.dialect.gisgrid_keys = KEYS  # type: ignore[attr-defined]
    yield demo_engine
    demo_engine.close()


@pytest.fixture(params=["spatialite", "postgis"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database: every test that asks for it runs on SpatiaLite and on PostGIS."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of this xdist worker, or ``main``."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))
