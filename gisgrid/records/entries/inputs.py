"""What is sent of a record, and which day it counts for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from gisgrid.days import day_of
from gisgrid.records.core.rules import SubjectKind

_EARLIEST: Final = timedelta(days=31)
_LATEST: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInput:
    """A filled form as it is sent. ``id`` is made by the sender and is the idempotency key.

    ``filled_at`` is corrected by the phone's offset already; ``subject_id`` is nothing for a community.
    ``bases`` are the digests that the form began with, of what the register held. ``language`` is that of the
    sentences of faults.
    """

    id: str
    version_id: str
    subject: SubjectKind
    subject_id: str | None
    day: date
    filled_at: datetime
    answers: Mapping[str, object]
    task_key: str | None = None
    round_id: str | None = None
    bases: Mapping[str, str] = field(default_factory=dict)
    language: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDay:
    """The day a record counts for; ``is_doubtful`` where the day of receipt stands in for it."""

    day: date
    at: datetime
    is_doubtful: bool


def day_counted(sent: RecordInput, *, now: datetime, tz: tzinfo) -> RecordDay:
    """The day of a record: as sent where it agrees with its moment and that may be, else that of receipt."""
    is_likely = now - _EARLIEST <= sent.filled_at <= now + _LATEST
    if is_likely and day_of(sent.filled_at, tz) == sent.day and sent.day <= day_of(now, tz):
        return RecordDay(day=sent.day, at=min(sent.filled_at, now), is_doubtful=False)
    return RecordDay(day=day_of(now, tz), at=now, is_doubtful=True)


def digest_of(sent: RecordInput, reason: str | None = None) -> str:
    """A digest of all that was sent: the same thing sent again has the same."""
    parts = [
        *(sent.version_id, sent.subject, sent.subject_id, sent.day.isoformat()),
        *(sent.filled_at.timestamp(), sent.answers, sent.task_key, sent.round_id, reason, sent.bases),
    ]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
