"""Sends what waits in the outbox: outside of any request and any transaction, again later where it fails.

Who sends takes messages first, for two minutes: of several processes only one has each. A process that dies
over it leaves the message to the next one, so a message may come twice; ``X-Gisgrid-Delivery`` tells.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import orjson
import requests
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gisgrid.cases.core.outbox_models import HookEvent, HookMessage, Webhook
from gisgrid.cases.webhooks.addresses import NOBODY, Listed, receivers
from gisgrid.cases.webhooks.connection import open_pinned
from gisgrid.cases.webhooks.messages import body_of, signature
from gisgrid.storage.dialect import is_sqlite
from gisgrid.storage.engine import Database

MOST_ATTEMPTS: Final = 8
AT_ONCE: Final = 20
_LEASE: Final = timedelta(minutes=2)
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
_TIMEOUT_S: Final = (5.0, 10.0)
_LONGEST_S: Final = 30.0
"""Seconds that an answer which comes in pieces is waited for."""
_KEPT: Final = timedelta(days=90)
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


def send_due(
    database: Database, *, clock: Callable[[], datetime], tz: tzinfo, listed: Listed = NOBODY
) -> int:
    """Send what is due, a few messages; gives how many have arrived.

    ``listed`` may be sent to although it isn't of the open network.
    """
    arrived = 0
    for _ in range(AT_ONCE):
        with database.read() as session:
            if session.scalar(_due(clock()).with_only_columns(HookMessage.id).limit(1)) is None:
                return arrived
        with database.write() as session:
            due = _take(session, now=clock())
        if due is None:
            continue
        error = _send(due, stamp=str(int(clock().timestamp())), tz=tz, listed=listed)
        with database.write() as session:
            _note(session, due, error, now=clock())
        arrived += error is None
        parts = {"message": due.id, "event": due.event.value, "attempt": due.attempts, "error": error}
        _log.info("webhook", extra={"parts": parts})
    return arrived


def _due(now: datetime) -> Any:
    return (
        select(HookMessage, Webhook)
        .join(Webhook, Webhook.id == HookMessage.webhook_id)
        .where(HookMessage.next_at <= now, Webhook.stopped_at.is_(None))
        .order_by(HookMessage.next_at, HookMessage.id)
    )


def _take(session: Session, *, now: datetime) -> _Taken | None:
    """Take the message that has waited longest; nothing where another process was faster.

    One at a time, so that slow receivers never outlast the time for which it is taken. What has been taken
    often enough, by processes that died over it too, is given up.
    """
    statement = _due(now).limit(1)
    if not is_sqlite(session):
        statement = statement.with_for_update(skip_locked=True, of=HookMessage)
    due_message = session.execute(statement).one_or_none()
    if due_message is None:
        return None
    row, hook = due_message
    if row.attempts >= MOST_ATTEMPTS:
        row.next_at, row.given_up_at = None, now
        return None
    row.attempts, row.next_at = row.attempts + 1, now + _LEASE
    _forget(session, now=now)
    return _Taken(
        id=row.id,
        event=HookEvent(row.event),
        facts=row.facts,
        attempts=row.attempts,
        url=hook.url or "",
        secret=hook.secret or "",
        site=hook.site,
    )


def _forget(session: Session, *, now: datetime) -> None:
    """Take messages out of the outbox that were sent or given up long ago."""
    over = func.coalesce(HookMessage.sent_at, HookMessage.given_up_at)
    session.execute(delete(HookMessage).where(HookMessage.next_at.is_(None), over < now - _KEPT))


def _send(message: _Taken, *, stamp: str, tz: tzinfo, listed: Listed) -> str | None:
    """Send a message; nothing if it arrived, else why not, in a word that names no address."""
    try:
        addresses = receivers(message.url, listed)
        if not addresses:
            return "address"
        body = body_of(message.event, message.facts, site=message.site, tz=tz)
        status, answer = _answer(message, body, stamp=stamp, addresses=addresses)
    except requests.Timeout:
        return "timeout"
    except requests.RequestException as error:
        return type(error).__name__[:40]
    except Exception as error:  # noqa: BLE001 - whatever a foreign server answers, the others are sent too
        return type(error).__name__[:40]
    return _refused(answer) if 200 <= status < 300 else f"HTTP {status}"


def _answer(message: _Taken, body: bytes, *, stamp: str, addresses: Sequence[str]) -> tuple[int, bytes]:
    """The status and the beginning of what a receiver answers, at the first address that opens."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "gisgrid",
        "X-Gisgrid-Delivery": message.id,
        "X-Gisgrid-Event": message.event.value,
        "X-Gisgrid-Timestamp": stamp,
        "X-Gisgrid-Signature": f"sha256={signature(message.secret, stamp, body)}",
    }
    until = time.monotonic() + _LONGEST_S
    for address in addresses[:-1]:
        try:
            return _answer_of(message.url, address, headers, body, until=until)
        except requests.ConnectionError:
            continue
    return _answer_of(message.url, addresses[-1], headers, body, until=until)


def _answer_of(
    url: str, address: str, headers: dict[str, str], body: bytes, *, until: float
) -> tuple[int, bytes]:
    with open_pinned(url, address) as (web, pinned, host):
        sent = web.post(
            pinned,
            data=body,
            headers={**headers, "Host": host},
            timeout=_TIMEOUT_S,
            allow_redirects=False,
            stream=True,
        )
        with sent:
            return sent.status_code, _beginning(sent.raw, until=until)


def _beginning(raw: Any, *, until: float) -> bytes:
    """The first bytes of an answer, as they come, for as long as anybody waits for them."""
    answer = b""
    while len(answer) < _ANSWER_BYTES and (piece := raw.read1(_ANSWER_BYTES, decode_content=True)):
        answer += piece
        if time.monotonic() > until:
            raise requests.Timeout
    return answer[:_ANSWER_BYTES]


def _refused(answer: bytes) -> str | None:
    """A robot answers 200 also where it took nothing, and says so in ``errcode``."""
    try:
        said = orjson.loads(answer)
    except ValueError:
        return None
    code = said.get("errcode", 0) if isinstance(said, dict) else 0
    return None if code == 0 else f"errcode {code}"[:40]


def _note(session: Session, message: _Taken, error: str | None, *, now: datetime) -> None:
    values: dict[str, Any] = {"error": error, "next_at": None}
    if error is None:
        values["sent_at"] = now
    elif message.attempts >= MOST_ATTEMPTS:
        values["given_up_at"] = now
    else:
        values["next_at"] = now + wait_after(message.attempts)
    session.execute(update(HookMessage).where(HookMessage.id == message.id).values(values))
