"""An import that says when it has kept some rows, and then goes on slowly until it is killed."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

import gisgrid.tables  # noqa: F401 - foreign keys must find their tables
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import ImportWatch, run
from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import open_database
from gisgrid.access.models import Role
from gisgrid.storage import turns
from tests.conftest import KEYS
from tests.world import TZ


def main(file: str, path: str) -> None:
    database = open_database(sa.make_url(f"sqlite:///{path}"), KEYS)
    turns.HOLD_S = 0.0  # type: ignore[misc]

    def slowly(done: int, _total: int) -> None:
        if done >= 1500:  # a turn has ended after each batch before
            print("kept some", flush=True)  # noqa: T201 - what the test waits for
            time.sleep(60)

    prepared = prepare(ImportRequest(kind="cases", file=Path(file), community="C1", crs="EPSG:4326"), tz=TZ)
    who = Actor(role=Role.LOCAL, operator="tests")
    run(database, lambda _s: who, prepared, now=datetime.now(UTC), tz=TZ, watch=ImportWatch(progress=slowly))


if __name__ == "__main__":
    main(*sys.argv[1:])
