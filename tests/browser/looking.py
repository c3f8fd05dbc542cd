"""What an eye would check on a page: letters, width, targets for a thumb, drawn maps, tables."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
THUMB_PX = 48

_PROBES = """() => {
  const chinese = /[\\u4e00-\\u9fff]/;
  const kinds = "h1, h2, button, a, label, td, th, p, dt, span, strong";
  const speaks = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && chinese.test(node.data));
  const shown = [...document.querySelectorAll(kinds)].filter((one) => one.offsetParent && speaks(one));
  shown.slice(0, 12).forEach((one, index) => one.setAttribute("data-probe", index));
  return Math.min(shown.length, 12);
}"""

_TOO_SMALL = """(least) => {
  const wanted = ".tabs a, .button, .icon-button, .leaflet-bar a, select, main input:not([type=hidden]),"
    + " #search-results [role=option], .results button, .choice label, .check, .checks label, .phone";
  const small = [];
  for (const one of document.querySelectorAll(wanted)) {
    const target = one.closest("label") || one;
    const box = target.getBoundingClientRect();
    if (!box.width || !target.offsetParent || getComputedStyle(target).visibility === "hidden") continue;
    if (box.height < least - 0.5 || box.width < Math.min(least, 44) - 0.5)
      small.push(`${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`);
  }
  return small;
}"""

_SIDEWAYS = """() => {
  const boxes = [document.scrollingElement, document.querySelector("main")];
  const wide = boxes.filter((one) => one && one.scrollWidth > one.clientWidth + 1);
  if (!wide.length && document.scrollingElement.scrollWidth <= window.innerWidth) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
    .slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
}"""

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

_AXE = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")}`);
}"""

_DRAWN = """(selector) => [...document.querySelectorAll(selector)].map((canvas) => {
  if (!canvas.width || !canvas.height) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let at = 3; at < data.length; at += 4) if (data[at]) drawn += 1;
  return drawn;
})"""


def fonts_of_chinese(page: Page) -> set[str]:
    """Families in which the Chinese of a page is really drawn, asked of the browser itself."""
    count = page.evaluate(_PROBES)
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    families: set[str] = set()
    for index in range(count):
        node = tools.send("DOM.querySelector", {"nodeId": root, "selector": f'[data-probe="{index}"]'})
        fonts = tools.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})["fonts"]
        families |= {font["familyName"] for font in fonts}
    tools.detach()
    return families


def too_small_for_a_thumb(page: Page) -> list[str]:
    """Controls lower than 48 px, as a person with a phone would miss them."""
    found: list[str] = page.evaluate(_TOO_SMALL, THUMB_PX)
    return found


def scrolls_sideways(page: Page) -> list[str]:
    """Elements that stick out to the right; none where nothing scrolls sideways."""
    found: list[str] = page.evaluate(_SIDEWAYS)
    return found


def things_on_maps(page: Page) -> int:
    """How many things lie on the maps of a page."""
    return page.locator(".map-box button:visible, .map-box > .legend:visible").count()


def overlaps(page: Page) -> list[str]:
    """What of the things on the maps of a page lies over another of them, as far as it is seen."""
    found: list[str] = page.evaluate(_OVERLAPS)
    return found


def axe_faults(page: Page) -> list[str]:
    """Serious and critical faults of accessibility, by axe-core."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_AXE)
    return found


def drawn_pixels(page: Page, selector: str = ".leaflet-overlay-pane canvas") -> list[int]:
    """How many pixels of each canvas are painted; reading them also proves that no foreign image is on it."""
    found: list[int] = page.evaluate(_DRAWN, selector)
    return found


def table_cells(page: Page) -> dict[str, dict[str, str]]:
    """The one table's rows by their keys: the first line of each cell by the title of its column."""
    titles = page.locator("table#rows thead th").all_inner_texts()
    rows: list[list[Any]] = page.locator("table#rows tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [row.dataset.key, [...row.cells].map((cell) => cell.innerText.trim())])"
    )
    first_lines = [(key, [cell.split("\n")[0] for cell in cells]) for key, cells in rows]
    return {str(key): dict(zip(titles, cells, strict=True)) for key, cells in first_lines}


def map_centre(page: Page) -> tuple[float, float, float]:
    """Longitude, latitude (EPSG:4326) and zoom of the page's map."""
    lon, lat, zoom = page.evaluate(
        "() => { const { map } = window.gisgrid; const at = map.getCenter();"
        " return [at.lng, at.lat, map.getZoom()]; }"
    )
    return lon, lat, zoom


def on_screen(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where a place (EPSG:4326) stands on the screen now, in pixels."""
    x, y = page.evaluate(
        "([lon, lat]) => { const { map } = window.gisgrid; const at = map.latLngToContainerPoint([lat, lon]);"
        " const box = map.getContainer().getBoundingClientRect(); return [box.x + at.x, box.y + at.y]; }",
        [lon, lat],
    )
    return x, y


def click_map(page: Page, lon: float, lat: float, *, zoom: int = 19) -> None:
    """Bring a place (EPSG:4326) to the middle of the map and press there."""
    page.evaluate(
        "([lon, lat, zoom]) => { window.gisgrid.map.setView([lat, lon], zoom, { animate: false }); }",
        [lon, lat, zoom],
    )
    page.mouse.click(*on_screen(page, lon, lat))
