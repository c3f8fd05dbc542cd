"""Logs for programs: one JSON object a line, with names of things and numbers, never with what people typed.

A logger's call gives its parts as ``extra={"parts": {…}}``; whatever else a record says is its message.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

REQUEST: Final[ContextVar[str | None]] = ContextVar("request", default=None)
"""The id of the request that is being answered, to find its lines by."""

LOGGERS: Final = ("gisgrid", "web")


class JsonLines(logging.Formatter):
    """A record as one line of JSON. An exception is told by its class alone: its text may name people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its line feed."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "log": record.name,
        }
        if (request := REQUEST.get()) is not None:
            line["request"] = request
        parts = getattr(record, "parts", None)
        line |= parts if isinstance(parts, dict) else {"message": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to_stderr() -> None:
    """Let a server process write its lines to stderr, where systemd and containers pick them up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
