"""Work that takes long, in a process of its own that outlives a restart of the server."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

import orjson


def start_module(module: str, said: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    """Run one of our modules, which reads what is said as JSON from its standard input.

    What is said may hold the address of the database: a command line can be read by others.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module, nothing from outside
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.suppress(BrokenPipeError):
        if process.stdin is not None:
            process.stdin.write(orjson.dumps(said))
            process.stdin.close()
    threading.Thread(target=process.wait, daemon=True).start()
    return process
