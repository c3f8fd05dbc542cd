"""Layers with data draw what our pages draw: in a saved file without any network, and in a notebook."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pytest
from playwright.sync_api import Browser, Frame, Page

from layers.assets import VENDOR
from layers.completeness import Completeness
from layers.hotspots import HotspotAreas
from layers.sketch import Fill, area_style
from layers.standalone import save_standalone
from layers.style import Legend
from layers.territories import Territories
from tests.browser.visiting import Visitors, keep_picture
from tests.layers.frames import areas
from tests.layers.hostile import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LEGEND = Legend(title="案件热点", unit="件")
PAINTED = """([places]) => {
  const map = window.gisgrid?.map || Object.values(window).find((one) => one instanceof L.Map);
  return places.map(([lon, lat]) => {
    map.setView([lat, lon], 17, { animate: false });
    const at = map.latLngToContainerPoint([lat, lon]);
    const frame = map.getContainer().getBoundingClientRect();
    const canvases = [...map.getContainer().querySelectorAll(".leaflet-overlay-pane canvas")];
    const read = (canvas) => {
      const box = canvas.getBoundingClientRect();
      const scale = canvas.width / box.width;
      const [x, y] = [(frame.x + at.x - box.x) * scale, (frame.y + at.y - box.y) * scale];
      return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
    };
    return canvases.map(read).find((pixel) => pixel[3] > 0) || [0, 0, 0, 0];
  });
}"""


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A page whose every request but that of its own file is refused; what it asked for and said is kept."""
    context = browser.new_context(offline=True, viewport={"width": 900, "height": 600})
    page = context.new_page()
    faults: list[str] = []
    page.route(re.compile(r"^(?!file:)"), lambda route: route.abort())
    page.on("request", lambda one: faults.append(one.url) if not is_own(one.url) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    yield page
    context.close()
    assert faults == []


def is_own(url: str) -> bool:
    return url.startswith("file:") and url.endswith("map.html")


def saved(tmp_path: Path, layer: folium.Element) -> str:
    plain = folium.Map(tiles=None)
    layer.add_to(plain)
    return save_standalone(plain, tmp_path / "map.html").as_uri()


def answers(page: Page, address: str) -> dict[str, Any]:
    """What a page was told at the address whose path this is, asked for once more."""
    urls: list[str] = page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    answer: dict[str, Any] = page.request.get(next(url for url in urls if f"{address}?" in url)).json()
    return answer


def with_rows(page: Page, rows: str) -> gpd.GeoDataFrame:
    """The areas of a page with the figures it coloured them by."""
    shapes = gpd.GeoDataFrame.from_features(answers(page, "/api/v1/areas")["features"], crs="EPSG:4326")
    known = {row["code"]: row for row in answers(page, rows)["rows"]}
    names = {name for row in known.values() for name in row} - set(shapes.columns)
    for name in names | {"suppressed", "reason"}:
        shapes[name] = [known[code].get(name) for code in shapes["code"]]
    return shapes


def places_in(frame: gpd.GeoDataFrame) -> list[list[float]]:
    found = frame.geometry.representative_point()
    return [[point.x, point.y] for point in found]


@pytest.mark.parametrize(
    ("path", "rows", "value"),
    [
        ("/maps/hotspots", "/api/v1/hotspots", "count"),
        ("/maps/hotspots?measure=rate", "/api/v1/hotspots", "rate"),
        ("/maps/completeness", "/api/v1/completeness", "share_180"),
    ],
)
def test_a_saved_file_has_the_colours_and_classes_of_our_page(
    visit: Visitors, alone: Page, tmp_path: Path, path: str, rows: str, value: str
) -> None:
    page = visit.open(path)
    frame = with_rows(page, rows)
    of_page = page.evaluate(PAINTED, [places_in(frame)])
    kind = Completeness if value.startswith("share") else HotspotAreas
    alone.goto(saved(tmp_path, kind(LEGEND, data=frame, value=value)))
    ours = alone.evaluate(PAINTED, [places_in(frame)])
    assert len({tuple(pixel) for pixel in ours}) > 1
    assert ours == of_page
    lines = page.locator("#legend .classes:not(.drawn) li").all_inner_texts()
    told = alone.locator(".gisgrid-legend > div:has(> span)").all_inner_texts()
    assert [re.sub(r"\s", "", one) for one in told] == [re.sub(r"\s", "", one) for one in lines]
    keep_picture(alone, f"standalone-{value}")


def test_a_hatch_is_that_of_our_page(alone: Page, tmp_path: Path) -> None:
    alone.goto(saved(tmp_path, Territories(LEGEND, data=areas(member=[None]))))
    frame = areas(member=[None])
    [[lon, lat]] = places_in(frame)
    near = [[lon + step * 1e-5, lat] for step in range(12)]
    shown = np.array(alone.evaluate(PAINTED, [near]))
    assert len({tuple(pixel) for pixel in shown.tolist()}) > 1
    assert area_style(Fill(colour=None, hatch=True), 0.45)["fillOpacity"] == 0.45
    assert set(shown[:, 3]) <= set(range(105, 125))


def test_a_notebook_shows_a_plain_map_of_folium(browser: Browser, tmp_path: Path) -> None:
    plain = folium.Map(tiles=None)
    frame = areas(count=[1, 2, 3])
    HotspotAreas(LEGEND, data=frame).add_to(plain)
    context = browser.new_context()
    page = context.new_page()

    def fulfil(route: Any) -> None:
        name = route.request.url.rsplit("/", 1)[-1]
        own = VENDOR / "leaflet" / name
        route.fulfill(path=own) if own.is_file() else route.fulfill(body="")

    page.route(re.compile("^https?:"), fulfil)
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<body>{plain._repr_html_()}</body>", encoding="utf-8")
    page.goto(notebook.as_uri())
    page.frame_locator("iframe").locator(".gisgrid-legend").wait_for()
    inside: Frame = page.frames[1]
    found = inside.evaluate(PAINTED, [places_in(frame)])
    context.close()
    assert [hex_of(pixel) for pixel in found] == ["#ffffb2", "#fd8d3c", "#bd0026"]
    assert html.unescape(plain._repr_html_()).count("window.gisgridDraw = ") == 1


def hex_of(pixel: list[int]) -> str:
    """The colour of a pixel, to the nearest one of the ramp: half-transparent pixels lose a little."""
    ramp = ["#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026"]
    parts = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in ramp])
    distance = np.abs(parts - np.array(pixel[:3])).max(axis=1)
    assert distance.min() <= 2
    return ramp[int(distance.argmin())]


def test_hostile_names_do_nothing(alone: Page, tmp_path: Path) -> None:
    frame = areas(name=HOSTILE, member=HOSTILE)
    legend = Legend(title=HOSTILE[0], unit=HOSTILE[3], notes=tuple(HOSTILE))
    alone.goto(saved(tmp_path, Territories(legend, data=frame)))
    names = alone.locator(".gisgrid-name").all_text_contents()
    assert names == [text + text for text in HOSTILE]
    assert alone.locator("img").count() == 0
    [[lon, lat], *_others] = places_in(frame)
    at = alone.evaluate(
        "([lon, lat]) => { const map = Object.values(window).find((one) => one instanceof L.Map);"
        " map.setView([lat, lon], 17, { animate: false });"
        " const { x, y } = map.latLngToContainerPoint([lat, lon]); return [x, y]; }",
        [lon, lat],
    )
    alone.mouse.move(at[0] + 40, at[1] + 40)
    alone.mouse.move(at[0] + 45, at[1] + 45)
    assert HOSTILE[0] in alone.locator(".leaflet-tooltip").inner_text()
