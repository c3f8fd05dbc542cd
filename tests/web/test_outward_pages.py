"""The pages of other offices' tables: sent, told of faults, mapped, asked for, approved, filled, closed."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from gisgrid.access.models import Role
from tests import world
from tests.data.outward.sheets import write_template
from tests.web.browsing import PASSWORD, Browser, add_account, services_of

SAID = {"department": "民政科", "title": "老年人登记表", "legal_basis": "老年人权益保障法"}


class Counter:
    """A grid with an elder; staff, a member and a head at browsers."""

    def __init__(self, app: OpenAPI, folder: Path) -> None:
        self.folder = folder
        with services_of(app).database.write() as session:
            made = world.found(session)
            home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
            world.add_resident(session, home, date(1940, 1, 1), name="=HYPERLINK(1)")
            grid, whole = made.areas["G1"], made.community
        self.browsers: dict[str, Browser] = {}
        for name, role, area in (
            ("staff", Role.STAFF, grid),
            ("member", Role.MEMBER, grid),
            ("head", Role.HEAD, whole),
        ):
            add_account(app, name, role, area_id=area)
            self.browsers[name] = Browser(app)
            assert self.browsers[name].log_in(name, PASSWORD).status_code == 303

    def send(self, change: Any = None, **said: str) -> TestResponse:
        content = write_template(self.folder / "a.xlsx", change).read_bytes()
        return self.post("staff", "", file=(io.BytesIO(content), "表.xlsx"), **{**SAID, **said})

    def post(self, who: str, path: str, **form: Any) -> TestResponse:
        browser = self.browsers[who]
        filled = {"csrf_token": browser.token(), **form}
        return browser.client.post(f"/outward{path}", data=filled, headers={"Referer": browser.base + "/"})

    def read(self, who: str, path: str = "") -> str:
        return self.browsers[who].get(f"/outward{path}").text


@pytest.fixture
def counter(app: OpenAPI, tmp_path: Path) -> Counter:
    app.config["RATELIMIT_ENABLED"] = False
    return Counter(app, tmp_path)


def test_a_table_goes_its_whole_way_by_forms(counter: Counter) -> None:
    assert "还没有模板" in counter.read("member")
    assert counter.send().headers["Location"] == "/outward/B001"
    page = counter.read("member", "/B001")
    assert "未申请" in page
    assert '<option value="person.name" selected>' in page
    refused = counter.post("member", "/B001/file", reason="抽查")
    assert (refused.status_code, "要先由另一人同意" in refused.text) == (409, True)
    assert counter.post("member", "/B001/file").status_code == 422, "a reason is needed"
    assert counter.post("member", "/B001/approvals", reason="抽查").status_code == 303
    assert "等另一人答复" in counter.read("member")
    parts = counter.read("head").split('action="/outward')[1:]
    (path,) = {part.partition('"')[0] for part in parts if "approvals" in part}
    assert counter.post("head", path, answer="yes").status_code == 303
    answer = counter.post("member", "/B001/file", reason="抽查")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["表一"]
    assert (sheet["B4"].data_type, sheet["B4"].value) == ("s", "'=HYPERLINK(1)")
    assert "自动填 6 格(66%)" in counter.read("member", "/B001")
    gaps = dict(part.split("=") for part in answer.headers["Outward-Gaps"].split(", "))
    assert gaps == {"0.E": "0/0/1", "0.F": "0/1/0", "0.E7": "0/1/0"}


def test_faults_of_a_file_name_sheet_row_and_column(counter: Counter) -> None:
    def spoil(sheet: Any) -> None:
        sheet["D5"] = "=SUM(D4:D4)"
        sheet.merge_cells("B3:C3")

    answer = counter.send(spoil, title="")
    assert answer.status_code == 422
    assert "表 表一" in answer.text
    assert "第 5 行" in answer.text
    assert "D5" in answer.text
    assert SAID["department"] in answer.text, "what was typed stays"
    assert "还没有模板" in counter.read("staff")


def test_places_are_said_anew_and_asked_for_anew(counter: Counter) -> None:
    counter.send()
    places = {"rows-0": "household", "people-0": "everyone", "column-0-B": "household.address"}
    assert counter.post("staff", "/B001/sheets", **places).status_code == 303
    page = counter.read("staff", "/B001")
    assert "第 2 版" in page
    assert '<option value="household.address" selected>' in page
    wrong = counter.post("staff", "/B001/sheets", **{**places, "column-0-B": "no.field"})
    assert (wrong.status_code, "no.field" in wrong.text) == (422, True)
    assert counter.post("staff", "/B001/sheets", **{**places, "rows-0": "x"}).status_code == 422
    assert counter.send(code="B001").headers["Location"] == "/outward/B001"
    assert "第 3 版" in counter.read("staff", "/B001")


def test_a_closed_template_is_filled_no_more(counter: Counter) -> None:
    counter.send()
    assert counter.post("member", "/B001/close").status_code == 403
    assert counter.post("head", "/B001/close").status_code == 303
    assert "这个模板已停用" in counter.read("staff", "/B001")
    assert counter.post("member", "/B001/file", reason="抽查").status_code == 409


def test_who_never_opens_the_tables_learns_that_one_waits(counter: Counter) -> None:
    def told(who: str) -> list[bool]:
        pages = [counter.browsers[who].get(path).text for path in ("/", "/notices", "/cases")]
        return ["张表格的填写要您同意" in page for page in pages[:2]] + ['class="badge"' in pages[2]]

    counter.send()
    assert told("head") == [False, False, False]
    counter.post("member", "/B001/approvals", reason="抽查")
    assert told("head") == [True, True, True]
    assert told("member") == told("staff") == [False, False, False]
    counter.post("staff", "/B001/sheets", **{"rows-0": "household", "column-0-B": "household.address"})
    assert told("head") == [False, False, False], "what can't be approved any more waits for nobody"
    counter.post("head", "/B001/approvals", reason="抽查")
    assert told("head") == [False, False, False]
    assert told("staff") == [True, True, True]


def test_who_asked_reads_of_a_no_and_asks_again(counter: Counter) -> None:
    counter.send()
    counter.post("member", "/B001/approvals", reason="抽查")
    parts = counter.read("head").split('action="/outward')[1:]
    (path,) = {part.partition('"')[0] for part in parts if "approvals" in part}
    assert counter.post("head", path, answer="no").status_code == 303
    assert "2026-11-24 未获同意" in counter.read("member", "/B001")
    counter.post("member", "/B001/approvals", reason="再次申请")
    page = counter.read("member", "/B001")
    assert ("未获同意" in page, "等人同意" in page) == (False, True)
