"""An application on either database, a clock to turn, and somebody who sits at a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from jinja2 import FileSystemBytecodeCache

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.processes import start_module
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import KEYS, NOW
from tests.demo_files import key_file_text
from tests.forking import start_forked
from tests.web.browsing import Browser, Reader, add_account, services_of
from tests.web.declared import Watch
from tests.web.routes_once import compile_once
from web.app import create_app
from web.context import Services

LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")
_STARTS = ("data.uploads.process", "data.backgrounds.process")


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates that are compiled once for all applications of a worker."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """What is the same in all applications is made for the first: see :mod:`tests.web.routes_once`."""
    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_works() -> Iterator[None]:
    """What works on a file that was sent is forked from a process that has imported everything."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _STARTS:
            patch.setattr(f"{module}.start_module", start_forked)
        yield


@pytest.fixture
def slow_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """What works on a file that was sent is started as on a real server."""
    for module in _STARTS:
        monkeypatch.setattr(f"{module}.start_module", start_module)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants to write waits a fifth of a second, not five, for another who writes."""
    # The function below the context manager, whose default holds for all that say nothing else.
    monkeypatch.setitem(Database.write.__wrapped__.__kwdefaults__, "patience_ms", 200)  # type: ignore[attr-defined]


def shared(database: Database, keys: Any) -> Database:
    """The database of a test for its application too: what one statement was compiled to serves all tests."""
    database.engine.dialect.gisgrid_keys = keys
    return database


@pytest.fixture
def make_app(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, templates: FileSystemBytecodeCache
) -> Iterator[Callable[..., OpenAPI]]:
    """Builds applications on a database; their connections are closed at the end."""
    monkeypatch.setattr("gisgrid.settings.INSTALLATION", tmp_path)
    key_file = tmp_path / "keys.json"
    key_file.write_text(key_file_text(KEYS))
    watched: list[Watch] = []
    with ExitStack() as stack:

        def build(database: Database, **more: Any) -> OpenAPI:
            url = database.engine.url.render_as_string(hide_password=False)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("web.app.open_database", lambda _url, keys: shared(database, keys))
                # The engine outlives the application: each would leave a watch that all later tests pay for.
                patch.setattr("web.app.watch_slow", lambda _engine, _threshold: None)
                app = create_app(Settings(database_url=url, key_file=key_file, **more), clock=clock)
            app.testing = True
            app.jinja_env.bytecode_cache = templates
            app.test_client_class = Reader
            watched.append(Watch(app))
            found: Services = app.extensions["gisgrid"]
            stack.callback(found.database.close)
            return app

        yield build
    faults = sorted({fault for watch in watched for fault in watch.faults()})
    assert not faults, "the interface's description doesn't say this: " + "; ".join(faults)


@pytest.fixture
def app(database: Database, make_app: Callable[..., OpenAPI]) -> OpenAPI:
    """The application on an empty database; runs on SpatiaLite and on PostGIS."""
    return make_app(database)


@pytest.fixture
def lite_app(spatialite: Database, make_app: Callable[..., OpenAPI]) -> OpenAPI:
    """The application on SpatiaLite only, where the database makes no difference."""
    return make_app(spatialite)


@pytest.fixture
def browser(app: OpenAPI) -> Browser:
    """A browser at the application, and an account ``staff``."""
    add_account(app, "staff", Role.STAFF)
    return Browser(app)


@pytest.fixture
def head(app: OpenAPI) -> Browser:
    """The head of a small community, logged in; runs on SpatiaLite and on PostGIS."""
    with services_of(app).database.write() as session:
        made = world.found(session)
    add_account(app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(app)
    assert browser.log_in("head").status_code == 303
    return browser


@pytest.fixture
def lite_browser(lite_app: OpenAPI) -> Browser:
    """A browser at the application on SpatiaLite, and an account ``staff``."""
    add_account(lite_app, "staff", Role.STAFF)
    return Browser(lite_app)
