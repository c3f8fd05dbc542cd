"""Redrawing: an edit's answer and publishing, on the demo and a large PostGIS database, beside recomputing.

Run ``python -m tests.bench.bench_redraw``. ``GISGRID_BENCH_DATABASE`` names the large database and
``GISGRID_BENCH_KEYS`` its key file (``gisgrid demo --households 1000000`` makes it, in half an hour); without
them that part is left out, which the table says. Every edit is a request to the application with local check,
findings and impact in its answer. Milliseconds by the clock, and CPU of the application's process.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flask_openapi3.openapi import OpenAPI
from sqlalchemy.orm import Session

from gisgrid.access.keys.encryption import KeyRing
from gisgrid.settings import Settings
from tests.bench import recomputing, report
from tests.bench.drafter import Drafter, Timed
from tests.bench.large import NOT_GIVEN, application, households_in, large_settings
from tests.demo_files import demo_file
from tests.web.browsing import services_of
from web.app import create_app

EDITS: Final = 60
PUBLISHES: Final = 12
NOW: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
RATIO: Final = 1000.0
NARROW: Final = frozenset({"cell_membership", "area_outline", "placement"})
"""Tables a painted redraw may write many rows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Milliseconds by the clock: the median edit, and publishing."""

    edit_ms: float
    publish_ms: float


DEMO: Final = Goal(edit_ms=150, publish_ms=300)
LARGE: Final = Goal(edit_ms=300, publish_ms=1000)
HEAD: Final = (
    "| database | what | n | median ms | p95 ms | CPU ms, median | goal ms |\n|---|---|---|---|---|---|---|\n"
)


def run() -> tuple[str, list[str]]:
    """The tables and the goals that were missed."""
    with tempfile.TemporaryDirectory() as folder:
        file = demo_file(Path(folder), KeyRing(1, {1: b"b" * 32}), now=NOW)
        demo = create_app(Settings(database_url=f"sqlite:///{file}"))
        rows, missed, written, _publish = _measured("demo, SpatiaLite", demo, DEMO, heads=("head", "head2"))
        services_of(demo).database.close()
    tables = []
    settings = large_settings()
    if settings is None:
        tables.append(NOT_GIVEN)
    else:
        with application(settings) as app:
            name = f"{households_in(app):,} households, PostGIS"
            more = _measured(name, app, LARGE, heads=("head-c2", "head2-c2"))
            rows, missed, written = rows + more[0], missed + more[1], written + more[2]
            table, below = _against_recomputing(app, more[3])
            tables.append(table)
            missed += below
    head = "### Redrawing through the API: local check, findings and impact in every answer\n\n"
    return "\n\n".join([head + HEAD + "\n".join(rows), "\n".join(written), *tables]), missed


def _measured(
    name: str, app: OpenAPI, goal: Goal, *, heads: tuple[str, str]
) -> tuple[list[str], list[str], list[str], list[Timed]]:
    """Rows of the table, missed goals, what was written, and the publishes. Of two heads one draws."""
    drafter = Drafter(app, drafter=heads[0], approver=heads[1], seed=7)
    firsts, publishes, written = _publishes(drafter)
    drafter.open_plan()
    drafter.edit()
    drafter.timed.clear()
    while sum(one.status == 200 for one in drafter.timed) < EDITS:
        drafter.edit()
    edits = [one for one in drafter.timed if one.status == 200]
    refused = [one for one in drafter.timed if one.status != 200]
    drafter.discard()
    rows = [
        _row(name, "edit", edits, goal.edit_ms),
        *(_row(name, f"edit: {kind}", [one for one in edits if one.kind == kind]) for kind in _kinds(edits)),
        *([_row(name, "edit that is refused", refused)] if refused else []),
        _row(name, "first edit after a publish", firsts),
        _row(name, "publish", publishes, goal.publish_ms),
    ]
    reached = {
        "edit": (_median(edits), goal.edit_ms),
        "publish": (_median(publishes), goal.publish_ms),
    }
    missed = [
        f"{name}, {what}: median {value:.0f} ms instead of {limit:.0f}"
        for what, (value, limit) in reached.items()
        if value > limit
    ]
    told = ", ".join(f"{table} {count}" for table, count in sorted(written.items()))
    return rows, missed, [f"Rows written by the last publish of three paints, {name}: {told}."], publishes


def _publishes(drafter: Drafter) -> tuple[list[Timed], list[Timed], Counter[str]]:
    """First edits on a division that nobody has read yet, publishes of three paints, rows of the last."""
    firsts, publishes, written = [], [], Counter[str]()
    while len(publishes) < PUBLISHES:
        drafter.open_plan()
        first = drafter.edit("paint")
        drafter.edit("paint")
        drafter.edit("brush")
        done = drafter.publish()
        if done.status == 200:
            publishes.append(done)
            firsts.append(first)
            written = Counter(drafter.rows.rows)
    assert "household" not in written
    assert sum(written[table] for table in NARROW) < 100
    return firsts, publishes, written


def _kinds(edits: list[Timed]) -> list[str]:
    return sorted({one.kind for one in edits})


def _median(timed: list[Timed]) -> float:
    return statistics.median(one.wall_ms for one in timed)


def _row(name: str, what: str, timed: list[Timed], goal: float | None = None) -> str:
    walls = sorted(one.wall_ms for one in timed)
    high = walls[round(0.95 * (len(walls) - 1))]
    cpu = statistics.median(one.cpu_ms for one in timed)
    shown = f"{goal:.0f}" if goal else ""
    return f"| {name} | {what} | {len(walls)} | {_median(timed):.0f} | {high:.0f} | {cpu:.0f} | {shown} |"


def _against_recomputing(app: OpenAPI, publishes: list[Timed]) -> tuple[str, list[str]]:
    """A publish beside giving every household its cell anew; all of it is rolled back."""
    database = services_of(app).database
    with Session(database.engine) as session:
        count = households_in(app)
        ways = {}
        for name, way in recomputing.WAYS.items():
            begin = time.perf_counter()
            rows = way(session)
            ways[name] = (time.perf_counter() - begin, rows)
            session.rollback()
    publish = _median(publishes) / 1000
    head = f"### Publishing a painted redraw beside recomputing where {count:,} households belong\n\n"
    head += "| way | seconds | rows written | x publish |\n|---|---|---|---|\n"
    head += f"| publish, request and commit included | {publish:.3f} | memberships that change | 1 |\n"
    lines = [
        f"| {name} | {took:.1f} | {rows:,} | {took / publish:,.0f} |" for name, (took, rows) in ways.items()
    ]
    obvious = next(iter(ways.values()))[0]
    missed = (
        [] if obvious / publish >= RATIO else [f"publish is 1/{obvious / publish:,.0f} of recomputing by SQL"]
    )
    return head + "\n".join(lines), missed


if __name__ == "__main__":
    sys.exit(report(run))
