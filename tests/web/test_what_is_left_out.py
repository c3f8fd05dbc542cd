"""Whatever leaves confidential cases out says so: lists, maps, tables, files, prints, to whoever it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, Final

import openpyxl
import pytest
from flask import render_template
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select, update

from gisgrid.access.models import Role, Worker
from gisgrid.areas.models import Area, Level
from gisgrid.cases.core.audience import escalated
from gisgrid.cases.core.case_state import Route
from gisgrid.cases.core.models import Case, Category
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests.demo_files import PASSWORD as DEMO_PASSWORD
from tests.web.browsing import PASSWORD, Browser, add_account, add_token, services_of
from tests.web.test_exports import Site, lite_site, log_in  # noqa: F401 - the fixture
from web.organisations.api import words_of_numbers
from web.words.left_out import errands_note

LISTS: Final = "保密类别的案件不列出。"
ERRANDS: Final = "保密类别的交办不计入。"


class Town:
    """The demo asked by programs, as whoever."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        self.headers: dict[str, dict[str, str]] = {}

    def get(self, name: str, path: str) -> Any:
        headers = self.headers.setdefault(name, add_token(self.app, name))
        return self.app.test_client().get(f"/api/v1/{path}", headers=headers)

    def table(self, name: str, path: str) -> list[dict[str, str]]:
        text = self.get(name, path).get_data().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def town(demo: Database, make_app: Callable[..., OpenAPI]) -> Town:
    return Town(make_app(demo))


@pytest.mark.parametrize("name", ["grid_leader01", "steward01", "leader"])
def test_a_file_of_cases_without_confidential_ones_says_so(town: Town, name: str) -> None:
    rows = town.table(name, "exports/cases.csv")
    assert rows or name == "steward01"
    told = "confidential categories" + (", but escalated cases" if name == "leader" else "")
    assert {row.get("left_out") for row in rows} <= {told}
    assert town.get(name, "exports/cases.geojson").json["export"]["left_out"] == told
    with services_of(town.app).database.read() as session:
        secret = set(session.scalars(select(Category.name).where(Category.is_confidential)))
        high = set(session.scalars(select(Case.number).where(escalated())))
    assert {row["number"] for row in rows if row["category"] in secret} <= high


def test_a_file_of_cases_with_confidential_ones_does_not(town: Town) -> None:
    for name in ("head", "staff", "member01"):
        assert "left_out" not in town.table(name, "exports/cases.csv")[0], name


@pytest.mark.parametrize("role", [Role.GRID_LEADER, Role.STEWARD])
def test_pages_of_who_helps_say_what_is_left_out(lite_site: Site, role: Role) -> None:  # noqa: F811
    with services_of(lite_site.app).database.write() as session:
        worker = Worker(id=new_id(), name="示例")
        session.add(worker)
        session.flush()
        worker_id = worker.id
        community = session.scalars(select(Area.id).where(Area.level == Level.COMMUNITY)).one()
    add_account(lite_site.app, "helper", role, worker_id=worker_id, area_id=community)
    page = Browser(lite_site.app)
    page.log_in("helper", PASSWORD)
    for path in ("/cases", "/maps/cases"):
        assert LISTS in page.get(path).text, path
    told = page.get("/exports?layer=cases").text
    assert LISTS in told
    assert "只有您负责范围内的、交给您的和您上报的案件。" in told
    assert LISTS not in log_in(lite_site.app, "head").get("/cases").text


@pytest.mark.parametrize("name", ["head", "leader"])
def test_reports_of_organisations_say_what_is_not_counted(town: Town, name: str) -> None:
    """Errands of confidential cases are in none of them, whoever asks."""
    rows = town.table(name, "organisations.csv?month=2026-10")
    assert rows
    assert {row["left_out"] for row in rows} == {"保密类别"}
    book = openpyxl.load_workbook(
        io.BytesIO(town.get(name, "organisations.xlsx?month=2026-10").get_data()), read_only=True
    )
    texts = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert texts & {"保密类别", "confidential categories"}
    with town.app.test_request_context("/"):
        sheet = render_template(
            "organisations/list_pdf.html",
            months=[],
            month="2026-10",
            counts=words_of_numbers()[:1],
            shares=[],
            community=None,
            unlisted=errands_note(),
            printed_by="head",
            printed_at="",
        )
    assert ERRANDS in sheet


def test_the_page_of_organisations_says_it_too(lite_site: Site) -> None:  # noqa: F811
    for name in ("head", "leader"):
        assert ERRANDS in log_in(lite_site.app, name).get("/organisations").text


def test_two_ways_as_a_file_say_it_to_whom_it_is_so(town: Town) -> None:
    path = "indicators/pivot.csv?from=2026-09-01&to=2026-10-31&by=category"
    assert {row["left_out"] for row in town.table("leader", path)} == {"保密类别"}
    assert "left_out" not in town.table("head", path)[0]


def test_the_days_compared_with_are_told(town: Town) -> None:
    """Of a confidential category they are the quarter before, which has another number of days."""
    with services_of(town.app).database.read() as session:
        secret = session.scalars(select(Category.code).where(Category.is_confidential)).first()
    span = "from=2026-07-01&to=2026-09-30"
    told = {
        (name, path): town.get(name, f"hotspots?{span}{path}").json["meta"]["compared"]
        for name in ("leader", "head")
        for path in ("", "&compare=previous", f"&compare=previous&category={secret}")
    }
    days = {"from": "2026-03-31", "to": "2026-06-30"}
    assert [told[name, ""] for name in ("leader", "head")] == [None, None]
    assert told["leader", "&compare=previous"] == told["head", "&compare=previous"] == days
    assert told["head", f"&compare=previous&category={secret}"] == days
    assert told["leader", f"&compare=previous&category={secret}"] == {**days, "from": "2026-04-01"}


@pytest.mark.parametrize(
    "path", ["indicators?by=member", "indicators/pivot?by=member", "indicators.csv?by=member"]
)
@pytest.mark.parametrize("name", ["leader", "head"])
def test_no_figure_compares_persons(town: Town, path: str, name: str) -> None:
    """Not even for whoever leads them: what a member's cases come to is told by the appraisal alone."""
    answer = town.get(name, path)
    assert answer.status_code == 422
    assert "by" in answer.text


def test_figures_of_who_may_instruct_count_no_confidential_case(town: Town) -> None:
    """Single ones are seen, escalated ones and own reports; what says it leaves them out does."""
    days = "from=2026-09-01&to=2026-10-31"
    with services_of(town.app).database.write() as session:
        secret = select(Category.code).where(Category.is_confidential)
        session.execute(update(Case).where(Case.category_code.in_(secret)).values(route=Route.SUBDISTRICT))
        names = set(session.scalars(select(Category.code).where(Category.is_confidential)))
    assert names & {row["category"] for row in town.get("leader", "cases?state=all").json["rows"]}
    answer = town.get("leader", f"indicators?by=category&{days}").json
    assert answer["meta"]["confidential_left_out"]
    assert not names & {row["code"] for row in answer["rows"] if row["reported"]}
    behind = town.get("leader", f"indicators/cases?{days}&count=reported").json
    assert behind["total"] == answer["meta"]["total"]["reported"]
    lines = town.get("leader", f"indicators/pivot?{days}&by=category&count=reported").json["rows"]
    assert not names & {row["code"] for row in lines if row["total"]}
    pages = Browser(town.app)
    assert pages.log_in("leader", DEMO_PASSWORD).status_code == 303
    for path in ("/cases", "/maps/cases", "/exports?layer=cases"):
        told = pages.get(path).text
        assert "保密类别的案件只列升级到街道的。" in told, path
        assert LISTS not in told
