"""What ``gisgrid serve`` becomes: everything is imported once, then the workers are forked from it."""

from __future__ import annotations

import gc
import importlib
import os
import resource
import socket
import sys
from contextlib import suppress

from gisgrid.journal import log_to_stderr
from web.server.parent import Parent
from web.server.plan import ServerPlan
from web.server.worker import work


def main(said: str) -> int:
    """Serve on the socket that was handed over, until a signal ends it; the exit code."""
    plan = ServerPlan.read(said)
    os.set_inheritable(plan.descriptor, False)
    log_to_stderr()
    _open_many()
    # A dictionary of 55 MB that each worker would load for itself with the first new address.
    importlib.import_module("pypinyin")
    gc.collect()
    gc.freeze()  # what is imported stays shared: the collector writes nothing into its pages
    with socket.socket(fileno=plan.descriptor) as listening:
        return Parent(listening, lambda parent: work(parent, plan), workers=plan.workers).run()


def _open_many() -> None:
    """Each connection takes a descriptor, also one that never asks anything."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
