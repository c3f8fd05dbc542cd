"""The application on a free port of this machine, in threads, with a clock that stands still."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask_openapi3.openapi import OpenAPI
from werkzeug.serving import WSGIRequestHandler, make_server

from gisgrid.settings import Settings
from tests.conftest import KEYS, NOW
from tests.demo_files import key_file_text
from web.app import create_app
from web.context import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.wsgi import ClosingIterator


class Door:
    """An address behind which one application after the other answers."""

    def __init__(self) -> None:
        self.app: WSGIApplication | None = None
        self.url = ""

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """The answer of the application that is there now."""
        assert self.app is not None, "nobody lives here yet"
        return self.app(environ, start)

    @contextmanager
    def leading_to(self, app: WSGIApplication) -> Iterator[None]:
        """An application is there for a while; then the one before it is, if there was any."""
        before, self.app = self.app, app
        try:
            yield
        finally:
            self.app = before or app


@dataclass(frozen=True, slots=True)
class Site:
    """A running application, the door that leads to it, and the database behind it."""

    door: Door
    file: Path
    app: OpenAPI

    @property
    def url(self) -> str:
        """Its address without a slash at the end."""
        return self.door.url

    def entered(self) -> AbstractContextManager[None]:
        """The time in which the door leads to it."""
        return self.door.leading_to(self.app)


class Quiet(WSGIRequestHandler):
    """Answers without a line per request on the terminal, many over one connection."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def answering_whole(app: WSGIApplication) -> WSGIApplication:
    """The application, its answers read and closed before being sent.

    Werkzeug leaves an answer open where the browser hangs up while the rest of a request is discarded.
    """

    def answer(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        with closing(cast("ClosingIterator", app(environ, start))) as parts:
            return [b"".join(parts)]

    return answer


def keep_keys(folder: Path) -> None:
    """The tests' key ring as a file, where a SpatiaLite database beside it looks for its keys."""
    (folder / "keys.json").write_text(key_file_text(KEYS))


@contextmanager
def open_door() -> Iterator[Door]:
    """A free port of this machine, answered from threads."""
    door = Door()
    server = make_server("127.0.0.1", 0, answering_whole(door), threaded=True, request_handler=Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined] # the threaded server's own switch
    door.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serve(file: Path, door: Door) -> Iterator[Site]:
    """The application on a SpatiaLite file, with the key file beside it; every day is that of ``NOW``."""
    app = create_app(Settings(database_url=f"sqlite:///{file}"), clock=lambda: NOW)
    found: Services = app.extensions["gisgrid"]
    try:
        yield Site(door=door, file=file, app=app)
    finally:
        found.database.close()
