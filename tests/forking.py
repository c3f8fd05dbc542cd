"""Modules of ours run in processes that need not import anything first.

The fork server of the standard library has imported everything and opened nothing; each process is as alone
as one that ``python -m`` starts, and only the seconds of importing are saved.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from typing import Any, Final

import orjson

_BEFORE: Final = ["data.uploads.worker", "data.backgrounds.worker", "gisgrid.redraw.proposals.worker"]
"""What is imported before anything is asked for."""


def start_forked(module: str, said: Mapping[str, Any]) -> None:
    """As `gisgrid.processes.start_module`, from the process that has imported everything."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(_BEFORE)
    server.Process(target=_become, args=(module, orjson.dumps(said), dict(os.environ)), daemon=True).start()


def _become(module: str, said: bytes, environment: dict[str, str]) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = io.TextIOWrapper(io.BytesIO(said), encoding="utf-8")
    runpy.run_module(module, run_name="__main__", alter_sys=True)
