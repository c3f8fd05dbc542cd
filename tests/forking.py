"""Modules of ours run in processes that need not import anything first.

One process, started by the first who asks, has imported everything and opened nothing; it forks the others.
Each is as alone as one that ``python -m`` starts; only the seconds of importing are saved.

Run as a program this is that first process: each line of its input names a module and what it is told.
"""

from __future__ import annotations

import atexit
import base64
import gc
import importlib
import io
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

import orjson

_BEFORE: Final = ("data.uploads.worker", "data.backgrounds.worker", "gisgrid.redraw.proposals.worker")
"""What is imported before anything is asked for."""


def start_forked(module: str, said: Mapping[str, Any]) -> None:
    """As `gisgrid.processes.start_module`, from the process that has imported everything."""
    origin = _origin()
    assert origin.stdin is not None
    told = base64.b64encode(orjson.dumps(said)).decode()
    origin.stdin.write(json.dumps([module, told, dict(os.environ)]).encode() + b"\n")
    origin.stdin.flush()


@cache
def _origin() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", __name__]
    origin = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    atexit.register(_end, origin)
    return origin


def _end(origin: subprocess.Popen[bytes]) -> None:
    assert origin.stdin is not None
    origin.stdin.close()
    origin.wait()


def _serve() -> None:
    """Fork a process for each line; the forked one runs its module as it would have been run alone."""
    for module in _BEFORE:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, _bury)
    for line in sys.stdin.buffer:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _become(*json.loads(line))
            return


def _bury(*_heard: object) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(module: str, told: str, environment: dict[str, str]) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = io.TextIOWrapper(io.BytesIO(base64.b64decode(told)), encoding="utf-8")
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
