"""Which page opens for whom, and what it tells its scripts."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import update

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Category
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from tests import world
from tests.web.browsing import Browser, add_account, services_of

ALL = set(Role) - {Role.LOCAL}
WORKING = {Role.HEAD, Role.STAFF, Role.MEMBER}
MAPS = WORKING | {Role.LEADER}
FINDING = MAPS | {Role.GRID_LEADER, Role.STEWARD}

OPEN_TO = {
    "/": ALL,
    "/me": ALL,
    "/maps/hotspots": MAPS,
    "/maps/elderly": MAPS,
    "/maps/territories": MAPS,
    "/maps/completeness": MAPS,
    "/history": MAPS,
    "/redraw": WORKING - {Role.MEMBER} | {Role.LEADER},
    "/find": FINDING,
    "/cases": FINDING | {Role.RESIDENT},
    "/report": ALL,
}


def data_of(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="page-data"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert found
    data: dict[str, object] = json.loads(found.group(1))
    return data


@pytest.mark.parametrize("role", sorted(ALL))
def test_each_role_opens_its_pages_and_no_others(lite_app: OpenAPI, role: Role) -> None:
    add_account(lite_app, "someone", role)
    browser = Browser(lite_app)
    browser.log_in("someone")
    for path, roles in OPEN_TO.items():
        expected = 200 if role in roles else 403
        assert browser.get(path).status_code == expected, path


@pytest.mark.parametrize("path", [path for path in OPEN_TO if path != "/report"])
def test_who_is_not_logged_in_is_sent_to_log_in(lite_app: OpenAPI, path: str) -> None:
    answer = Browser(lite_app).get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login?next={path}")


def test_the_report_page_is_open_to_all(lite_app: OpenAPI) -> None:
    answer = Browser(lite_app).get("/report")
    assert answer.status_code == 200
    assert data_of(answer.text)["role"] is None
    assert data_of(answer.text)["may"] == ["cases:follow", "cases:report", "own_grid:view"]


def test_a_page_tells_its_scripts_where_they_are(database: Database, app: OpenAPI) -> None:
    with database.write() as session:
        made = world.found(session)
    add_account(app, "staff", Role.STAFF, area_id=made.areas["G1"])
    browser = Browser(app)
    browser.log_in()
    data = data_of(browser.get("/maps/hotspots").text)
    bounds = [world.LON, world.LAT, world.LON + 4 * world.STEP, world.LAT + 4 * world.STEP]
    assert data["community"] == {"code": "C1", "name": "示例社区", "bounds": bounds}
    assert data["as_of"] == "2026-11-24"
    assert data["role"] == "staff"
    assert "cases:handle" in data["may"]  # type: ignore[operator]
    answer = browser.post_json("/language", None)
    assert answer.status_code == 400  # the token was right, the language is missing
    assert "第1网格" in browser.get("/me").text


def test_a_community_that_is_not_ones_own_is_not_there(database: Database, app: OpenAPI) -> None:
    with database.write() as session:
        made = world.found(session)
    add_account(app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(app)
    browser.log_in("head")
    assert browser.get("/maps/hotspots?community=C1").status_code == 200
    assert browser.get("/maps/hotspots?community=C2").status_code == 404
    add_account(app, "elsewhere", Role.HEAD)
    other = Browser(app)
    other.log_in("elsewhere")
    assert other.get("/maps/hotspots?community=C1").status_code == 404


@pytest.mark.parametrize(
    ("day", "status"), [("2026-11-23", 200), ("x", 400), ("2026-13-01", 400), ("2027-01-01", 422)]
)
def test_a_day_is_taken_from_the_address(lite_app: OpenAPI, day: str, status: int) -> None:
    found = services_of(lite_app)
    with found.database.write() as session:
        made = world.found(session, at=found.clock() - timedelta(days=700))
    add_account(lite_app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(lite_app)
    browser.log_in("head")
    assert browser.get(f"/maps/hotspots?as_of={day}").status_code == status


def test_hostile_names_stay_text(lite_app: OpenAPI) -> None:
    found = services_of(lite_app)
    hostile = "</script><script>alert(1)</script>${alert(2)}`"
    with found.database.write() as session:
        made = world.found(session)
        from gisgrid.areas.models import AreaName

        for name in session.query(AreaName).all():
            name.name = hostile
    add_account(lite_app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(lite_app)
    browser.log_in("head")
    for path in ("/", "/me", "/maps/territories", "/report"):
        text = browser.get(path).text
        assert "<script>alert" not in text
        assert data_of(text)


def test_health_is_right_only_with_every_migration(browser: Browser, database: Database) -> None:
    assert browser.get("/healthz").status_code == 200
    migrate.downgrade(database, "base")
    try:
        assert browser.get("/healthz").status_code == 503
    finally:
        migrate.upgrade(database)
    assert browser.get("/healthz").status_code == 200


def test_health_is_wrong_when_the_database_is_gone(lite_browser: Browser, lite_app: OpenAPI) -> None:
    found = services_of(lite_app)
    found.database.close()
    path = found.settings.url.database
    assert path
    with open(path, "wb") as file:  # noqa: PTH123 - any wreck will do
        file.write(b"no database at all" * 100)
    assert lite_browser.get("/healthz").status_code == 503
    assert lite_browser.get("/report").status_code == 500


def test_the_icon_is_where_browsers_look(lite_browser: Browser) -> None:
    with lite_browser.get("/favicon.ico") as answer:
        assert answer.content_type.startswith("image/")


GROUPS = {
    Role.HEAD: ["一张图", "网格划分", "案件", "走访与老人", "统计", "资料", "设置"],
    Role.STAFF: ["一张图", "网格划分", "案件", "走访与老人", "统计", "资料", "设置"],
    Role.MEMBER: ["一张图", "网格划分", "案件", "走访与老人", "统计", "资料", "设置"],
    Role.LEADER: ["一张图", "网格划分", "案件", "走访与老人", "统计", "资料", "设置"],
    Role.GRID_LEADER: ["一张图", "案件", "走访与老人", "资料", "设置"],
    Role.PROPERTY: ["一张图", "案件", "走访与老人", "统计", "设置"],
    Role.EVALUATOR: ["一张图", "统计", "设置"],
    Role.RESIDENT: ["一张图", "案件", "设置"],
    Role.ADMIN: ["一张图", "资料", "设置"],
}


def rail_of(text: str) -> str:
    return text.partition('<nav class="rail')[2].partition("</nav>")[0]


@pytest.mark.parametrize("role", list(GROUPS))
def test_the_menu_has_the_groups_that_the_role_uses(lite_app: OpenAPI, role: Role) -> None:
    found = services_of(lite_app)
    with found.database.write() as session:
        made = world.found(session)
    add_account(lite_app, "someone", role, area_id=made.community)
    browser = Browser(lite_app)
    browser.log_in("someone")
    rail = rail_of(browser.get("/me").text)
    assert re.findall(r'<div class="group.*?<span>(.*?)</span>', rail) == GROUPS[role]
    assert 'href="/me" aria-current="page"' in rail
    for path in re.findall(r'<div class="group[^>]*><a href="(.*?)"', rail):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert 'aria-current="page"' in rail_of(page.text), path


def test_in_english_categories_have_their_english_names(lite_app: OpenAPI) -> None:
    found = services_of(lite_app)
    with found.database.write() as session:
        made = world.found(session)
        session.execute(
            update(Category).where(Category.code == "garbage").values(name="暴露垃圾", name_en="Litter")
        )
    add_account(lite_app, "member", Role.MEMBER, area_id=made.areas["G1"])
    with found.database.write() as session:
        spot = {"lon": world.LON + world.STEP / 2, "lat": world.LAT + world.STEP / 2}
        command = ReportCase(category="garbage", description="满了", **spot)
        report(session, made.actor, command, caches=made.caches, now=found.clock(), tz=world.TZ)
    add_account(lite_app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(lite_app)
    browser.log_in("head")
    assert data_of(browser.get("/cases").text)["categories"] == {}
    assert '<option value="garbage">暴露垃圾</option>' in browser.get("/cases").text
    browser.post("/language", {"lang": "en"})
    page = browser.get("/cases").text
    assert data_of(page)["categories"] == {"暴露垃圾": "Litter"}
    assert '<option value="garbage">Litter</option>' in page
    browser.log_in("member")
    browser.post("/language", {"lang": "en"})
    told = browser.get("/notices").text.partition("<main")[2].partition("</main>")[0]
    assert "(Litter)" in told
    assert "暴露垃圾" not in told


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/settings/limits", "head"),
        ("/settings", "admin"),
        ("/mediators", "head"),
        ("/disputes/new", "head"),
        ("/indicators", "head"),
        ("/api/v1/indicators.csv?by=category", "head"),
        ("/api/v1/indicators/pivot.csv?by=category", "head"),
    ],
)
def test_in_english_no_page_names_a_category_in_chinese(lite_app: OpenAPI, path: str, name: str) -> None:
    """But for what is typed in: the Chinese name itself."""
    found = services_of(lite_app)
    with found.database.write() as session:
        made = world.found(session)
        other = Category(
            code="row", name="邻里纠纷", name_en="Neighbours", group="矛盾", severity="big", position=9
        )
        other.is_confidential = True
        session.add(other)
        session.execute(
            update(Category).where(Category.code == "garbage").values(name="暴露垃圾", name_en="Litter")
        )
        spot = {"lon": world.LON + world.STEP / 2, "lat": world.LAT + world.STEP / 2}
        command = ReportCase(category="garbage", description="x", **spot)
        report(session, made.actor, command, caches=made.caches, now=found.clock(), tz=world.TZ)
    add_account(lite_app, "head", Role.HEAD, area_id=made.community)
    add_account(lite_app, "admin", Role.ADMIN)
    browser = Browser(lite_app)
    browser.log_in(name)
    browser.post("/language", {"lang": "en"})
    told = re.sub(r"<script.*?</script>|<input[^>]*>", "", browser.get(path).text, flags=re.DOTALL)
    assert "暴露垃圾" not in told
    assert "邻里纠纷" not in told
    if path not in ("/mediators", "/disputes/new"):
        assert "Litter" in told
