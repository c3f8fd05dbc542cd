"""Telling people from machines that fill in forms, without asking anybody else: never silently.

A field that nobody sees stays empty, and nobody sends a report within two seconds of opening the page.
"""

from __future__ import annotations

import hashlib
import time
from typing import Final

from flask import session
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import TooManyRequests

from gisgrid.errors import InvalidInput
from web.context import services

LEAST_S: Final = 2.0
_PURPOSE: Final = "page-opened"


def opening_mark() -> str:
    """When this page was opened, signed."""
    return _serializer().dumps(time.time())


def refuse_machines(*, website: str, opened: str) -> None:
    """Refuse what only a machine sends. A mark that is missing or forged says nothing: programs bring none.

    Raises
    ------
    InvalidInput
        The field that nobody sees is filled in.
    TooManyRequests
        The page was opened a moment ago; the same again a little later is taken.
    """
    if website.strip():
        raise InvalidInput("this field is left empty", field="website")
    try:
        at = float(_serializer().loads(opened)) if opened else None
    except (BadSignature, TypeError, ValueError):
        at = None
    if at is not None and 0 <= time.time() - at < LEAST_S:
        raise TooManyRequests(retry_after=int(LEAST_S))


def own_device() -> str:
    """The browser somebody reports from, by its session; empty for a program. It names nobody."""
    token = session.get("csrf_token")
    return hashlib.sha256(f"{token}".encode()).hexdigest()[:32] if token else ""


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(services().keys.derive(_PURPOSE), salt=_PURPOSE)
