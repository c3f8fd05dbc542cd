"""The page of the state of an installation, lines of the log, slow statements: all without personal data."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import open_database
from gisgrid.access.models import Role
from gisgrid.journal import JsonLines
from gisgrid.storage.engine import Database
from gisgrid.storage.slow import watch_slow
from gisgrid.upkeep import health
from gisgrid.upkeep.backup import back_up
from tests import world
from tests.conftest import KEYS
from tests.web.browsing import LOCAL, Browser, add_account, services_of
from tests.web.conftest import Clock


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What the loggers of the house write, as lines."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    keep = Keep()
    keep.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("gisgrid", "web")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(keep)
        logger.setLevel(logging.INFO)
    yield written
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(keep)
        logger.setLevel(level)


def test_an_administrator_sees_the_state_and_others_do_not(
    app: OpenAPI, clock: Clock, tmp_path: Path
) -> None:
    found = services_of(app)
    with found.database.write() as session:
        world.found(session)
    add_account(app, "boss", Role.ADMIN)
    add_account(app, "staff1", Role.STAFF)
    browser = Browser(app)
    assert browser.get("/health").headers.get("Location", "").startswith("/login")
    browser.log_in("boss")
    page = browser.get("/health").text
    assert ("SpatiaLite" if found.database.is_sqlite else "PostGIS") in page
    assert "还没有备份" in page
    back_up(found.database, LOCAL, tmp_path / "b.zip", now=clock())
    assert "按时" in browser.get("/health").text
    with found.database.read() as session:
        state = health.inspect_installation(
            session, Actor(role=Role.ADMIN), tmp_path, now=clock() + timedelta(days=2)
        )
    assert state.is_current
    assert state.is_backup_old
    assert state.size > 100_000
    assert 0 < state.free <= state.disk
    other = Browser(app)
    other.log_in("staff1")
    assert other.get("/health").status_code == 403


def test_a_request_is_one_line_without_what_was_asked(lite_app: OpenAPI, lines: list[str]) -> None:
    found = services_of(lite_app)
    with found.database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        world.add_resident(session, home, date(1950, 1, 1), name="王机密")
    add_account(lite_app, "head1", Role.HEAD, area_id=made.community)
    browser = Browser(lite_app)
    browser.log_in("head1")
    lines.clear()
    answer = browser.get("/api/v1/households?q=柳岸新村机密")
    assert answer.status_code == 200
    browser.get("/healthz")
    browser.get("/nowhere/王机密")
    told = [json.loads(line) for line in lines]
    assert [one["route"] for one in told] == ["/api/v1/households", None]
    assert told[0].keys() == {"at", "level", "log", "request", "method", "route", "status", "ms", "role"}
    assert (told[0]["request"], told[0]["role"]) == (answer.headers["X-Request-Id"], "head")
    assert told[1]["status"] == 404
    assert "机密" not in "".join(lines)
    assert "%E6" not in "".join(lines)


def test_a_slow_statement_is_logged_without_its_values(spatialite: Database, lines: list[str]) -> None:
    database = open_database(spatialite.engine.url, KEYS)  # of its own: the watch stays on it
    watch_slow(database.engine, 200)  # no machine is so busy that the quick ones take as long
    counting = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " SELECT count(*) FROM n WHERE :secret <> ''"
    )
    with database.read() as session:
        session.execute(sa.text("SELECT :secret"), {"secret": "quick"})
        session.execute(sa.text(counting), {"secret": "王机密", "most": 5_000_000})
        with pytest.raises(sa.exc.OperationalError):
            session.execute(sa.text("SELECT nothing"))
        session.execute(sa.text("SELECT :secret"), {"secret": "quick"})
    database.close()
    (line,) = [json.loads(line) for line in lines]
    assert line["sql"].startswith("WITH RECURSIVE")
    assert line["log"] == "gisgrid.slow"
    assert line["ms"] >= 200
    assert "机密" not in "".join(lines)
    assert "quick" not in "".join(lines)


def test_an_error_is_told_by_its_class_alone() -> None:
    error = (ValueError, ValueError("王机密"), None)
    record = logging.LogRecord("web", logging.ERROR, "x.py", 1, "it broke", None, error)
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["error"]) == ("it broke", "ValueError")
    assert "机密" not in str(line)
