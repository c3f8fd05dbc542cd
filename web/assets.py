"""Files of the front end under an address that changes with them: a browser asks once and keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final

from flask import Flask, Response, abort, request, send_from_directory, url_for

WEB: Final = Path(__file__).parent
ENDPOINTS: Final = ("static", "static_of_another_version")
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


def static_root() -> str:
    """The address below which this version's files are served, without a slash at the end.

    Below it they lie as they do in this folder: ``static/js/map.js``, ``cases/static/case.js``. Scripts name
    each other by paths that hold in both.
    """
    return f"/static/{version()}"


def version() -> str:
    """The mark of this version of the front end: ten hexadecimal digits."""
    return _version(WEB)


def static_url(name: str) -> str:
    """The address of one file of the front end, such as ``cases/static/case.js``."""
    return url_for("static", filename=name)


def init_assets(app: Flask) -> None:
    """Serve the files of the front end and let browsers keep those of this version.

    A page that was opened before an upgrade fetches scripts late, by addresses of its own version: it gets
    today's files, and nothing keeps them under the old address.
    """
    app.add_template_global(static_url, "static")
    app.add_url_rule(f"{static_root()}/<path:filename>", "static", _send)
    app.add_url_rule("/static/<version>/<path:filename>", "static_of_another_version", _send)
    app.after_request(_keep)


def _send(filename: str, version: str = "") -> Response:
    del version
    if not _is_served(PurePosixPath(filename)):
        abort(404)
    return send_from_directory(WEB, filename)


def _is_served(name: PurePosixPath) -> bool:
    return "static" in name.parts[:2] and ".." not in name.parts


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = _FOR_GOOD
    return response


@lru_cache(maxsize=1)
def _version(folder: Path) -> str:
    """Ten hexadecimal digits that change with the name or content of any file."""
    known = hashlib.sha256()
    for path in sorted(_files(folder)):
        known.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        known.update(hashlib.sha256(path.read_bytes()).digest())
    return known.hexdigest()[:10]


def _files(folder: Path) -> Iterator[Path]:
    for static in (folder / "static", *folder.glob("*/static")):
        yield from (path for path in static.rglob("*") if path.is_file())
