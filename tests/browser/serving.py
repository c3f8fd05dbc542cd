"""The application on a free port of this machine, in a thread, with a clock that stands still."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
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


@dataclass(frozen=True, slots=True)
class Site:
    """A running application: its address without a slash at the end, and the database behind it."""

    url: str
    file: Path
    app: OpenAPI


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
def serve(file: Path) -> Iterator[Site]:
    """The application on a SpatiaLite file, with the key file beside it; every day is that of ``NOW``."""
    app = create_app(Settings(database_url=f"sqlite:///{file}"), clock=lambda: NOW)
    found: Services = app.extensions["gisgrid"]
    server = make_server("127.0.0.1", 0, answering_whole(app), threaded=True, request_handler=Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined] # the threaded server's own switch
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(url=f"http://127.0.0.1:{server.server_port}", file=file, app=app)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        found.database.close()
