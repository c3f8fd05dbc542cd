"""The monthly appraisal on pages and over HTTP: marks, own scores, appeals and answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Account, Duty, DutyKind, Role, Worker
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.storage.base import new_id
from tests import world
from tests.appraising import appraise
from tests.stepping import close
from tests.web.browsing import Browser, add_account, add_token, services_of
from tests.world import LAT, LON, START, STEP, TZ

MONTH = "2026-10"


class Site:
    """Two members; one of them closed ten cases in October."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        found = services_of(app)
        with found.database.write() as session:
            made = world.found(session)
            appraise(session, made.community)
            workers = [Worker(id=new_id(), name=name) for name in ("示例员甲", "示例员乙")]
            session.add_all(workers)
            session.flush()
            for worker, code in zip(workers, ("G1", "G2"), strict=True):
                duty = {"kind": DutyKind.GRID_MEMBER, "is_primary": True, "valid_from": START}
                session.add(Duty(worker_id=worker.id, area_id=made.areas[code], **duty))
            self.workers = [worker.id for worker in workers]
            start = found.clock() - timedelta(days=40)
            command = ReportCase(
                lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="garbage", description="x"
            )
            for _ in range(10):
                kept = report(session, made.actor, command, caches=made.caches, now=start, tz=TZ)
                close(made.view(session, now=start), kept.case.id, "x", now=start + timedelta(hours=1))
        add_account(app, "head", Role.HEAD, area_id=made.community)
        add_account(app, "outside", Role.EVALUATOR)
        for number, worker_id in enumerate(self.workers, 1):
            add_account(app, f"member{number}", Role.MEMBER)
            with found.database.write() as session:
                account = session.scalars(select(Account).where(Account.name == f"member{number}")).one()
                account.worker_id = worker_id
        names = ("head", "outside", "member1", "member2")
        self.tokens = {name: add_token(app, name) for name in names}

    def get(self, path: str, who: str) -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers=self.tokens[who])

    def post(self, path: str, body: Any, who: str) -> Any:
        return self.app.test_client().post(f"/api/v1/{path}", json=body, headers=self.tokens[who])


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


def test_marks_appeals_and_answers_over_http(site: Site) -> None:
    sent = {"worker": site.workers[0], "month": MONTH, "mark": 60}
    assert site.post("appraisals/marks", sent, "outside").status_code == 200
    assert site.post("appraisals/marks", sent, "head").status_code == 403
    assert site.post("appraisals/marks", {**sent, "mark": 101}, "outside").status_code == 422
    rows = {row["name"]: row for row in site.get(f"appraisals?month={MONTH}", "head").json["rows"]}
    first = rows["示例员甲"]
    assert (first["internal"], first["external"], first["external_share"]) == (100.0, 60.0, 50)
    assert (first["score"], first["grade"]) == (80.0, "B")
    assert {part["code"]: part["told"] for part in first["parts"]}["satisfaction"] == "—"
    assert rows["示例员乙"]["score"] is None
    assert [row["name"] for row in site.get(f"appraisals?month={MONTH}", "member1").json["rows"]] == [
        "示例员甲"
    ]
    assert all("score" not in row for row in site.get(f"appraisals?month={MONTH}", "outside").json["rows"])
    kept = site.post("appraisals/appeals", {"month": MONTH, "reason": "路上堵"}, "member1").json["id"]
    assert site.post("appraisals/appeals", {"month": MONTH, "reason": "路上堵"}, "member1").status_code == 409
    assert "路上堵" not in site.get(f"appraisals?month={MONTH}", "member2").text
    done = site.post(f"appraisals/appeals/{kept}/answer", {"answer": "属实", "adjusted": 4}, "head")
    assert done.status_code == 200
    own = site.get(f"appraisals?month={MONTH}", "member1").json["rows"][0]
    assert (own["score"], own["appeals"][0]["answer"]) == (84.0, "属实")
    assert site.post("appraisals/share", {"month": MONTH, "share": 10}, "head").status_code == 422
    assert site.post("appraisals/share", {"month": "2026-11", "share": 10}, "head").status_code == 200
    table = site.get(f"appraisals.csv?month={MONTH}", "head").text
    assert "84.0" in table
    assert "路上堵" not in table


def test_pages_show_the_own_score_with_its_parts(site: Site) -> None:
    member, head, outside = (Browser(site.app) for _ in range(3))
    member.log_in("member1")
    head.log_in("head")
    outside.log_in("outside")
    page = outside.get(f"/appraisals?month={MONTH}").text
    assert "外部评分" in page
    assert "日志得分" not in page
    sent = {"worker": site.workers[0], "month": MONTH, "mark": "60"}
    assert outside.post("/appraisals/marks", sent).status_code == 303
    assert outside.post("/appraisals/marks", {**sent, "mark": "many"}).status_code == 422
    own = member.get(f"/appraisals?month={MONTH}").text
    assert "80.0" in own
    assert "按期处置率" in own
    assert "示例员乙" not in own
    assert member.post("/appraisals/appeals", {"month": MONTH, "reason": "<b>堵车</b>"}).status_code == 303
    asked = head.get(f"/appraisals?month={MONTH}").text
    assert "&lt;b&gt;堵车&lt;/b&gt;" in asked
    assert "示例员乙" in asked
    appeal = asked.partition("/appraisals/appeals/")[2].partition('"')[0]
    assert "有申诉待答复" in head.get("/appraisals?month=2026-09").text
    done = head.post(f"/appraisals/appeals/{appeal}", {"month": MONTH, "answer": "属实", "adjusted": "-3"})
    assert done.status_code == 303
    assert "77.0" in member.get(f"/appraisals?month={MONTH}").text
    assert head.post("/appraisals/share", {"month": "2026-11", "share": "45"}).status_code == 303
    assert "45%" in head.get("/appraisals?month=2026-11").text
    assert member.get("/appraisals?month=never").status_code == 422
    assert services_of(site.app).database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
