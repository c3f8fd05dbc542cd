"""Finding households and opening the maps on a large PostGIS database, beside the same on the demo.

Run ``python -m tests.bench.bench_large`` with the variables of `tests.bench.large`. Finding: requests of
somebody who types addresses, rooms, pinyin or initials. Maps: cold is a process that has answered nothing.
Times are those of the application by the clock, without a network.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import numpy as np
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.keys.encryption import KeyRing
from gisgrid.places.address import search_keys
from gisgrid.settings import Settings
from tests.bench import report
from tests.bench.large import NOT_GIVEN, application, households_in, large_settings
from tests.demo_files import demo_file
from tests.web.browsing import add_token, services_of

NOW: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
FINDS: Final = 200
FIND_P95_MS: Final = 100
ROUNDS: Final = 5
COLD_MS: Final = 1000
WARM_MS: Final = 150
_BASE: Final = ("basemap?bbox={box}", "buildings?bbox={box}", "areas?level=grid&simplify=1")
MAPS: Final = {
    "hotspots": ("categories", "hotspots?from=2025-11-25&to=2026-11-24&level=grid", *_BASE),
    "elderly": (
        "coverage/elderly?distance=500",
        "coverage/elderly/uncovered?distance=500",
        "facilities",
        *_BASE,
    ),
    "territories": ("territories", *_BASE),
}
HEAD: Final = "| database | what | n | median ms | p95 ms | goal ms |\n|---|---|---|---|---|---|\n"


def run() -> tuple[str, list[str]]:
    """The table and the goals that were missed, which are those of the large database."""
    with tempfile.TemporaryDirectory() as folder:
        file = demo_file(Path(folder), KeyRing(1, {1: b"b" * 32}), now=NOW)
        rows, _missed = _measured("demo, SpatiaLite", Settings(database_url=f"sqlite:///{file}"), "head")
    settings, missed = large_settings(), list[str]()
    if settings is not None:
        with application(settings) as app:
            name = f"{households_in(app):,} households, PostGIS"
        more, missed = _measured(name, settings, "head-c2")
        rows += more
    head = "### Finding households, and the data of the maps\n\n" + HEAD
    return head + "\n".join(rows) + ("" if settings else f"\n\n{NOT_GIVEN}"), missed


def _measured(name: str, settings: Settings, account: str) -> tuple[list[str], list[str]]:
    with application(settings) as app:
        headers = add_token(app, account)
        client, ask = app.test_client(), random.Random(7)
        texts = [text for address in _addresses(app, headers, ask) for text in _typed(address)]
        finds = [
            _timed(client, [f"households?q={quote(text)}"], headers) for text in ask.sample(texts, FINDS)
        ]
        box = _box(client, headers)
    p95 = float(np.percentile(finds, 95))
    rows = [_row(name, "find", finds, FIND_P95_MS)]
    missed = [f"{name}, find: p95 {p95:.0f} ms instead of {FIND_P95_MS}"] if p95 > FIND_P95_MS else []
    for which, urls in MAPS.items():
        wanted = [url.format(box=box) for url in urls]
        colds, warms = _cold_and_warm(settings, headers, wanted)
        for what, times, goal in ((f"{which}, cold", colds, COLD_MS), (f"{which}, warm", warms, WARM_MS)):
            rows.append(_row(name, what, times, goal))
            if np.median(times) > goal:
                missed.append(f"{name}, {what}: {np.median(times):.0f} ms instead of {goal}")
    return rows, missed


def _addresses(app: OpenAPI, headers: dict[str, str], ask: random.Random) -> list[str]:
    """Addresses of the account's community, drawn at random."""
    code = app.test_client().get("/api/v1/areas?level=community", headers=headers).json
    assert code is not None
    community = code["features"][0]["properties"]["code"]
    statement = sa.text(
        "SELECT std_address FROM household JOIN area_name ON area_id = community_id WHERE code = :code"
    )
    with services_of(app).database.read() as session:
        found = sorted(session.execute(statement, {"code": community}).scalars())
    return ask.sample(found, FINDS)


def _typed(address: str) -> Iterator[str]:
    """What people type to find an address such as "柳岸新村 1幢 1单元 101室"."""
    compound, building, *_unit, room = address.split(" ")
    keys = search_keys(compound, building)
    yield address.replace(" ", "")
    yield f"{compound}{building}"
    yield f"{building.rstrip('幢')}-{room.rstrip('室')}"
    yield keys.initials
    yield keys.pinyin[:8]


def _box(client: FlaskClient, headers: dict[str, str]) -> str:
    """The bounds of the account's community as the pages ask for them."""
    features = client.get("/api/v1/areas?level=grid", headers=headers).json
    assert features is not None
    rings = [ring for one in features["features"] for part in one["geometry"]["coordinates"] for ring in part]
    points = np.array([point for ring in rings for point in ring])
    return ",".join(f"{value:.5f}" for value in (*points.min(axis=0), *points.max(axis=0)))


def _cold_and_warm(
    settings: Settings, headers: dict[str, str], urls: list[str]
) -> tuple[list[float], list[float]]:
    colds, warms = list[float](), list[float]()
    for _ in range(ROUNDS):
        with application(settings) as app:
            client = app.test_client()
            colds.append(_timed(client, urls, headers))
            warms.append(_timed(client, urls, headers))
    return colds, warms


def _timed(client: FlaskClient, urls: list[str], headers: dict[str, str]) -> float:
    """Milliseconds of some requests in turn."""
    begin = time.perf_counter()
    answers = [client.get(f"/api/v1/{url}", headers=headers) for url in urls]
    took = (time.perf_counter() - begin) * 1000
    assert all(answer.status_code == 200 for answer in answers), [answer.status for answer in answers]
    return took


def _row(name: str, what: str, times: list[float], goal: float) -> str:
    median, p95 = np.median(times), np.percentile(times, 95)
    return f"| {name} | {what} | {len(times)} | {median:.0f} | {p95:.0f} | {goal} |"


if __name__ == "__main__":
    sys.exit(report(run))
