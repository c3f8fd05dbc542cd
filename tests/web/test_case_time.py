"""Cases through the API and by `gisgrid tick`: what is left of their time, who is told when it runs out."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select, update

from gisgrid.access.keys.encryption import KeyFile, open_database
from gisgrid.access.models import Account, Role
from gisgrid.cases.core.models import Case, CaseLog, CaseNotice
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.settings import Settings
from tests import world
from tests.web.browsing import Browser, add_account, services_of
from tests.web.conftest import Clock
from tests.world import LAT, LON, STEP, TZ
from web.cli.root import gisgrid, run

HERE = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}


@pytest.fixture
def head(app: OpenAPI) -> Browser:
    with services_of(app).database.write() as session:
        made = world.found(session)
    add_account(app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(app)
    assert browser.log_in("head", stay="1").status_code == 303
    return browser


def test_a_case_tells_what_is_left_and_reading_the_list_tells_who_is_to_know(
    app: OpenAPI, head: Browser, clock: Clock
) -> None:
    sent = app.test_client().post("/api/v1/cases", json=HERE).json
    assert datetime.fromisoformat(sent["deadline"]) == clock.now + timedelta(hours=24)
    clock.turn(hours=6)
    (row,) = head.get("/api/v1/cases").json["rows"]
    assert (row["light"], row["elapsed"], row["left"]["seconds"]) == ("green", 0.25, 18 * 3600)
    assert row["limit"]["rule"] == {"amount": 1440, "unit": "continuous_hour"}
    assert (row["level"], row["limit"]["levels"]["owner"]) == (None, 75)
    assert [one["kind"] for one in head.get("/api/v1/notices").json["rows"]] == ["reported"]
    clock.turn(hours=19)
    head.log_in("head")
    (row,) = head.get("/api/v1/cases").json["rows"]
    assert (row["light"], row["overdue"]) == ("red", True)
    assert row["level"] == {"of": "community", "percent": 100}
    (point,) = head.get("/api/v1/cases/points").json["rows"]
    assert point["level"] == row["level"]
    told = head.get("/api/v1/notices").json["rows"]
    assert [one["kind"] for one in told] == ["limit_community", "limit_owner", "reported"]
    assert told[0]["message"] == f"案件 {sent['number']}(garbage) 已到期,还没有办结"
    assert told[0]["link"] == f"/cases/{sent['id']}?community=C1"
    head.get("/api/v1/cases")
    assert len(head.get("/api/v1/notices").json["rows"]) == 3
    card = head.get(f"/api/v1/cases/{sent['id']}").json
    assert [one["details"].get("level") for one in card["log"] if one["action"] == "urge"] == [75, 100]


def test_the_tick_tells_what_is_due_where_nobody_is_at_work(
    spatialite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GISGRID_DATABASE_URL", f"sqlite:///{tmp_path / 'g.sqlite'}")
    shutil.copy(spatialite_template, tmp_path / "g.sqlite")
    assert run(gisgrid, ["db", "upgrade"]) == 0
    settings = Settings()
    database = open_database(settings.url, KeyFile(settings.keys))
    reported = datetime.now(UTC) - timedelta(hours=40)
    with database.write() as session:
        session.execute(update(Account).where(Account.role == Role.LOCAL).values(role=Role.ADMIN, name="x"))
        made = world.found(session)
        command = ReportCase(**HERE)  # type: ignore[arg-type]
        for _ in range(101):
            report(session, made.actor, command, caches=made.caches, now=reported, tz=TZ)
    for expected in (101, 0):
        capsys.readouterr()
        assert run(gisgrid, ["tick", "--json"]) == 0
        told = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert told == {
            "communities": 1,
            "handed_over": 0,
            "assigned": 0,
            "called_off": 0,
            "escalated": expected,
        }
    with database.read() as session:
        assert {one.escalated for one in session.scalars(select(Case))} == {150}
        assert session.scalars(select(CaseNotice.kind)).all() == ["untold"]  # nobody works there
        levels = [row.details["level"] for row in session.scalars(select(CaseLog)) if row.action == "urge"]
        assert sorted(levels) == [75] * 101 + [100] * 101 + [150] * 101
    database.close()
