"""Sends what waits in the outbox: outside of any request and any transaction, again later where it fails.

Who sends takes messages first, for two minutes: of several processes only one has each. A process that dies
over it leaves the message to the next one, so a message may come twice; ``X-Gisgrid-Delivery`` tells.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import requests
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.cases.hooks.messages import body_of, signature
from gisgrid.cases.hooks.models import HookEvent, HookMessage, Webhook
from gisgrid.storage.dialect import is_sqlite
from gisgrid.storage.engine import Database

MOST_ATTEMPTS: Final = 8
AT_ONCE: Final = 20
_LEASE: Final = timedelta(minutes=2)
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
_TIMEOUT_S: Final = (5.0, 10.0)
_ANSWER_BYTES: Final = 16 * 1024
_log: Final = logging.getLogger("gisgrid.hooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """A message with all that sending needs."""

    id: str
    event: HookEvent
    facts: dict[str, Any]
    attempts: int
    url: str
    secret: str
    site: str


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: 1, 2, 4 … minutes, six hours at most."""
    return min(_FIRST_WAIT * (1 << (attempts - 1)), _LONGEST_WAIT)


def send_due(database: Database, *, clock: Callable[[], datetime], tz: tzinfo) -> int:
    """Send what is due, a few messages; gives how many have arrived."""
    with database.read() as session:
        if session.scalar(_due(clock()).with_only_columns(HookMessage.id).limit(1)) is None:
            return 0
    with database.write() as session:
        taken = _take(session, now=clock())
    arrived = 0
    for one in taken:
        stamp = str(int(clock().timestamp()))
        error = _send(one, stamp=stamp, tz=tz)
        with database.write() as session:
            _note(session, one, error, now=clock())
        arrived += error is None
        parts = {"message": one.id, "event": one.event.value, "attempt": one.attempts, "error": error}
        _log.info("webhook", extra={"parts": parts})
    return arrived


def _due(now: datetime) -> Any:
    return (
        select(HookMessage, Webhook)
        .join(Webhook, Webhook.id == HookMessage.webhook_id)
        .where(HookMessage.next_at <= now, Webhook.stopped_at.is_(None))
        .order_by(HookMessage.next_at, HookMessage.id)
    )


def _take(session: Session, *, now: datetime) -> list[_Taken]:
    statement = _due(now).limit(AT_ONCE)
    if not is_sqlite(session):
        statement = statement.with_for_update(skip_locked=True, of=HookMessage)
    taken = []
    for row, hook in session.execute(statement):
        row.attempts, row.next_at = row.attempts + 1, now + _LEASE
        taken.append(
            _Taken(
                id=row.id,
                event=HookEvent(row.event),
                facts=row.facts,
                attempts=row.attempts,
                url=hook.url or "",
                secret=hook.secret or "",
                site=hook.site,
            )
        )
    return taken


def _send(one: _Taken, *, stamp: str, tz: tzinfo) -> str | None:
    """Send a message; nothing if it arrived, else why not, in a word that names no address."""
    body = body_of(one.event, one.facts, site=one.site, tz=tz)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "gisgrid",
        "X-Gisgrid-Delivery": one.id,
        "X-Gisgrid-Event": one.event.value,
        "X-Gisgrid-Timestamp": stamp,
        "X-Gisgrid-Signature": f"sha256={signature(one.secret, stamp, body)}",
    }
    try:
        with requests.Session() as web:
            web.trust_env = False  # no .netrc, no proxy that a variable names
            sent = web.post(
                one.url, data=body, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False, stream=True
            )
            with sent:
                answer = sent.raw.read(_ANSWER_BYTES, decode_content=True)
    except requests.Timeout:
        return "timeout"
    except requests.RequestException as error:
        return type(error).__name__[:40]
    except Exception as error:  # noqa: BLE001 - whatever a foreign server answers, the others are sent too
        return type(error).__name__[:40]
    if not 200 <= sent.status_code < 300:
        return f"HTTP {sent.status_code}"
    return _refused(answer)


def _refused(answer: bytes) -> str | None:
    """A robot answers 200 also where it took nothing, and says so in ``errcode``."""
    try:
        said = json.loads(answer.decode())
    except ValueError:
        return None
    code = said.get("errcode", 0) if isinstance(said, dict) else 0
    return None if code == 0 else f"errcode {code}"[:40]


def _note(session: Session, one: _Taken, error: str | None, *, now: datetime) -> None:
    values: dict[str, Any] = {"error": error, "next_at": None}
    if error is None:
        values["sent_at"] = now
    elif one.attempts >= MOST_ATTEMPTS:
        values["given_up_at"] = now
    else:
        values["next_at"] = now + wait_after(one.attempts)
    session.execute(update(HookMessage).where(HookMessage.id == one.id).values(values))
