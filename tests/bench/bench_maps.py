"""The three maps on the demo: server time of a page with its data, cold and warm, and bytes over the wire.

Run ``python -m tests.bench.bench_maps``. Cold is a process that has answered nothing of this community yet,
on a SpatiaLite file; warm the same requests again. Times are those of the application, without a network.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from flask.testing import FlaskClient

from gisgrid.access.keys.encryption import KeyRing
from gisgrid.settings import Settings
from tests.bench import report
from tests.demo_files import PASSWORD, demo_file
from web.app import create_app

NOW: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ROUNDS: Final = 5
COLD_MS: Final = 300
WARM_MS: Final = 80
WIRE_KB: Final = 300
_YEAR: Final = "from=2025-11-25&to=2026-11-24"
_BASE: Final = (
    "/api/v1/basemap?bbox=118.18,33.88,118.22,33.92",
    "/api/v1/buildings?bbox=118.18,33.88,118.22,33.92",
    "/api/v1/areas?level=grid&simplify=1",
)
PAGES: Final = {
    "/maps/hotspots": ("/api/v1/categories", f"/api/v1/hotspots?{_YEAR}&level=grid", *_BASE),
    "/maps/elderly": (
        "/api/v1/coverage/elderly?distance=500",
        "/api/v1/coverage/elderly/uncovered?distance=500",
        "/api/v1/facilities",
        *_BASE,
    ),
    "/maps/territories": ("/api/v1/territories", *_BASE),
}


def run() -> tuple[str, list[str]]:
    """One row per map, and every goal that was missed."""
    rows, missed = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = demo_file(Path(folder), KeyRing(1, {1: b"b" * 32}), now=NOW)
        settings = Settings(database_url=f"sqlite:///{file}")
        cookie = _log_in(settings)
        for page in PAGES:
            cold, warm, wire, shell = _measure(settings, page, cookie)
            rows.append(f"| {page} | {cold:.0f} | {warm:.0f} | {wire / 1000:.0f} | {shell / 1000:.1f} |")
            reached = {"cold ms": (cold, COLD_MS), "warm ms": (warm, WARM_MS), "kB": (wire / 1000, WIRE_KB)}
            missed += [f"{page}: {v:.0f} {n} above {goal}" for n, (v, goal) in reached.items() if v > goal]
    head = "### Maps on the demo (9,600 households, SpatiaLite), page and data\n\n"
    head += "| map | cold ms | warm ms | kB over the wire, scripts and styles included | page shell kB |\n"
    return head + "|---|---|---|---|---|\n" + "\n".join(rows), missed


def _measure(settings: Settings, page: str, cookie: str) -> tuple[float, float, float, float]:
    colds, warms = [], []
    wire = shell = 0.0
    for _ in range(ROUNDS):
        client = _client(settings, cookie)
        milliseconds, wire, shell = _open(client, page)
        colds.append(milliseconds)
        warms.append(_open(client, page)[0])
    return float(np.median(colds)), float(np.median(warms)), wire + _static_bytes(client, page), shell


def _log_in(settings: Settings) -> str:
    """The session cookie of the head; it holds for every process with the same key file."""
    client = create_app(settings, clock=lambda: NOW).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token is not None
    form = {"username": "head", "password": PASSWORD, "csrf_token": token[1]}
    answer = client.post("/login", data=form)
    assert answer.status_code == 303
    cookie = client.get_cookie("gisgrid")
    assert cookie is not None
    return cookie.value


def _client(settings: Settings, cookie: str) -> FlaskClient:
    client = create_app(settings, clock=lambda: NOW).test_client()
    client.set_cookie("gisgrid", cookie)
    return client


def _open(client: FlaskClient, page: str) -> tuple[float, float, float]:
    """Milliseconds and bytes of a page with its data; the page's own bytes apart."""
    begin = time.perf_counter()
    answers = [client.get(url, headers={"Accept-Encoding": "gzip"}) for url in (page, *PAGES[page])]
    elapsed = (time.perf_counter() - begin) * 1000
    assert all(answer.status_code == 200 for answer in answers)
    sizes = [len(answer.data) for answer in answers]
    return elapsed, float(sum(sizes)), float(sizes[0])


def _static_bytes(client: FlaskClient, page: str) -> float:
    """What the page loads besides: scripts with all they import, styles, icons."""
    wanted = re.findall(r'(?:src|href)="(/static/[^"#]+)', client.get(page).text)
    seen: dict[str, int] = {}
    while wanted:
        url = wanted.pop().split("?")[0]
        if url in seen:
            continue
        packed = client.get(url, headers={"Accept-Encoding": "gzip"})
        seen[url] = len(packed.data)
        if url.endswith(".js"):
            folder = url.rsplit("/", 1)[0]
            names = re.findall(r'from "\./([\w.-]+)"', client.get(url).text)
            wanted += [f"{folder}/{name}" for name in names]
    return float(sum(seen.values()))


if __name__ == "__main__":
    sys.exit(report(run))
