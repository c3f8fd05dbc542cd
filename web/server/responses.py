"""An answer on its way: a thread puts it in and is free again, the loop sends it as it is read."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

_IN_MEMORY: Final = 1024 * 1024
_PIECE: Final = 64 * 1024


class Gone(Exception):  # noqa: N818 - named by what happened
    """Nobody waits for the answer any more."""


class Outgoing:
    """Status, headers and body of one answer. What was not read yet lies in memory, or in a file."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._lock = threading.Lock()
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - two sides use it
        self._put = self._sent = 0
        self._has_any = self._has_ended = self._is_gone = False
        self.status, self.headers = 500, [(b"content-length", b"0")]

    def start(
        self, status: str, headers: list[tuple[str, str]], _error: Any = None
    ) -> Callable[[bytes], None]:
        """WSGI's ``start_response``."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self.put

    def put(self, piece: bytes) -> None:
        """Add to the body, from a thread.

        Raises
        ------
        Gone
            Nobody waits for it any more.
        """
        with self._lock:
            if self._is_gone:
                raise Gone
            self._file.seek(self._put)
            self._file.write(piece)
            self._put += len(piece)
            self._has_any = True
        self._tell()

    def fail(self) -> None:
        """Say, from a thread, that nothing will come of it: an error, unless something has come already."""
        if not self._has_any:
            self.status, self.headers = 500, [(b"content-length", b"0")]

    def end(self) -> None:
        """Say, from a thread, that this is all."""
        with self._lock:
            self._has_ended = True
            if self._is_gone:
                self._file.close()
        self._tell()

    def drop(self) -> None:
        """Say, from the loop, that nobody waits any more, or that all is sent."""
        with self._lock:
            self._is_gone = True
            if self._has_ended:
                self._file.close()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Status and headers stand when the first piece is there, or the end."""
        while True:
            await self._news.wait()
            self._news.clear()
            while piece := self._take():
                yield piece
            with self._lock:
                if self._has_ended and (self._is_gone or self._sent == self._put):
                    return

    def _take(self) -> bytes:
        with self._lock:
            if self._is_gone:
                return b""
            self._file.seek(self._sent)
            piece = self._file.read(min(_PIECE, self._put - self._sent))
            self._sent += len(piece)
            if self._sent == self._put and self._put:
                self._file.seek(0)
                self._file.truncate()
                self._sent = self._put = 0
        return piece

    def _tell(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # the loop has ended, and the process with it
            raise Gone from None
