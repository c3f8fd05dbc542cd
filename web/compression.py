"""JSON, CSV and GeoJSON go over the wire compressed where the client can read that."""

from __future__ import annotations

import gzip
from typing import Final

from flask import Flask, Response, request

_SMALLEST_BYTES: Final = 1024
_LEVEL: Final = 4
_KINDS: Final = ("json", "csv", "javascript", "svg")


def init_compression(app: Flask) -> None:
    """Compress data. Pages are left alone: they hold the token of forms beside what was asked for."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not any(kind in (response.content_type or "") for kind in _KINDS):
        return response
    response.vary.add("Accept-Encoding")
    is_small = (response.content_length or 0) < _SMALLEST_BYTES
    if response.direct_passthrough or is_small or "Content-Encoding" in response.headers:
        return response
    if not request.accept_encodings.quality("gzip"):
        return response
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response
