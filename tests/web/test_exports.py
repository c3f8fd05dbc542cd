"""Exports over HTTP: the list, the files with their names, and the page on which one chooses."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from data.exporters.layers import LAYERS
from gisgrid.access.models import AuditEntry, Duty, DutyKind, Role, Worker
from gisgrid.storage.base import new_id
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of
from web.exports.answer import FORMATS


class Site:
    """A community with one household in G1 and one in G2, and who may export something of it."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            for column, name in [(0, "示例甲"), (2, "示例乙")]:
                building = world.add_building(session, made, column, 0, number=f"{column + 1}")
                home = world.add_household(session, building, "0113")
                world.add_resident(session, home, date(1950, 1, 1), name=name)
            worker = Worker(id=new_id(), name="王网格")
            session.add(worker)
            session.flush()
            duty = {"kind": DutyKind.GRID_MEMBER, "is_primary": True, "valid_from": world.START}
            session.add(Duty(worker_id=worker.id, area_id=made.areas["G1"], **duty))
            community, self.worker = made.community, worker.id
        add_account(app, "member", Role.MEMBER, worker_id=self.worker)
        for role in (Role.HEAD, Role.LEADER, Role.RESIDENT, Role.STEWARD):
            add_account(app, role.value, role, area_id=community)
        self.headers = {name: add_token(app, name) for name in ("member", "head", "leader", "resident")}

    def get(self, path: str, name: str = "head") -> Any:
        return self.app.test_client().get(f"/api/v1/exports{path}", headers=self.headers[name])

    def entries(self) -> list[AuditEntry]:
        with services_of(self.app).database.read() as session:
            kept = select(AuditEntry).where(AuditEntry.action.like("export:%")).order_by(AuditEntry.id)
            return list(session.scalars(kept))


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


@pytest.fixture
def lite_site(lite_app: OpenAPI) -> Site:
    return Site(lite_app)


def test_the_list_says_what_may_be_exported_and_how(lite_site: Site) -> None:
    rows = {row["layer"]: row for row in lite_site.get("").json["rows"]}
    assert rows.keys() == LAYERS.keys()
    assert rows["residents"]["formats"] == ["xlsx", "csv"]
    assert rows["areas"]["formats"] == list(FORMATS)
    assert (rows["areas"]["title"], rows["residents"]["personal"]) == ("网格边界", True)
    leader = {row["layer"] for row in lite_site.get("", "leader").json["rows"]}
    assert leader == LAYERS.keys() - {"households", "records", "residents"}
    assert lite_site.get("", "resident").status_code == 403


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_has_its_name_its_type_and_is_kept_nowhere(lite_site: Site, form: str) -> None:
    answer = lite_site.get(f"/areas.{form}?as_of=2026-11-20&crs=GCJ-02")
    assert answer.status_code == 200
    told = answer.headers["Content-Disposition"]
    assert f'filename="areas-2026-11-20-GCJ-02.{form}"' in told
    assert f"网格边界-2026-11-20-GCJ-02.{form}" in unquote(told)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data) > 100


def head_in(answer: Any) -> str:
    return next(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[0]


def test_tables_are_in_the_readers_language(lite_site: Site) -> None:
    browser, heads = Browser(lite_site.app), []
    browser.log_in("head")
    for language in ("zh", "en"):
        browser.post("/language", {"lang": language})
        answer = browser.get("/api/v1/exports/members.csv")
        heads.append(head_in(answer))
    assert heads == ["姓名", "name"]
    assert "filename*=UTF-8''members-" in answer.headers["Content-Disposition"]


def test_a_program_gets_the_names_of_fields_in_any_language(lite_site: Site) -> None:
    client = lite_site.app.test_client()
    for language in ("zh", "en"):
        client.set_cookie("lang", language)
        answer = client.get("/api/v1/exports/members.csv", headers=lite_site.headers["head"])
        assert head_in(answer) == "name"
        book = client.get("/api/v1/exports/members.xlsx", headers=lite_site.headers["head"])
        assert openpyxl.load_workbook(io.BytesIO(book.data)).worksheets[0]["A1"].value == "name"


def test_members_get_their_own_grid_and_leave_an_entry(site: Site) -> None:
    answer = site.get("/residents.xlsx", "member")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    text = str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
    assert "示例甲" in text
    assert "示例乙" not in text
    assert "member" in text
    [entry] = site.entries()
    assert (entry.action, entry.count) == ("export:residents", 1)
    assert "name" in entry.fields


def test_a_refused_export_leaves_no_entry_and_says_why(lite_site: Site) -> None:
    cases = [
        ("/residents.gpkg", "head", 422),
        ("/areas.gpkg?crs=EPSG:4978", "head", 422),
        ("/areas.gpkg?as_of=2026-11-25", "head", 422),
        ("/areas.docx", "head", 404),
        ("/nothing.csv", "head", 404),
        ("/residents.csv", "leader", 403),
        ("/areas.csv?community=C9", "head", 404),
    ]
    for path, name, status in cases:
        answer = lite_site.get(path, name)
        assert answer.status_code == status, path
        assert answer.mimetype == "application/problem+json"
        assert answer.json["detail"]
    assert lite_site.entries() == []


def test_no_file_is_left_behind(lite_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with zipfile.ZipFile(io.BytesIO(lite_site.get("/areas.zip").data)) as archive:
        assert archive.testzip() is None
    lite_site.get("/areas.gpkg?crs=EPSG:4978")
    assert list(folder.iterdir()) == []


def test_two_accounts_never_get_each_others_file(lite_site: Site) -> None:
    """Packed answers are remembered by their tag: files of people have none."""
    packed = {"Accept-Encoding": "gzip"}
    texts = [
        lite_site.app.test_client()
        .get("/api/v1/exports/households.csv", headers={**lite_site.headers[name], **packed})
        .data.decode("utf-8-sig")
        for name in ("head", "member")
    ]
    assert [len(text.splitlines()) for text in texts] == [3, 2]


def log_in(app: OpenAPI, name: str) -> Browser:
    browser = Browser(app)
    browser.log_in(name)
    return browser


def test_the_page_offers_what_the_account_may_and_says_what_is_hidden(lite_site: Site) -> None:
    member = log_in(lite_site.app, "member")
    assert 'href="/exports"' in member.get("/maps/completeness").text
    assert "/exports?layer=residents" in member.get("/exports").text
    page = member.get("/exports?layer=residents").text
    assert "<strong>1</strong>" in page
    assert "不满 14 周岁" in page
    assert "只有您自己网格里的人" in page
    assert "/exports/residents/xlsx" in page
    assert "/exports/residents/gpkg" not in page
    leader = log_in(lite_site.app, "leader")
    assert "/exports?layer=residents" not in leader.get("/exports").text
    page = leader.get("/exports?layer=elderly").text
    assert "“不显示”:1 至 4,或为保护他人一并不列,两者不作区分。" in page
    assert "&lt;5" not in page
    assert leader.get("/exports?layer=residents").status_code == 404
    assert log_in(lite_site.app, "resident").get("/exports").status_code == 403


def test_the_page_hands_the_file_out_or_says_in_words_why_not(lite_site: Site) -> None:
    head = log_in(lite_site.app, "head")
    answer = head.get("/exports/areas/gpkg?as_of=2026-11-20&level=community&crs=EPSG:4490&from=")
    assert answer.status_code == 200
    assert "EPSG-4490.gpkg" in answer.headers["Content-Disposition"]
    refused = head.get("/exports/areas/gpkg?crs=EPSG:4978")
    assert refused.status_code == 422
    assert refused.mimetype == "text/html"
    assert head.get("/exports/areas/gpkg?as_of=x").status_code == 400
    assert Browser(lite_site.app).get("/exports").status_code == 302
    assert len(lite_site.entries()) == 1


def test_every_layer_has_a_page_with_its_count(site: Site) -> None:
    head = log_in(site.app, "head")
    for name in LAYERS:
        assert head.get(f"/exports?layer={name}").status_code == 200, name
        assert head.get(f"/exports?layer={name}&as_of=2026-11-01").status_code == 200, name
