"""Statements that take long are logged: their SQL with placeholders, never the values."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

_log: Final = logging.getLogger("gisgrid.slow")
_BEGAN: Final = "gisgrid_began"
_LONGEST: Final = 2000


def watch_slow(engine: Engine, threshold_ms: int) -> None:
    """Log every statement of an engine that takes at least so long; 0 logs none."""
    if threshold_ms <= 0:
        return

    def begin(connection: Connection, *_rest: Any) -> None:
        connection.info.setdefault(_BEGAN, []).append(time.perf_counter())

    def end(
        connection: Connection,
        _cursor: Any,
        statement: str,
        _values: Any,
        _context: Any,
        many: bool,  # noqa: FBT001
    ) -> None:
        took = 1000 * (time.perf_counter() - connection.info[_BEGAN].pop())
        if took >= threshold_ms:
            sql = " ".join(statement.split())[:_LONGEST]
            _log.warning("slow", extra={"parts": {"sql": sql, "ms": round(took), "many": many}})

    def failed(context: Any) -> None:
        if context.connection is not None and context.connection.info.get(_BEGAN):
            context.connection.info[_BEGAN].pop()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", failed)
