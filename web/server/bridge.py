"""From the loop to the application (ASGI to WSGI): a thread is asked only when a request is there in whole.

Neither who sends half a request nor who reads half an answer holds a thread. `hypercorn` has a bridge of its
own, which holds whole bodies in memory, waits for them for ever, and lets a slow reader hold a thread.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any, Final
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from web.server.bodies import MOST_BYTES, Body, Message, Receive, Refused, RequestBodies
from web.server.responses import Gone, Outgoing

Scope = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

READ_S: Final = 60.0
"""For how long an asker may leave one piece of the answer unread."""
_RETRY_AFTER: Final = {503: [(b"retry-after", b"5")]}
_log: Final = logging.getLogger("web.server")


class Bridge:
    """An ASGI application that answers by a WSGI one in the threads of a pool."""

    def __init__(self, app: Any, pool: Executor, stopping: asyncio.Event) -> None:
        self._app, self._pool = app, pool
        self._bodies = RequestBodies(stopping)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; sockets of the web are refused."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Body()
        try:
            declared = _declared(scope)
            if declared <= MOST_BYTES:
                await self._bodies.take(receive, body)
            await self._ask(environment(scope, body, declared), receive, send)
        except Refused as error:
            if error.status:
                await _refuse(send, error.status)
        finally:
            self._bodies.let_go(body)

    async def _ask(self, environ: dict[str, Any], receive: Receive, send: Send) -> None:
        answer = Outgoing()
        loop = asyncio.get_running_loop()
        working = loop.run_in_executor(self._pool, _work, self._app, environ, answer)
        leaving = asyncio.ensure_future(_drop_when_left(receive, answer))
        try:
            await _send_on(answer, send)
        finally:
            leaving.cancel()
            answer.drop()
            await asyncio.shield(working)  # the body's file is its, too


def environment(scope: Scope, body: Body, declared: int = 0) -> WSGIEnvironment:
    """A request as WSGI has it.

    Headers with an underscore are left out: they would pass for those with a dash, which proxies set.
    """
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    body.file.seek(0)
    env = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body.file,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1")
        if "_" in name:
            continue
        key = f"HTTP_{name.upper().replace('-', '_')}"
        env[key] = f"{env[key]},{value.decode('latin-1')}" if key in env else value.decode("latin-1")
    env.pop("HTTP_CONTENT_LENGTH", None)
    if "HTTP_CONTENT_TYPE" in env:
        env["CONTENT_TYPE"] = env.pop("HTTP_CONTENT_TYPE")
    env.pop("HTTP_TRANSFER_ENCODING", None)
    if size := max(body.size, declared):
        env["CONTENT_LENGTH"] = str(size)
    return env


def _declared(scope: Scope) -> int:
    """How long a request says that its body is; `h11` has seen to it that it is a number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def _work(app: Any, environ: dict[str, Any], answer: Outgoing) -> None:
    """Let the application answer, in a thread."""
    try:
        pieces = app(environ, answer.start)
        try:
            for piece in pieces:
                if piece:
                    answer.put(piece)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
    except Gone:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are to be answered
        answer.fail()
        _log.error("answering", extra={"parts": {"error": type(error).__name__}})
    finally:
        answer.end()


async def _drop_when_left(receive: Receive, answer: Outgoing) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    answer.drop()


async def _send_on(answer: Outgoing, send: Send) -> None:
    """Send an answer while it comes; who does not read it is let go."""
    has_begun = False
    try:
        async for piece in answer.pieces():
            if not has_begun:
                await _begin(answer, send)
                has_begun = True
            message = {"type": "http.response.body", "body": piece, "more_body": True}
            await asyncio.wait_for(send(message), READ_S)
        if not has_begun:
            await _begin(answer, send)
        await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), READ_S)
    except TimeoutError:
        return


async def _begin(answer: Outgoing, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close"), *_RETRY_AFTER.get(status, [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
