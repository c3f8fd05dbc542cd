"""Every page, at a desk and in a hand: readable, nothing beside the edge, nothing asked of other hosts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.looking import axe_faults, fonts_of_chinese, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import DEVICES, Visitors, is_phone, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = [
    ("login", None, "/login"),
    ("home-head", "head", "/"),
    ("home-staff", "staff", "/"),
    ("home-member", "member01", "/"),
    ("home-leader", "leader", "/"),
    ("home-resident", "resident01", "/"),
    ("home-admin", "admin", "/"),
    ("hotspots", "head", "/maps/hotspots"),
    ("hotspots-heat", "leader", "/maps/hotspots?layer=heat"),
    ("renovation", "head", "/maps/hotspots?overlay=renovation"),
    ("elderly", "head", "/maps/elderly"),
    ("territories", "head", "/maps/territories"),
    ("completeness", "head", "/maps/completeness"),
    ("completeness-member", "member01", "/maps/completeness?measure=share_90"),
    ("indicators", "head", "/indicators?span=year"),
    ("indicators-member", "member01", "/indicators?by=month&set=effect"),
    ("appraisals", "head", "/appraisals"),
    ("organisations", "head", "/organisations"),
    ("organisations-leader", "leader", "/organisations?month=2026-09"),
    ("organisations-own", "property01", "/organisations"),
    ("contracts", "org01", "/contracts"),
    ("contracts-company", "property01", "/contracts"),
    ("household-contracts", "staff", "HOUSEHOLD/contracts"),
    ("appraisals-member", "member01", "/appraisals"),
    ("appraisals-evaluator", "evaluator", "/appraisals"),
    ("evaluations", "head", "/evaluations"),
    ("evaluations-outside", "evaluator", "/evaluations"),
    ("evaluation", "head", "EVALUATION"),
    ("evaluation-leader", "leader", "EVALUATION"),
    ("evaluation-outside", "evaluator", "EVALUATION"),
    ("redraw", "staff", "/redraw"),
    ("history", "head", "/history"),
    ("history-member", "member01", "/history"),
    ("history-two", "leader", "/history?revision=2&other=3"),
    ("definitions", "leader", "/definitions"),
    ("exports", "head", "/exports"),
    ("exports-one", "leader", "/exports?layer=hotspots"),
    ("find", "head", "/find"),
    ("cases", "head", "/cases"),
    ("case-map", "head", "/maps/cases"),
    ("case-queue", "property01", "/cases/queue"),
    ("case-entrust", "head", "CASE/entrust"),
    ("case-new", "member01", "/cases/new"),
    ("case", "head", "CASE"),
    ("disputes", "head", "/disputes"),
    ("disputes-member", "member01", "/disputes"),
    ("dispute", "head", "DISPUTE"),
    ("dispute-new", "member01", "/disputes/new"),
    ("dispute-figures", "head", "/disputes/figures"),
    ("mediators", "staff", "/mediators"),
    ("dispute-grades", "head", "/settings/disputes"),
    ("webhooks", "admin", "/webhooks"),
    ("backgrounds", "admin", "/backgrounds"),
    ("case-paste", "member01", "/cases/paste"),
    ("case-public", "staff", "CASE/public"),
    ("case-position", "staff", "CASE/position"),
    ("settings", "head", "/settings"),
    ("report", None, "/report"),
    ("receipt", None, "/receipt"),
    ("my-grid", None, "/my-grid"),
    ("doors", "staff", "/doors"),
    ("limits", "head", "/settings/limits"),
    ("me", "member01", "/me"),
    ("notices-none", "leader", "/notices"),
    ("notices-organisation", "property01", "/notices"),
]
NOT_FOUND = "the server responded with a status of 404"


def first_case(visit: Visitors, name: str) -> str:
    """Address of the page of some case."""
    rows = visit.page(name).request.get("/api/v1/cases").json()["rows"]
    return f"/cases/{rows[0]['id']}"


@pytest.mark.parametrize("device", ["desk", "phone"])
@pytest.mark.parametrize(("title", "name", "path"), PAGES, ids=[page[0] for page in PAGES])
def test_page_can_be_read_and_used(
    visit: Visitors, title: str, name: str | None, path: str, device: str
) -> None:
    if path.startswith("CASE"):
        path = first_case(visit, str(name)) + path.removeprefix("CASE")
    if path == "DISPUTE":
        rows = visit.page(str(name)).request.get("/api/v1/disputes").json()["rows"]
        path = f"/disputes/{rows[0]['id']}"
    if path == "EVALUATION":
        rows = visit.page(str(name)).request.get("/api/v1/evaluations").json()["rows"]
        path = f"/evaluations/{rows[0]['id']}"
    if path.startswith("HOUSEHOLD"):
        rows = visit.page(str(name)).request.get("/api/v1/completeness/gaps?step=verify").json()["rows"]
        path = f"/households/{rows[0]['id']}" + path.removeprefix("HOUSEHOLD")
    page = visit.open(path, name, device)
    keep_picture(page, f"{title}-{device}")
    families = fonts_of_chinese(page)
    assert families, "no Chinese word on the page"
    assert all("CJK" in family for family in families), families
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if is_phone(device):
        assert not too_small_for_a_thumb(page)
        page.set_viewport_size(DEVICES["tall"]["viewport"])
        keep_picture(page, f"{title}-tall")
        assert not scrolls_sideways(page)
        assert not too_small_for_a_thumb(page)


RAIL = """() => {
    const rail = document.querySelector("nav.rail");
    return [rail.scrollHeight - rail.clientHeight, rail.scrollWidth - rail.clientWidth];
}"""


@pytest.mark.parametrize("height", [900, 768])
def test_every_entry_of_the_rail_is_in_sight(visit: Visitors, height: int) -> None:
    page = visit.page("head", "desk", viewport={"width": 1366, "height": height})
    visit.go(page, "/notices")
    assert page.locator("nav.rail .group").count() == 7
    assert page.evaluate(RAIL) == [0, 0]
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate(RAIL) == [0, 0]


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_error_page_says_what_to_do(visit: Visitors, device: str) -> None:
    page = visit.open("/no-such-page", "head", device, expected=(NOT_FOUND,))
    keep_picture(page, f"error-{device}")
    assert page.get_by_role("link", name="返回首页").is_visible()
    assert not scrolls_sideways(page)
    assert not axe_faults(page)


def test_a_request_to_another_host_is_caught(visit: Visitors) -> None:
    page = visit.open("/login", None)
    page.evaluate("() => fetch('https://tile.example.org/1.png').catch(() => null)")
    page.evaluate("() => { new Image().src = 'https://tile.example.org/2.png'; }")
    page.wait_for_timeout(200)
    watch = visit.last_watch()
    assert watch.outside or watch.errors, "neither the policy nor the watch stopped it"
    watch.forget()
