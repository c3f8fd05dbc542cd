"""The large database that benchmarks measure on, if there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from flask_openapi3.openapi import OpenAPI

from gisgrid.settings import Settings
from tests.web.browsing import services_of
from web.app import create_app

NOT_GIVEN: Final = "The large database was not given: GISGRID_BENCH_DATABASE is empty."


def large_settings() -> Settings | None:
    """``GISGRID_BENCH_DATABASE`` names it and ``GISGRID_BENCH_KEYS`` its key file."""
    url, keys = os.environ.get("GISGRID_BENCH_DATABASE"), os.environ.get("GISGRID_BENCH_KEYS")
    return Settings(database_url=url, key_file=Path(keys)) if url and keys else None


@contextmanager
def application(settings: Settings) -> Iterator[OpenAPI]:
    """The application on it, closed afterwards."""
    app = create_app(settings)
    yield app
    services_of(app).database.close()


def households_in(app: OpenAPI) -> int:
    """How many households the database holds."""
    with services_of(app).database.read() as session:
        return int(session.execute(sa.text("SELECT count(*) FROM household")).scalar_one())
