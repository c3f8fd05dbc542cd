"""Browsers that an account has logged in from before: a lock made by strangers doesn't shut them out.

Wrong tries lock an account, so whoever knows its name could keep its owner out for ever. A browser that
has proved the password once keeps a signed cookie; from there the account's lock doesn't hold, and tries are
counted by browser instead (see `web.security.rate_limits`). The cookie alone opens nothing.
"""

from __future__ import annotations

import secrets
from typing import Final

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from web.context import services

_PURPOSE: Final = "known-device"
_HALF_A_YEAR_S: Final = 180 * 24 * 3600
_MOST_ACCOUNTS: Final = 8
"""How many accounts one browser remembers: an office shares its computer."""


def _cookie_name() -> str:
    return "__Host-gisgrid-known" if services().settings.https else "gisgrid-known"


def _serializer() -> URLSafeSerializer:
    keys = services().keys
    ring = [keys.derive(_PURPOSE, key) for key in keys.secrets if key != keys.current]
    return URLSafeSerializer([*ring, keys.derive(_PURPOSE)], salt=_PURPOSE)


def _read() -> tuple[str, tuple[str, ...]]:
    """The browser's own number and the ids of the accounts it knows; a forged cookie knows none."""
    try:
        number, accounts = _serializer().loads(request.cookies.get(_cookie_name(), ""))
    except (BadSignature, ValueError):
        return "", ()
    return str(number), tuple(str(account) for account in accounts)


def known_accounts() -> tuple[str, ...]:
    """Ids of the accounts that have logged in from this browser."""
    return _read()[1]


def device_number() -> str:
    """The browser's own number, empty for one that has never logged in."""
    return _read()[0]


def remember(response: Response, account_id: str) -> None:
    """Note in the browser that this account has logged in from it."""
    number, accounts = _read()
    account_ids = [account_id, *(account for account in accounts if account != account_id)][:_MOST_ACCOUNTS]
    value = _serializer().dumps([number or secrets.token_hex(12), account_ids])
    response.set_cookie(
        _cookie_name(),
        value if isinstance(value, str) else value.decode(),
        max_age=_HALF_A_YEAR_S,
        secure=services().settings.https,
        httponly=True,
        samesite="Lax",
    )
