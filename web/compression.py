"""JSON, CSV and GeoJSON go over the wire compressed where the client can read that."""

from __future__ import annotations

import gzip
from typing import Final

from flask import Flask, Response, request

from gisgrid.cache import Memory

_SMALLEST_BYTES: Final = 1024
_LEVEL: Final = 4
_KINDS: Final = ("json", "csv", "javascript", "css", "svg")
_FILES: Final = 64


def init_compression(app: Flask) -> None:
    """Compress data and static files. Pages are left alone: they hold the token of forms beside a search.

    Compressed files are remembered by their tag, which changes with the file.
    """
    files: Memory[bytes] = Memory(_FILES)
    app.after_request(lambda response: _compress(response, files))


def _compress(response: Response, files: Memory[bytes]) -> Response:
    if not any(kind in (response.content_type or "") for kind in _KINDS):
        return response
    response.vary.add("Accept-Encoding")
    is_small = (response.content_length or 0) < _SMALLEST_BYTES
    is_whole = response.status_code not in {206, 304} and "Content-Encoding" not in response.headers
    if response.is_streamed and not response.direct_passthrough:
        return response  # to pack it, all of it would have to stand in memory
    if is_small or not is_whole or not request.accept_encodings.quality("gzip"):
        return response
    tag, _ = response.get_etag()
    if response.direct_passthrough:
        response.direct_passthrough = False
        # The file stays open until the response is done, also where nothing is read from it.
        response.call_on_close(getattr(response.response, "close", lambda: None))
        response.set_data(files.get(tag, lambda: _packed(response)))
        response.set_etag(tag or "", weak=True)
    else:
        response.set_data(_packed(response))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _packed(response: Response) -> bytes:
    return gzip.compress(response.get_data(), _LEVEL, mtime=0)
