"""In English every category stands under its English name wherever a page is filled by its script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = {
    "/cases/new": "#category",
    "/indicators?by=category": "main",
    "/maps/cases": "[name=category]",
    "/cases": "main",
}


def words(page: Page, place: str) -> str:
    """What is read there, choices of a list included."""
    told: str = page.locator(place).first.evaluate(
        "(box) => box.innerText + [...box.options || []].map((one) => one.text)"
    )
    return told


@pytest.mark.parametrize("path", PAGES)
def test_categories_have_their_english_names(visit: Visitors, path: str) -> None:
    page = visit.page("head")
    page.context.add_cookies([{"name": "lang", "value": "en", "url": visit.site.url}])
    visit.go(page, path)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    names: dict[str, str] = page.evaluate(
        "() => JSON.parse(document.getElementById('page-data').textContent).categories"
    )
    assert len(names) > 10
    told = words(page, PAGES[path])
    assert [name for name in names if name in told] == []
    assert any(english in told for english in names.values())
