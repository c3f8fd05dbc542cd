"""Passwords of the demo's accounts: hashed beside the loading, since a hash takes as long as it should."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from data.demo.records import DemoCommunity
from gisgrid.access.passwords import hash_password


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPassword:
    """A password, and its hash as soon as that is made."""

    secret: str
    hashing: Future[str]


@contextmanager
def passwords_of(demo: DemoCommunity, password: str | None) -> Iterator[dict[str, DemoPassword]]:
    """Passwords by the name of their account, random ones or all the given one.

    Argon2 works outside the interpreter's lock: on a machine with two processors the hashes of all accounts
    cost no time of their own.
    """
    pool = ThreadPoolExecutor(max_workers=max((os.cpu_count() or 1) - 1, 1))
    try:
        chosen = {account.name: password or secrets.token_urlsafe(9) for account in demo.accounts}
        yield {
            name: DemoPassword(secret=secret, hashing=pool.submit(hash_password, secret))
            for name, secret in chosen.items()
        }
    finally:
        pool.shutdown(cancel_futures=True)
