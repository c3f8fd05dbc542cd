"""Files of the front end under an address that changes with them: a browser asks once and keeps them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, request, url_for

STATIC: Final = Path(__file__).parent / "static"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


def static_root() -> str:
    """The address below which this version's files are served, without a slash at the end."""
    return f"/static/{_version(STATIC)}"


def static_url(name: str) -> str:
    """The address of one file of the front end, such as ``js/map.js``."""
    return url_for("static", filename=name)


def init_assets(app: Flask) -> None:
    """Let browsers keep the files of this version; those of another are there for pages that are open still.

    A page that was opened before an upgrade fetches scripts late, by addresses of its own version: it gets
    today's files, and nothing keeps them under the old address.
    """
    app.add_template_global(static_url, "static")
    app.add_url_rule("/static/<version>/<path:filename>", "static_of_another_version", _latest)
    app.after_request(_keep)


def _latest(version: str, filename: str) -> Response:
    del version
    return current_app.send_static_file(filename)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = _FOR_GOOD
    return response


@lru_cache(maxsize=1)
def _version(folder: Path) -> str:
    """Ten hexadecimal digits that change with the name or content of any file."""
    known = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        known.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        known.update(hashlib.sha256(path.read_bytes()).digest())
    return known.hexdigest()[:10]
