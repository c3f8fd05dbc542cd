"""Lists and maps of 100,000 cases on SpatiaLite, which came in by the importer.

Run ``python -m tests.bench.bench_cases``. Times are those of the application by the clock, without a network:
the request, what it writes into the audit trail, and the answer as JSON; beside them what the process itself
needed of it, which is nearer to the truth where the machine is shared.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import make_url, select

from gisgrid.access.accounts import NewAccount, create_account
from gisgrid.access.actors import local_actor
from gisgrid.access.keys.encryption import ensure_keys, open_database
from gisgrid.access.models import Role
from gisgrid.areas.models import Area, Level
from gisgrid.areas.view import Caches, ViewRequest, open_view
from gisgrid.cases.core.models import Category
from gisgrid.cases.escalation import escalate_due
from gisgrid.settings import Settings
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from tests.bench import report
from tests.bench.bench_imports import bring
from tests.bench.offices import COMMUNITY, Row, cases, found_large, write_csv
from tests.web.browsing import add_token
from tests.world import START, TZ
from web.app import create_app

COUNT: Final = 100_000
ROUNDS: Final = 15
FIRST_MS: Final = 150
FILTER_MS: Final = 200
NOW: Final = datetime(2025, 12, 15, 2, 0, tzinfo=UTC)
_CATEGORIES: Final = ("路灯", "垃圾", "纠纷")
_SOURCES: Final = ("12345", "巡查", "微信")
_SEVERITIES: Final = ("小事", "大事", "难事")
_GOALS: Final = {
    "first page": ("cases", FIRST_MS),
    "second page": ("cases?page=2", FILTER_MS),
    "all": ("cases?state=all", FILTER_MS),
    "closed": ("cases?state=closed", FILTER_MS),
    "last page of all": ("cases?state=all&page=2000", FILTER_MS),
    "overdue": ("cases?late=1", FILTER_MS),
    "category": ("cases?state=all&category=rubbish", FILTER_MS),
    "confidential category": ("cases?category=quarrel", FILTER_MS),
    "weight": ("cases?state=all&severity=hard", FILTER_MS),
    "source": ("cases?state=all&source=wechat", FILTER_MS),
    "month": ("cases?state=all&from=2025-06-01&to=2025-06-30", FILTER_MS),
    "grid": ("cases?state=all&grid=G07", FILTER_MS),
    "number": ("cases?state=all&q=20250601-0007", FILTER_MS),
    "beginning of a number": ("cases?state=all&q=20250601", FILTER_MS),
    "part of an address": ("cases?state=all&q=17%E5%B9%A2", FILTER_MS),
    "nearest": ("cases?near=118.26,33.51", FILTER_MS),
    "map, open": ("cases/points", None),
    "map, a month": ("cases/points?state=all&from=2025-06-01&to=2025-06-30", None),
}
"""What is asked for, and its goal in milliseconds; none for the two thousand points of a map."""
HEAD: Final = (
    "| what | who | found | median ms | p95 ms | median CPU ms | goal ms |\n|---|---|---|---|---|---|---|\n"
)


def run() -> tuple[str, list[str]]:
    """The table and the goals that were missed."""
    rows, missed = [], list[str]()
    with tempfile.TemporaryDirectory() as name:
        for what, who, found, times, goal in measured(filled(Path(name) / "g.sqlite")):
            clock, cpu = np.array(times).T
            median, p95 = float(np.median(clock)), float(np.percentile(clock, 95))
            told = f"{median:.0f} | {p95:.0f} | {np.median(cpu):.0f} | {goal or ''}"
            rows.append(f"| {what} | {who} | {found:,} | {told} |")
            if goal is not None and median > goal:
                missed.append(f"cases, {what}, {who}: {median:.0f} ms instead of {goal}")
    head = f"### Lists and maps of {COUNT:,} cases on SpatiaLite\n\n" + HEAD
    return head + "\n".join(rows), missed


def filled(path: Path, count: int = COUNT) -> Path:
    """A database with so many cases, brought in by the importer, none of them with anything left to tell."""
    database = open_database(make_url(f"sqlite:///{path}"), ensure_keys(path.with_name("keys.json")))
    migrate.upgrade(database)
    found_large(database)
    _more(database)
    file = write_csv(path.with_suffix(".csv"), _rows(count))
    brought = bring(path, "cases", file)
    assert (brought.counts["new"], brought.counts["refused"]) == (count, 0), brought.counts
    with database.write() as session:
        actor = local_actor(session, "bench")
        view = open_view(session, actor, ViewRequest(community=COMMUNITY), caches=Caches(), now=NOW, tz=TZ)
        escalate_due(view, now=NOW, most=count)
    database.close()
    return path


def measured(path: Path) -> Iterator[tuple[str, str, int, list[tuple[float, float]], int | None]]:
    """What was asked, by whom, how many were found, and milliseconds of each request, clock and CPU."""
    app = create_app(Settings(database_url=f"sqlite:///{path}"), clock=lambda: NOW)
    app.config["RATELIMIT_ENABLED"] = False
    for who in ("head", "leader"):
        headers, client = add_token(app, who), app.test_client()
        for what, (url, goal) in _GOALS.items():
            if (who, what) == ("leader", "nearest"):
                continue  # a leader sees no exact places
            found = _asked(client, url, headers)["total"]
            yield what, who, found, [_timed(client, url, headers) for _ in range(ROUNDS)], goal
    _close(app)


def _close(app: OpenAPI) -> None:
    app.extensions["gisgrid"].database.close()


def _more(database: Database) -> None:
    """Two more categories, and the accounts that ask."""
    with database.write() as session:
        for place, (code, name) in enumerate((("rubbish", "垃圾"), ("quarrel", "纠纷")), start=1):
            session.add(
                Category(
                    code=code,
                    name=name,
                    group="g",
                    is_confidential=code == "quarrel",
                    severity="big",
                    position=place,
                )
            )
        actor = local_actor(session, "bench")
        community = session.scalars(select(Area).where(Area.level == Level.COMMUNITY)).one()
        for role in (Role.HEAD, Role.LEADER):
            new = NewAccount(name=role.value, role=role, area_id=community.id)
            create_account(session, actor, new, now=START)


def _rows(count: int) -> Iterator[Row]:
    ask = random.Random(5)
    for row in cases(count):
        address = f"柳岸新村{ask.randint(1, 2500)}幢"
        kinds: dict[str, str] = {
            "类别": ask.choices(_CATEGORIES, (6, 3, 1))[0],
            "来源": ask.choice(_SOURCES),
            "轻重": ask.choices(_SEVERITIES, (6, 3, 1))[0],
            "地址": address,
        }
        age = NOW - timedelta(days=60) - datetime.fromisoformat(row["上报时间"])
        is_old = age > timedelta(0) and row["状态"] != "结案" and ask.random() < 0.8
        ended = {"状态": "结案", "结案时间": _day_after(row["上报时间"])} if is_old else {}
        yield row | kinds | ended


def _day_after(told: str) -> str:
    return (datetime.fromisoformat(told) + timedelta(days=1)).isoformat(sep=" ")


def _asked(client: FlaskClient, url: str, headers: dict[str, str]) -> Any:
    answer = client.get(f"/api/v1/{url}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def _timed(client: FlaskClient, url: str, headers: dict[str, str]) -> tuple[float, float]:
    begin, worked = time.perf_counter(), time.process_time()
    _asked(client, url, headers)
    return (time.perf_counter() - begin) * 1000, (time.process_time() - worked) * 1000


if __name__ == "__main__":
    sys.exit(report(run))
