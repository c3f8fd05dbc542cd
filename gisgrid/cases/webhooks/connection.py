"""A connection to one address of a host whose name is not looked up again, and still checked by TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter


class _Named(HTTPAdapter):
    """Asks for a host's name in TLS, and for a certificate of that name, whatever address is connected to."""

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__()

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        """The pool of connections, with the name that certificates must be of."""
        super().init_poolmanager(*given, server_hostname=self._name, assert_hostname=self._name, **more)


@contextmanager
def open_pinned(url: str, address: str) -> Iterator[tuple[requests.Session, str, str]]:
    """A session, the URL with the address in place of the name, and what ``Host`` has to say."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    number = f"[{address}]" if ":" in address else address
    place = number if parts.port is None else f"{number}:{parts.port}"
    pinned = urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
    with requests.Session() as web:
        web.trust_env = False  # no .netrc, no proxy that a variable names
        web.mount("https://", _Named(parts.hostname or ""))
        yield web, pinned, host
