"""Work that takes long, in a process of its own that outlives a restart of the server."""

from __future__ import annotations

import contextlib
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

_STATUS: Final = Path("/proc/self/status")


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


def most_memory_mb() -> int:
    """The most memory this process has held so far, in MB.

    Linux counts in ``ru_maxrss`` what the process that started this one held, so its own peak is asked for.
    """
    status = _STATUS.read_text(encoding="utf-8", errors="replace") if _STATUS.is_file() else ""
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return (int(peak[1]) if peak else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024
