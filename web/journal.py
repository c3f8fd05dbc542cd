"""One line for each request: its id, the route's template, status and milliseconds. No address, no values."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Final

from flask import Flask, Response, g, request

from gisgrid.journal import REQUEST
from web.context import current_actor

HEADER: Final = "X-Request-Id"
_log: Final = logging.getLogger("web.requests")
_QUIET: Final = ("static", "static_of_another_version", "health.healthz")
"""Endpoints that would fill a log and say nothing."""


def init_journal(app: Flask) -> None:
    """Give each request an id, tell it in the answer, and log the request when it is answered."""
    app.before_request(_begin)
    app.after_request(_log_answer)
    app.teardown_request(_end)


def _begin() -> None:
    g.request_id, g.began = secrets.token_hex(8), time.perf_counter()
    REQUEST.set(g.request_id)


def _log_answer(response: Response) -> Response:
    if "request_id" not in g:  # refused before it began
        return response
    response.headers[HEADER] = g.request_id
    if request.endpoint not in _QUIET:
        parts = {
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else None,
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.began), 1),
            "role": _role(),
        }
        _log.info("request", extra={"parts": parts})
    return response


def _role() -> str | None:
    """The role of who asked, where that is known already: a log must not ask the database."""
    if "_login_user" not in g:
        return None
    role = current_actor().role
    return role.value if role else None


def _end(_error: BaseException | None = None) -> None:
    REQUEST.set(None)
