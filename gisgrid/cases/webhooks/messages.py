"""A message as the robot of a WeCom group takes it, and its signature."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import orjson

from gisgrid.cases.core.outbox_models import HookEvent
from gisgrid.labels.cases import HOOK_EVENTS


def body_of(event: HookEvent, facts: Mapping[str, Any], *, site: str, tz: tzinfo) -> bytes:
    """The message's body: ``{"msgtype": "markdown", "markdown": {"content": …}}``."""
    lines = [f"**{' '.join([HOOK_EVENTS[event], *([facts['number']] if facts.get('number') else [])])}**"]
    if event is not HookEvent.TEST:
        due = datetime.fromisoformat(facts["due"]).astimezone(tz) if facts.get("due") else None
        lines += [
            f"类别:{facts.get('category') or '保密类别'}",
            f"网格:{facts.get('grid') or '未归入网格'}",
            *([f"期限:{due:%Y-%m-%d %H:%M}"] if due and event is not HookEvent.CLOSED else []),
            f"[查看案件]({site}/cases/{facts['id']})",
        ]
    return orjson.dumps({"msgtype": "markdown", "markdown": {"content": "\n".join(lines)}})


def signature(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the time stamp, a point and the body, as hexadecimal digits."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
