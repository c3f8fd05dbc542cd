"""Bodies of requests, taken in whole before a thread answers; who sends none or too slowly is let go."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any, Final

from data.uploads.store import MOST_MB

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

MOST_BYTES: Final = (MOST_MB + 1) * 1024 * 1024
"""No route takes more; the application says so in its own words."""
PAUSE_S: Final = 20.0
"""For how long nothing may come."""
GRACE_S: Final = 30.0
LEAST_BYTES_A_S: Final = 2_000
"""After the grace, at least so much on the average: a drop now and then is no request."""
_IN_MEMORY: Final = 256 * 1024
_ROOM_BYTES: Final = 1024**3


class Refused(Exception):  # noqa: N818 - named by what happened
    """A body that is not waited for; ``status`` says why, 0 that nobody is there to be told."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class RequestBodies:
    """The bodies that a worker holds at once, in memory while small, else in files without a name."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._held = 0

    async def take(self, receive: Receive, body: Body) -> None:
        """Read a body to its end.

        Raises
        ------
        Refused
            It comes too slowly, the asker is gone, the server stops, or there is no room for it.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            until = min(loop.time() + PAUSE_S, begun + GRACE_S + body.size / LEAST_BYTES_A_S)
            if loop.time() > until:
                raise Refused(408)
            message = await self._next(receive, until - loop.time())
            if message["type"] == "http.disconnect":
                raise Refused(0)
            self._keep(body, message.get("body", b""))
            if not message.get("more_body") or body.is_too_large:
                return

    def let_go(self, body: Body) -> None:
        """Give the room of a body back."""
        self._held -= body.size
        body.file.close()

    def _keep(self, body: Body, piece: bytes) -> None:
        if self._held + len(piece) > _ROOM_BYTES:
            raise Refused(503)
        self._held += len(piece)
        try:
            body.add(piece)
        except OSError:
            raise Refused(503) from None

    async def _next(self, receive: Receive, seconds: float) -> Message:
        coming = asyncio.ensure_future(receive())
        stops = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({coming, stops}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                return coming.result()
            raise Refused(503 if stops.done() else 408)
        finally:
            coming.cancel()
            stops.cancel()


class Body:
    """What has come of one request's body."""

    def __init__(self) -> None:
        self.size = 0
        self.file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - `Bodies.let_go` closes it

    @property
    def is_too_large(self) -> bool:
        """Whether it is more than any route takes."""
        return self.size > MOST_BYTES

    def add(self, piece: bytes) -> None:
        """Keep what has come."""
        self.size += len(piece)
        self.file.write(piece)
