"""The process that holds the socket: it forks the workers, starts fallen ones anew, and stops all in order.

It opens nothing and answers nothing, so a worker is a copy of what was imported and of no connection.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from socket import socket
from typing import Final, NoReturn

STOPS: Final = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
_HEARD: Final = STOPS | {signal.SIGHUP, signal.SIGCHLD}
GRACE_S: Final = 20.0
"""How long a worker may finish what it has begun."""
_KILL_AFTER_S: Final = GRACE_S + 5
_PAUSE_S: Final = 1.0
"""Between the end of a worker and the next try, so that a broken one does not take the machine."""
_log: Final = logging.getLogger("web.server")


class Parent:
    """Some workers on one listening socket.

    ``work`` is what a worker does; it gets a descriptor to say that it began.
    """

    def __init__(self, listening: socket, work: Callable[[int], None], *, workers: int) -> None:
        self._listening, self._work, self._wanted = listening, work, workers
        self._running: set[int] = set()
        self._leaving: set[int] = set()

    def run(self) -> int:
        """Serve until a signal says to stop; the exit code. SIGHUP renews the workers."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        if not self._fill():
            is_stopped = bool(signal.sigpending() & STOPS)  # a stop of the whole group reaches a worker first
            self._stop()
            return 0 if is_stopped else 1
        while (heard := signal.sigwait(_HEARD)) not in STOPS:
            if heard == signal.SIGHUP:
                self._renew()
            self._bury()
            if not self._restart():
                break
        self._stop()
        return 0

    def _fill(self) -> bool:
        """Start what is missing; whether all of it began."""
        return all(self._start() for _ in range(self._wanted - len(self._running)))

    def _restart(self) -> bool:
        """As `_fill`, again and again; whether nobody said to stop meanwhile."""
        while not self._fill() or len(self._running) < self._wanted:
            if signal.sigtimedwait(STOPS, _PAUSE_S) is not None:
                return False
            self._bury()
        return True

    def _renew(self) -> None:
        """New workers, which read settings and certificate again, before the old ones finish."""
        old, self._running = self._running, set()
        if self._fill():
            self._leaving |= old
            _tell(old, signal.SIGTERM)
        else:  # the old ones go on
            _tell(self._running, signal.SIGTERM)
            self._leaving |= self._running
            self._running = old

    def _start(self) -> bool:
        """Fork one worker and wait until it serves; whether it does."""
        hearing, saying = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(hearing)
            self._become_worker(saying)
        os.close(saying)
        with os.fdopen(hearing, "rb") as pipe:
            has_begun = bool(pipe.read(1))
        if has_begun:
            self._running.add(pid)
        else:
            os.waitpid(pid, 0)
        return has_begun

    def _become_worker(self, saying: int) -> NoReturn:
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # a terminal sends these to all; the parent decides
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
            self._work(saying)
            code = 0
        except Exception as error:  # noqa: BLE001 - the process ends here, and says of what
            _log.error("worker", extra={"parts": {"error": type(error).__name__}})
        finally:
            os._exit(code)

    def _bury(self) -> None:
        """Take note of the workers that have ended."""
        while self._running | self._leaving:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self._running:
                self._running.discard(pid)
                parts = {"event": "worker fell", "code": os.waitstatus_to_exitcode(status)}
                _log.error("worker fell", extra={"parts": parts})
            self._leaving.discard(pid)

    def _stop(self) -> None:
        """Take no more connections, let the workers finish, and end those that do not."""
        self._listening.close()
        self._leaving |= self._running
        self._running = set()
        _tell(self._leaving, signal.SIGTERM)
        until = time.monotonic() + _KILL_AFTER_S
        self._bury()
        while self._leaving and (left := until - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, min(left, _PAUSE_S))
            self._bury()
        _tell(self._leaving, signal.SIGKILL)
        for pid in self._leaving:
            os.waitpid(pid, 0)


def _tell(pids: set[int], what: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, what)
