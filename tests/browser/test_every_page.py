"""Every page, in a hand and at a desk: readable, nothing beside the edge, nothing asked of other hosts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import (
    axe_faults,
    fonts_of_chinese,
    overlaps,
    scrolls_sideways,
    things_on_maps,
    too_small_for_a_thumb,
)
from tests.browser.visiting import DEVICES, Visitors, devices, is_phone, keep_picture

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
    ("hotspots-heat", "leader", "/maps/hotspots?layer=heat&overlay=renovation"),
    ("renovation", "head", "/maps/hotspots?overlay=renovation"),
    ("elderly", "head", "/maps/elderly"),
    ("territories", "head", "/maps/territories"),
    ("territories-member", "member01", "/maps/territories"),
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
    ("record-figures", "head", "/records/figures?form=elder_visit"),
    ("record-answers", "head", "/records/export?form=elder_visit"),
    ("record-map", "head", "/records/map"),
    ("record-map-member", "member01", "/records/map?form=elder_visit"),
    ("record-figures-leader", "leader", "/records/figures"),
    ("definitions", "leader", "/definitions"),
    ("exports", "head", "/exports"),
    ("outward", "staff", "/outward"),
    ("outward-member", "member01", "/outward"),
    ("outward-table", "head", "/outward/B001"),
    ("outward-counts", "member01", "/outward/B002"),
    ("exports-one", "leader", "/exports?layer=hotspots"),
    ("find", "member01", "/find"),
    ("find-some", "head", "/find?q=北园"),
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
    ("task_rules", "head", "/settings/tasks"),
    ("me", "member01", "/me"),
    ("notices-none", "leader", "/notices"),
    ("notices-organisation", "property01", "/notices"),
    ("duties", "head", "/duties"),
    ("duties-admin", "admin", "/duties"),
    ("accounts", "admin", "/accounts"),
    ("workers", "admin", "/workers"),
    ("settings-admin", "admin", "/settings"),
    ("audit", "admin", "/audit"),
    ("consent-texts", "admin", "/consent-texts"),
    ("erasures", "head", "/erasures"),
    ("requests", "staff", "/requests"),
    ("building-doors", "head", "BUILDING/doors"),
    ("clashes", "staff", "/clashes"),
    ("devices", "head", "/devices"),
    ("elders", "member01", "/elders"),
    ("needs", "member01", "/needs"),
    ("needs-head", "head", "/needs?show=unaided"),
    ("needs-map", "leader", "/maps/needs"),
    ("work", "staff", "/work"),
    ("work-member", "member01", "/work"),
    ("forms", "head", "/forms"),
    ("forms-member", "member01", "/forms"),
    ("form", "head", "/forms/visit5"),
    ("form-member", "member01", "/forms/visit5"),
    ("form-fill", "member01", "/forms/visit5/fill"),
    ("household", "resident01", "/me/household"),
    ("trail", "resident01", "/me/trail"),
]
NOT_FOUND = "the server responded with a status of 404"


LISTED = {
    "BUILDING": ("/api/v1/buildings", "/buildings"),
    "CASE": ("/api/v1/cases", "/cases"),
    "DISPUTE": ("/api/v1/disputes", "/disputes"),
    "EVALUATION": ("/api/v1/evaluations", "/evaluations"),
    "HOUSEHOLD": ("/api/v1/completeness/gaps?step=verify", "/households"),
}
"""Words that stand for the page of the first row of a list, or of a map."""


def address(visit: Visitors, path: str, name: str | None) -> str:
    """The address of a page, with an id where it is one of many."""
    word = path.split("/", 1)[0]
    if word not in LISTED:
        return path
    api, pages = LISTED[word]
    answer = visit.page(name).request.get(api).json()
    rows = answer.get("rows") or answer["features"]
    return f"{pages}/{rows[0]['id']}{path.removeprefix(word)}"


def faults_of_width(page: Page, *, touched: bool) -> dict[str, list[str]]:
    """What is wrong with a page as wide as it is now, by kind."""
    found = {"beside the edge": scrolls_sideways(page)}
    if touched:
        found |= {"too small for a thumb": too_small_for_a_thumb(page), "over each other": overlaps(page)}
        if page.locator(".map-box").count() and things_on_maps(page) < 2:
            found["on the map"] = ["next to nothing"]
    return {kind: told for kind, told in found.items() if told}


UNNAMED = """() => {
    const named = new Set([...document.querySelectorAll("link[rel=modulepreload]")].map((link) => link.href));
    const scripts = new Set([...document.scripts].map((script) => script.src));
    const fetched = performance.getEntriesByType("resource").map((entry) => entry.name);
    return fetched.filter((name) => name.endsWith(".js") && !named.has(name) && !scripts.has(name));
}"""
"""Modules of which a page learns only from other modules: each step of such a chain costs a round trip."""


def faults_of_reading(page: Page) -> dict[str, list[str]]:
    """What keeps people from reading a page, by kind."""
    families = fonts_of_chinese(page)
    found = {
        "fonts": sorted(one for one in families if "CJK" not in one),
        "words": [] if families else ["no Chinese word on the page"],
        "axe": axe_faults(page),
        "learnt late": page.evaluate(UNNAMED),
    }
    return {kind: told for kind, told in found.items() if told}


@pytest.mark.parametrize(("title", "name", "path"), PAGES, ids=[page[0] for page in PAGES])
def test_page_can_be_read_and_used(visit: Visitors, title: str, name: str | None, path: str) -> None:
    """Loaded once, in a hand, and then made as wide as a desk, where most is seen."""
    page = visit.open(address(visit, path, name), name, "phone")
    for device in ("phone", "desk"):
        if device == "desk":
            page.set_viewport_size(DEVICES[device]["viewport"])
            visit.settle(page)
        keep_picture(page, f"{title}-{device}")
        assert not faults_of_width(page, touched=is_phone(device)), device
    assert not faults_of_reading(page)


@pytest.mark.prove
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(("title", "name", "path"), PAGES, ids=[page[0] for page in PAGES])
def test_page_opens_well_on_every_device(
    visit: Visitors, title: str, name: str | None, path: str, device: str
) -> None:
    """The same, loaded by each device: scripts may lay things out by what they find."""
    page = visit.open(address(visit, path, name), name, device)
    keep_picture(page, f"{title}-{device}-loaded")
    assert not faults_of_width(page, touched=is_phone(device))
    assert not faults_of_reading(page)


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


@devices("phone", "desk")
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
