"""What a limited token opens: reading only where it may not write, and only the parts it names."""

from __future__ import annotations

from typing import Final

from flask import request

from gisgrid.access.tokens import ALL, TokenScope
from gisgrid.errors import NotAllowed
from web.security.gate import access_of_request

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_beyond(scope: TokenScope) -> None:
    """Refuse a request that goes beyond what its token is limited to.

    Raises
    ------
    NotAllowed
        The token may not write, or not use this part.
    """
    access = access_of_request()
    if scope == ALL or access is None:
        return
    if not scope.may_write and request.method not in _SAFE and not access.reads:
        raise NotAllowed("this token may only read")
    if scope.parts and access.parts.isdisjoint(scope.parts):
        raise NotAllowed("this token may not use this part of the interface")
