"""On a phone nothing on a map lies over anything else: buttons, tools, legend, what is said of a place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_every_page import first_case
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MAPS = [
    ("home-member", "member01", "/"),
    ("territories", "member01", "/maps/territories"),
    ("territories-head", "head", "/maps/territories"),
    ("hotspots", "head", "/maps/hotspots"),
    ("heat", "leader", "/maps/hotspots?layer=heat&overlay=renovation"),
    ("elderly", "head", "/maps/elderly"),
    ("completeness", "head", "/maps/completeness"),
    ("cases", "head", "/maps/cases"),
    ("find", "member01", "/find"),
    ("find-head", "head", "/find?q=北园"),
    ("history", "head", "/history"),
    ("history-two", "head", "/history?revision=2&other=3"),
    ("redraw", "staff", "/redraw"),
    ("duties", "head", "/duties"),
    ("report", None, "/report"),
    ("case-new", "member01", "/cases/new"),
    ("case-position", "staff", "CASE/position"),
    ("my-grid", None, "/my-grid"),
]

_OVERLAPS = """() => {
  const kinds = ".map-box > *, .map-box button, .map-box .leaflet-control, .here-said";
  const clipped = (one) => {
    let { left, top, right, bottom } = one.getBoundingClientRect();
    for (let over = one.parentElement; over && over !== document.body; over = over.parentElement) {
      if (getComputedStyle(over).overflow === "visible") continue;
      const box = over.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom };
  };
  const isSeen = (one) => {
    const { left, top, right, bottom } = clipped(one);
    return right - left > 1 && bottom - top > 1 && getComputedStyle(one).visibility !== "hidden";
  };
  const isMap = (one) => one.matches(".folium-map, .sides, .map, .here, [class*=leaflet-container]");
  const all = [...document.querySelectorAll(kinds)].filter((one) => isSeen(one) && !isMap(one));
  const outer = all.filter((one) => !all.some((other) => other !== one && other.contains(one)));
  const name = (one) => `${one.className || one.id} "${one.textContent.trim().slice(0, 12)}"`;
  const found = [];
  outer.forEach((one, at) => {
    const a = clipped(one);
    for (const other of outer.slice(at + 1)) {
      const b = clipped(other);
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) found.push(`${name(one)} x ${name(other)}: ${wide}x${high}`);
    }
  });
  return found;
}"""
"""What of the things on the maps of a page lies over another of them, as far as it is seen."""


def there(page: Page) -> int:
    """How many things lie on the maps of a page."""
    return page.locator(".map-box button:visible, .map-box > .legend:visible").count()


def overlaps(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_OVERLAPS)
    return found


@pytest.mark.parametrize(("name", "account", "path"), MAPS, ids=[one[0] for one in MAPS])
@pytest.mark.parametrize("device", ["phone", "tall"])
def test_nothing_on_a_map_covers_anything_else(
    visit: Visitors, device: str, name: str, account: str | None, path: str
) -> None:
    if path.startswith("CASE"):
        path = first_case(visit, str(account)) + path.removeprefix("CASE")
    page = visit.open(path, account, device)
    page.wait_for_timeout(200)
    keep_picture(page, f"overlap-{name}-{device}")
    assert not overlaps(page)
    assert there(page) > 1
