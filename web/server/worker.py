"""One worker: the application, a loop that holds every connection, and a few threads that answer."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from hypercorn.asyncio import serve
from hypercorn.config import Config

from gisgrid.errors import GisgridError
from web.app import create_app_from_environment
from web.server.bridge import Bridge
from web.server.parent import GRACE_S
from web.server.plan import ServerPlan

THREADS: Final = 8
"""How many requests a worker answers at once; all others wait whole, at no thread's cost."""
_HEAD_S: Final = 20.0
"""For how long a connection may be open without a whole head: before the first and between two."""
_HANDSHAKE_S: Final = 10.0
_BACKLOG: Final = 1024
_LOOK_S: Final = 0.5
_LULL_S: Final = 1.0
"""Between the last connection that is taken and the end: who was taken just before has said nothing yet."""
_log: Final = logging.getLogger("web.server")


def work(saying: int, plan: ServerPlan) -> None:
    """Build the application, say that it serves, and serve until SIGTERM or until the parent is gone."""
    parent = os.getppid()
    try:
        app = create_app_from_environment()
    except GisgridError as error:
        sys.stderr.write(f"gisgrid: {error}\n")
        return
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(_note)
        runner.run(_serve(app.wsgi_app, plan, saying, parent))
        app.extensions["gisgrid"].database.close()
        sys.stderr.flush()
        os._exit(0)  # a thread that is still at work must not keep the process


async def _serve(app: Any, plan: ServerPlan, saying: int, parent: int) -> None:
    ending, over = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ending.set)
    orphaned = loop.create_task(_end_without(parent, ending))
    lull = loop.create_task(_end_after_lull(plan.descriptor, ending, over))
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="gisgrid-answering")
    bridge = Bridge(app, pool, over)
    os.write(saying, b"+")
    os.close(saying)
    try:
        await serve(bridge, _config(plan), shutdown_trigger=over.wait, mode="asgi")  # type: ignore[arg-type]
    except asyncio.CancelledError:
        _log.warning("stopping", extra={"parts": {"event": "requests were cut off"}})
    finally:
        orphaned.cancel()
        lull.cancel()


async def _end_after_lull(listening: int, ending: asyncio.Event, over: asyncio.Event) -> None:
    """Take no more connections and answer those that were taken, before the idle ones are closed."""
    await ending.wait()
    asyncio.get_running_loop().remove_reader(listening)
    await asyncio.sleep(_LULL_S)
    over.set()


async def _end_without(parent: int, ending: asyncio.Event) -> None:
    """A parent that was killed hard can't say so: its workers would hold the port for ever."""
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(_LOOK_S)
    ending.set()


def _config(plan: ServerPlan) -> Config:
    config = Config()
    config.bind = [f"fd://{plan.descriptor}"]
    config.certfile, config.keyfile = plan.cert, plan.key
    config.alpn_protocols = ["http/1.1"]
    config.backlog = _BACKLOG
    config.keep_alive_timeout = _HEAD_S
    config.ssl_handshake_timeout = _HANDSHAKE_S
    config.graceful_timeout = GRACE_S
    config.include_server_header = False
    config.accesslog = config.errorlog = None  # the application writes its own lines, without addresses
    return config


def _note(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A fault of a connection by its class alone: its text may hold what somebody sent."""
    error = context.get("exception")
    if not isinstance(error, OSError):  # broken connections and handshakes are everyday
        _log.error("connection", extra={"parts": {"error": type(error).__name__}})
