"""What was kept on a device and is sent later: the key that makes sending twice safe, and who wrote it."""

from __future__ import annotations

from typing import Final

from flask import request
from flask_limiter.util import get_remote_address

from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.errors import InvalidInput, say
from web.context import current_actor

_HEADER: Final = "Idempotency-Key"
_LONGEST: Final = 120
_UNGUESSABLE: Final = 32
_ANYBODY: Final = "anybody"
"""Whose a key is that nobody can guess: a phone that was offline comes back with another address or login."""


def check_author(written_by: str | None) -> None:
    """What waited on a device goes out as who wrote it, whoever is logged in by then.

    Raises
    ------
    InvalidInput
        Another account is logged in than the one that wrote it; nothing is said where that isn't told.
    """
    actor = current_actor()
    if written_by is not None and written_by != (actor.name if actor.role else ""):
        raise InvalidInput("another account is logged in than the one that wrote this", field="written_by")


def repeatable() -> Repeatable | None:
    """The ``Idempotency-Key`` of a request; a short one holds for its account, or for its address.

    Raises
    ------
    InvalidInput
        The key is empty or too long.
    """
    key = request.headers.get(_HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= _LONGEST:
        raise InvalidInput(say("a key has 1 to {most} characters", most=_LONGEST), field=_HEADER)
    if len(key) >= _UNGUESSABLE:
        return Repeatable(key=key, client=_ANYBODY)
    return Repeatable(key=key, client=(current_actor().account_id or get_remote_address())[:40])
