"""A long import of our own into SpatiaLite: reports go through beside it, and nothing is lost."""

from __future__ import annotations

import csv
import os
import random
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gisgrid.cases.core.models import Case
from tests import world
from tests.serving import COMMAND, Server, serving
from tests.web.test_foreign_writer import opened
from tests.web.test_slow_clients import founded


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    founded(tmp_path).close()
    with serving(tmp_path, "--workers", "2", GISGRID_TRUSTED_PROXIES="1", **where(tmp_path)) as found:
        yield found


def where(folder: Path) -> dict[str, str]:
    return {"GISGRID_DATABASE_URL": f"sqlite:///{folder / 'x.sqlite'}"}


def many_cases(path: Path, count: int) -> Path:
    chooser = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["external_number", "category", "reported_at", "lon", "lat", "description"])
        for number in range(count):
            lon = world.LON + chooser.random() * 3.9 * world.STEP
            lat = world.LAT + chooser.random() * 3.9 * world.STEP
            day = f"2026-{1 + number % 10:02}-{1 + number % 28:02} 08:00"
            rows.writerow([f"H{number}", "garbage", day, lon, lat, f"text {number}"])
    return path


def report_beside(server: Server, folder: Path, rows: int, reports: int) -> list[float]:
    """How long each report took, from the first try, while a file of so many rows is imported."""
    file, waited, busy = many_cases(folder / "cases.csv", rows), [], 0
    command = [*COMMAND, "import", "cases", str(file), "--crs", "EPSG:4326", "--community", "C1"]
    with (folder / "import.log").open("w") as log:
        running = subprocess.Popen(command, env=os.environ | where(folder), stdout=log, stderr=log)
        while not (folder / "x.sqlite-importing").exists():
            assert running.poll() is None, (folder / "import.log").read_text()
            time.sleep(0.02)
        beside = 0
        for number in range(reports):
            token, cookie = server.form()
            phone = {"X-Forwarded-For": f"192.0.2.{number % 250}"}
            key, begun = secrets.token_hex(16), time.monotonic()
            while server.report(token, cookie | phone, key)[0] != 201:
                busy += 1
                time.sleep(0.2)
            waited.append(time.monotonic() - begun)
            beside += running.poll() is None
        assert running.wait(timeout=1800) == 0, (folder / "import.log").read_text()
    assert beside > reports / 2
    assert busy == 0
    with opened(folder) as database, database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == rows + reports
    return waited


def test_reports_go_through_beside_an_import(server: Server, tmp_path: Path) -> None:
    """None is refused, and none waits for its end; how long they wait is measured in the proof."""
    assert len(report_beside(server, tmp_path, 6000, 4)) == 4


@pytest.mark.prove
def test_a_hundred_reports_beside_a_hundred_thousand_rows(
    server: Server, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    waited = report_beside(server, tmp_path, 100_000, 100)
    p95 = statistics.quantiles(waited, n=20)[-1]
    record_property("reports", f"{len(waited)}, p95 {1000 * p95:.0f} ms, max {max(waited):.2f} s")
    assert max(waited) <= 3
