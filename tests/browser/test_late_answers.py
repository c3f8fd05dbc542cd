"""An answer that comes late never stands where a newer one was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.visiting import Visitors


def _hold(page: Page, path: str, part: str) -> list[Route]:
    """Keep back what is asked of a path with a part in its query, until it is continued."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(lambda url: path in url and part in url, keep)
    return held


def _let_go(visit: Visitors, page: Page, held: list[Route]) -> None:
    assert held, "the late answer was never asked for"
    for route in held:
        with page.expect_response(route.request.url):
            route.continue_()
    visit.settle(page)
    page.wait_for_timeout(400)  # a sign of waiting would come after 300 ms


def _state(value: str) -> Callable[[Page], Any]:
    return lambda page: page.locator("#filters [name=state]").select_option(value)


def _tick(name: str, value: str) -> Callable[[Page], Any]:
    return lambda page: page.locator(f"[name={name}][value='{value}']").first.evaluate("box => box.click()")


def _litter(*, is_wanted: bool) -> Callable[[Page], Any]:
    return lambda page: page.locator("[name=category][value=litter]").evaluate(
        "(box, wanted) => box.checked === wanted || box.click()", is_wanted
    )


PAGES: dict[str, tuple[str, str, str, Callable[[Page], Any], Callable[[Page], Any]]] = {
    # address, what shows the answer, what is held (path?part), first choice, second choice
    "list": ("/cases", "#cases", "/api/v1/cases?state=closed", _state("closed"), _state("open")),
    "map": (
        "/maps/cases",
        "#rows",
        "/api/v1/cases/points?state=closed",
        _tick("state", "closed"),
        _tick("state", "open"),
    ),
    "elders": (
        "/maps/elderly",
        "#uncovered",
        "/uncovered?distance=300",
        _tick("distance", "300"),
        _tick("distance", "500"),
    ),
    "heat": (
        "/maps/hotspots?layer=heat",
        "#legend",
        "/api/v1/heat?category=litter",
        _litter(is_wanted=True),
        _litter(is_wanted=False),
    ),
    "indicators": (
        "/indicators",
        "#rows",
        "/api/v1/indicators?by=category",
        lambda page: page.locator("#filters [name=by]").select_option("category"),
        lambda page: page.locator("#filters [name=by]").select_option("grid"),
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_what_was_asked_for_last(visit: Visitors, name: str) -> None:
    path, shown, asked, first, second = PAGES[name]
    page = visit.open(path, "head")
    second(page)
    visit.settle(page)
    wanted = page.locator(shown).inner_text()
    held = _hold(page, *asked.split("?"))
    with page.expect_request(lambda sent: all(part in sent.url for part in asked.split("?"))):
        first(page)
    second(page)
    expect(page.locator(shown)).to_have_text(wanted, use_inner_text=True)
    _let_go(visit, page, held)
    expect(page.locator(shown)).to_have_text(wanted, use_inner_text=True)
    status = page.locator("#status")
    assert status.is_hidden()
    assert status.get_attribute("aria-busy") is None


def test_a_late_failure_says_nothing_of_what_is_shown(visit: Visitors) -> None:
    page = visit.open("/cases", "head", expected=("503",))
    held = _hold(page, "/api/v1/cases", "state=closed")
    with page.expect_request(lambda sent: "/api/v1/cases" in sent.url and "state=closed" in sent.url):
        _state("closed")(page)
    _state("open")(page)
    expect(page.locator("#cases tbody tr").first).to_be_visible()
    assert held, "the late answer was never asked for"
    for route in held:
        route.fulfill(status=503, json={"title": "busy"})
    page.wait_for_timeout(400)
    expect(page.locator("#status")).to_be_hidden()
