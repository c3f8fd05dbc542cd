"""The monthly report of organisations on the web: the page, its files, and that each sees its own alone."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.cases.core.models import CaseErrand
from gisgrid.cases.intake.service import ReportCase, report
from tests import world
from tests.web.browsing import Browser, add_account, services_of
from tests.world import LAT, LON, STEP

NAMES = {"head": Role.HEAD, "leader": Role.LEADER, "wuye": Role.PROPERTY, "club": Role.ORG}
MONTH = "month=2026-11"


class Site:
    """Two organisations that were asked about one case, and those who read the report."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, found = app, services_of(app)
        now = found.clock()
        with found.database.write() as session:
            made = world.found(session)
            command = ReportCase(
                lon=LON + STEP / 2, lat=LAT + STEP / 2, category="garbage", description="垃圾", address="1幢"
            )
            kept = report(session, made.actor, command, caches=made.caches, now=now, tz=found.settings.tz)
            self.case, self.number = kept.case.id, kept.case.number
        for name, role in NAMES.items():
            add_account(app, name, role, area_id=made.community)
        with found.database.write() as session:
            accounts = {one.name: one for one in session.scalars(select(Account))}
            accounts["wuye"].organisation, accounts["club"].organisation = "示例安居物业", "=示例互助队"
            self.ids = {name: one.id for name, one in accounts.items()}
            for name, done in (("wuye", now), ("club", None)):
                session.add(
                    CaseErrand(
                        case_id=self.case,
                        account_id=self.ids[name],
                        asked_at=now - timedelta(days=5),
                        due_at=now - timedelta(days=4),
                        text="请清运",
                        finished_at=done,
                    )
                )

    def browser(self, name: str) -> Browser:
        browser = Browser(self.app)
        assert browser.log_in(name).status_code == 303
        return browser

    def get(self, name: str, path: str) -> Any:
        answer = self.browser(name).get(path)
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


def test_every_number_leads_to_what_is_behind_it(site: Site) -> None:
    page = site.get("head", f"/organisations?{MONTH}").text
    assert "示例安居物业" in page
    assert "wuye" not in page
    one = site.get("head", f"/organisations?{MONTH}&account={site.ids['wuye']}&count=finished").text
    assert "到期事项中已办结的" in one
    assert f'href="/cases/{site.case}' in one
    assert "超期办结" in one
    empty = site.get("head", f"/organisations?{MONTH}&account={site.ids['club']}&count=finished").text
    assert f'href="/cases/{site.case}' not in empty
    old = site.get("leader", f"/organisations?month=2020-01&account={site.ids['wuye']}").text
    assert "—" in old
    browser = site.browser("head")
    assert browser.get("/organisations?month=13").status_code == 422
    assert browser.get(f"/organisations?{MONTH}&account=nobody").status_code == 404
    printed = browser.get(f"/organisations?{MONTH}&print=1").text
    assert "打印时间" in printed


def test_an_organisation_sees_its_own_report_alone(site: Site) -> None:
    page = site.get("wuye", f"/organisations?{MONTH}").text
    assert "示例安居物业" in page
    assert "示例互助队" not in page
    assert site.number in page
    assert site.case not in page
    browser = site.browser("wuye")
    assert browser.get(f"/organisations?{MONTH}&account={site.ids['club']}").status_code == 404
    assert browser.get(f"/api/v1/organisations/{site.ids['club']}?{MONTH}").status_code == 404
    own = browser.get(f"/api/v1/organisations/{site.ids['wuye']}?{MONTH}").json
    assert own["counts"]["asked"] == 1
    assert own["shares"]["on_time_rate"] == 0
    assert own["behind"]["asked"][0]["case"] is None
    (row,) = browser.get(f"/api/v1/organisations?{MONTH}").json["rows"]
    assert row["account"] == site.ids["wuye"]


def test_the_files_hold_the_same_numbers(site: Site) -> None:
    browser = site.browser("head")
    text = browser.get(f"/api/v1/organisations.csv?{MONTH}").text
    assert '"按期办结率(%)"' in text
    assert '"\'=示例互助队"' in text  # no formula
    book = openpyxl.load_workbook(
        io.BytesIO(browser.get(f"/api/v1/organisations.xlsx?{MONTH}").get_data()), read_only=True
    )
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert rows[0][:4] == ["月份", "单位名称", "交办", "到期"]
    assert [row[1:6] for row in rows[1:]] == [
        ["示例安居物业", 1, 1, 1, 0],
        ["'=示例互助队", 1, 1, 0, 0],
    ]
    paper = browser.get(f"/api/v1/organisations.pdf?{MONTH}")
    assert paper.get_data()[:5] == b"%PDF-"
    with services_of(site.app).database.read() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("export:organisations") == 3
