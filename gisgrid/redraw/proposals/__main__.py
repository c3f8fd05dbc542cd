"""The process that works on one proposal: ``{"job": ID, "database": URL}`` on its standard input."""

from __future__ import annotations

import os
import sys

import orjson
from sqlalchemy import make_url

from gisgrid.redraw.proposals.worker import work
from gisgrid.storage.engine import Database

_POLITE = 5
"""People who look at pages go first."""


def main() -> None:
    """Work on what standard input names."""
    task = orjson.loads(sys.stdin.buffer.read())
    os.nice(_POLITE)
    database = Database(make_url(task["database"]))
    try:
        work(database, task["job"])
    finally:
        database.close()


if __name__ == "__main__":
    main()
