"""How often something may be asked: counted in one small SQLite file, so that all workers count together."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import Storage

from gisgrid.errors import DatabaseBusy, NoSpace
from web.context import current_actor
from web.security.devices import device_number
from web.security.machines import own_device

SCHEME: Final = "gisgrid-sqlite"
_TABLE: Final = "CREATE TABLE hit (key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires REAL NOT NULL)"
_HIT: Final = """
INSERT INTO hit (key, count, expires) VALUES (:key, max(:amount, 0), :now + :expiry)
ON CONFLICT (key) DO UPDATE SET
    count = max(CASE WHEN expires <= :now THEN :amount ELSE count + :amount END, 0),
    expires = CASE WHEN expires <= :now THEN :now + :expiry ELSE expires END
RETURNING count
"""


class SqliteStorage(Storage):
    """Counters of fixed windows in a SQLite file of their own: every hit is a write."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the base class reads it to register this one

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002
        super().__init__(uri, wrap_exceptions, **options)
        self._path = Path((uri or "").removeprefix(f"{SCHEME}://"))
        self._local = threading.local()
        if not self._path.exists():
            _make_file(self._path)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a broken file raises."""
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        """One connection per thread, and a new one after a fork."""
        if getattr(self._local, "pid", None) != os.getpid():
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            connection.execute("PRAGMA synchronous=OFF")  # a lost counter after a power cut harms nobody
            self._local.connection, self._local.pid = connection, os.getpid()
        open_connection: sqlite3.Connection = self._local.connection
        return open_connection

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a hit and give the window's count; the first hit of a window clears old windows away.

        With an amount below 0 hits are given back.
        """
        values = {"key": key, "amount": amount, "expiry": expiry, "now": time.time()}
        count = int(self._connection().execute(_HIT, values).fetchone()[0])
        if count == amount:
            self._connection().execute("DELETE FROM hit WHERE expires <= ?", (values["now"],))
        return count

    def get(self, key: str) -> int:
        """The count of the running window."""
        statement = "SELECT count FROM hit WHERE key = ? AND expires > ?"
        row = self._connection().execute(statement, (key, time.time())).fetchone()
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        """When the running window ends, in seconds since 1970."""
        row = self._connection().execute("SELECT expires FROM hit WHERE key = ?", (key,)).fetchone()
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        """Whether the file can be used."""
        return self._connection().execute("SELECT 1").fetchone() is not None

    def reset(self) -> int:
        """Forget all counts."""
        return self._connection().execute("DELETE FROM hit").rowcount

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._connection().execute("DELETE FROM hit WHERE key = ?", (key,))


def _make_file(path: Path) -> None:
    """Make the file aside and link it into place: turning a file that others use to WAL fails for them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    connection = sqlite3.connect(aside, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(_TABLE)
    connection.close()
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often an endpoint may be asked by one key.

    ``public_only`` spares those who are logged in, ``known_only`` browsers nobody has logged in from;
    ``wrong_only`` counts only what was not found: guessing becomes slower and slower, asking does not.
    ``device_only`` spares those who are logged in and programs, which keep no session. ``made_only`` counts
    what was made for the asker, not what was kept from before; ``taken_only`` gives back what was put off
    because nothing can be written now: who sends a report again, as asked to, doesn't ask too often.
    """

    limit: str
    key: Callable[[], str] = get_remote_address
    methods: tuple[str, ...] = ("GET", "POST")
    public_only: bool = False
    known_only: bool = False
    wrong_only: bool = False
    device_only: bool = False
    made_only: bool = False
    taken_only: bool = False


def account_and_address() -> str:
    """Whose password is tried, and from where; the file of the counters shall name nobody."""
    tried = f"{request.form.get('username', '')[:80].casefold()}@{get_remote_address()}"
    return hashlib.sha256(tried.encode()).hexdigest()[:32]


def own_account() -> str:
    """Who is logged in, or from where somebody asks."""
    return current_actor().account_id or get_remote_address()


_OF_EXPORTS: Final = Rate(limit="60 per minute", key=own_account, methods=("GET", "HEAD"), made_only=True)
"""Who reads one file in a thousand ranges asks for one file."""

RATES: Final[dict[str, tuple[Rate, ...]]] = {
    "accounts.login": (
        Rate(limit="10 per minute", key=account_and_address, methods=("POST",)),
        Rate(limit="60 per minute", methods=("POST",)),
        Rate(limit="20 per hour", key=device_number, methods=("POST",), known_only=True),
    ),
    "accounts.open_remembered": (Rate(limit="10 per minute", methods=("POST",)),),
    "accounts.change_pin": (Rate(limit="10 per minute", key=own_account, methods=("POST",)),),
    "accounts.change_password": (Rate(limit="10 per minute", key=own_account, methods=("POST",)),),
    "api_exports.file": (_OF_EXPORTS,),
    "exporting.file": (_OF_EXPORTS,),
    "api_locate.locate_point": (Rate(limit="60 per minute", public_only=True),),
    "api_locate.locate_points": (Rate(limit="10 per minute", public_only=True),),
    "cases.report": (Rate(limit="60 per minute", public_only=True),),
    "api_cases.report": (
        Rate(limit="6 per minute", key=own_device, methods=("POST",), device_only=True, taken_only=True),
        Rate(limit="60 per day", key=own_device, methods=("POST",), device_only=True, taken_only=True),
        Rate(limit="30 per minute", methods=("POST",), public_only=True, taken_only=True),
        Rate(limit="600 per day", methods=("POST",), public_only=True, taken_only=True),
    ),
    "doors.my_grid": (Rate(limit="60 per minute", public_only=True),),
    "api_reporting.buildings": (Rate(limit="60 per minute", public_only=True),),
    "api_reporting.addresses": (Rate(limit="120 per minute", public_only=True),),
    "api_reporting.known": (Rate(limit="30 per minute", public_only=True),),
    "api_reporting.same": (
        Rate(limit="6 per minute", key=own_device, methods=("POST",), device_only=True, taken_only=True),
        Rate(limit="60 per day", key=own_device, methods=("POST",), device_only=True, taken_only=True),
        Rate(limit="600 per day", methods=("POST",), public_only=True, taken_only=True),
    ),
    **{
        f"receipts.{step}": (
            Rate(limit="10 per minute", methods=("POST",), wrong_only=True),
            Rate(limit="30 per hour", methods=("POST",), wrong_only=True),
            Rate(limit="60 per day", methods=("POST",), wrong_only=True),
            Rate(limit="60 per minute", methods=("POST",)),
        )
        for step in ("follow", "rate", "reopen")
    },
    "open311.create": (Rate(limit="10 per minute", methods=("POST",), public_only=True, taken_only=True),),
    "open311.request_list": (Rate(limit="120 per minute", public_only=True),),
    "open311.one": (Rate(limit="120 per minute", public_only=True),),
}
"""Limits by endpoint."""


def init_limits(app: Flask, file: Path) -> Limiter:
    """Wrap the limited endpoints; call it when all routes stand."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=f"{SCHEME}://{file}",
        strategy="fixed-window",
        headers_enabled=True,
        retry_after="delta-seconds",
    )
    for endpoint, rates in RATES.items():
        for rate in rates if endpoint in app.view_functions else ():
            app.view_functions[endpoint] = _limited(limiter, rate, app.view_functions[endpoint])
    return limiter


def _limited(limiter: Limiter, rate: Rate, view: Any) -> Any:
    spared = _is_logged_in if rate.public_only else _is_unknown if rate.known_only else None
    spared = _is_no_strangers_browser if rate.device_only else spared
    wrap = limiter.limit(
        rate.limit,
        key_func=rate.key,
        methods=list(rate.methods),
        exempt_when=spared,
        deduct_when=_was_wrong if rate.wrong_only else _was_made if rate.made_only else None,
    )
    return wrap(_giving_back(limiter, rate, view) if rate.taken_only else view)


def _giving_back(limiter: Limiter, rate: Rate, view: Any) -> Any:
    """Count first, so that many at once are counted, and give back what was put off."""
    own = parse(rate.limit)

    @wraps(view)
    def ask(*args: Any, **kwargs: Any) -> Any:
        counted = [limit for limit in limiter.current_limits if limit.limit == own]
        try:
            return view(*args, **kwargs)
        except (DatabaseBusy, NoSpace):
            for limit in counted:
                limiter.storage.incr(limit.key, limit.limit.get_expiry(), amount=-1)
            raise

    return ask


def _was_made(response: Response) -> bool:
    return "Age" not in response.headers


def _was_wrong(response: Response) -> bool:
    return response.status_code == HTTPStatus.NOT_FOUND


def _is_no_strangers_browser() -> bool:
    return _is_logged_in() or not own_device()


def _is_unknown() -> bool:
    return not device_number()


def _is_logged_in() -> bool:
    return current_actor().role is not None
