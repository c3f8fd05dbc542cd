"""The map shell: small, local, with a nonce, and nothing a person typed in its script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import folium
import pytest
from folium.plugins import MarkerCluster

from gisgrid.errors import InvalidInput, MissingPart
from layers.base import DataLayer, LayerSpec, make_map
from layers.cases import CasePoints, PinPlace
from layers.completeness import Completeness
from layers.elderly import ElderlyCoverage, Stations
from layers.hotspots import HeatSurface, HotspotAreas, RenovationBuildings
from layers.needs import UnservedNeeds
from layers.shell import MapShell, render_shell
from layers.style import Legend
from layers.territories import AreaOutlines, Territories
from tests.layers.hostile import HOSTILE

BOUNDS = (118.29, 33.93, 118.32, 33.96)
LEGEND = Legend(title="案件热点", unit="件", notes=("颜色越深,案件越多",))


def every_layer() -> Iterator[DataLayer]:
    yield HotspotAreas(LEGEND, areas_url="/api/v1/areas", rows_url="/api/v1/hotspots")
    yield HeatSurface(LEGEND, url="/api/v1/heat")
    yield RenovationBuildings(LEGEND, buildings_url="/api/v1/buildings", rows_url="/api/v1/renovation")
    urls = {"areas_url": "/a", "rows_url": "/b", "uncovered_url": "/c"}
    yield ElderlyCoverage(LEGEND, **urls)
    yield Stations(LEGEND, url="/api/v1/coverage/elderly/stations", others_url="/api/v1/facilities")
    yield Completeness(LEGEND, areas_url="/a", rows_url="/b", gaps_url="/c")
    yield UnservedNeeds(LEGEND, areas_url="/a", rows_url="/b")
    yield Territories(LEGEND, areas_url="/api/v1/areas", rows_url="/api/v1/territories")
    yield AreaOutlines(url="/api/v1/areas")
    yield CasePoints(LEGEND, url="/api/v1/cases")
    yield PinPlace()


def shell_of(*layers: DataLayer) -> MapShell:
    return render_shell(make_map(BOUNDS, layers), "abc123")


def specs_of(shell: MapShell) -> list[dict[str, object]]:
    return [json.loads(text) for text in re.findall(r"layers\.push\((.*?)\);\n", shell.script)]


def test_every_layer_leaves_its_specification_in_order() -> None:
    kinds = [spec["kind"] for spec in specs_of(shell_of(*every_layer()))]
    assert kinds[0] == "basemap"
    assert kinds[1:] == [layer.spec["kind"] for layer in every_layer()]


def test_nothing_is_loaded_from_outside() -> None:
    shell = shell_of(*every_layer())
    everything = shell.header + shell.body + shell.script
    assert "//" not in everything
    assert re.findall(r'(?:src|href)="([^"]+)"', shell.header) == [
        "/static/vendor/leaflet/leaflet.js",
        "/static/vendor/leaflet/leaflet.css",
        "/static/vendor/leaflet-heat/leaflet_heat.min.js",
    ]


def test_every_script_and_style_has_the_nonce() -> None:
    shell = shell_of(*every_layer())
    opened = re.findall(r"<(?:script|style)[^>]*>", shell.header)
    assert opened
    assert all('nonce="abc123"' in tag for tag in opened)
    assert "<script" not in shell.body + shell.script


def test_there_are_no_inline_styles_and_handlers() -> None:
    shell = shell_of(*every_layer())
    assert not re.search(r"\sstyle=|\son\w+=", shell.header + shell.body)


def test_zooming_by_hand_is_not_forbidden() -> None:
    assert "viewport" not in shell_of().header


def test_the_shell_is_a_few_kilobytes() -> None:
    shell = shell_of(*every_layer())
    assert len((shell.header + shell.body + shell.script).encode()) < 10_000


def test_two_maps_share_no_links() -> None:
    assert "leaflet_heat" in shell_of(HeatSurface(LEGEND, url="/h")).header
    assert "leaflet_heat" not in shell_of().header
    assert "leaflet_heat" in folium.plugins.HeatMap.default_js[0][1]


def test_rendering_twice_gives_the_same() -> None:
    drawn = make_map(BOUNDS)
    assert render_shell(drawn, "n") == render_shell(drawn, "n")


def test_a_plugin_nobody_listed_is_refused() -> None:
    drawn = make_map(BOUNDS)
    drawn.add_child(MarkerCluster())
    with pytest.raises(MissingPart, match="layers/assets"):
        render_shell(drawn, "n")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_a_legend_stay_data(text: str) -> None:
    shell = shell_of(Stations(Legend(title=text, unit=text), url="/x", others_url="/y"))
    assert "</script" not in shell.script
    assert "<img" not in shell.script
    legend = specs_of(shell)[1]["legend"]
    assert isinstance(legend, dict)
    assert legend["title"] == text


@pytest.mark.parametrize("url", ["//a.example/x", "http" + "://a.example", "x"])
def test_a_layer_fetches_from_its_own_server_only(url: str) -> None:
    with pytest.raises(InvalidInput, match="own server"):
        LayerSpec(kind="x", urls={"data": url})


@pytest.mark.parametrize("bounds", [(1, 0, 0, 1), (0, 95, 1, 96), (float("nan"), 0, 1, 1)])
def test_bounds_must_be_degrees_in_order(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidInput):
        make_map(bounds)


def test_a_nonce_can_not_close_its_attribute() -> None:
    with pytest.raises(InvalidInput):
        render_shell(make_map(BOUNDS), '" onload="x')


def test_latitude_comes_first_only_for_leaflet() -> None:
    assert re.search(r"center: \[33\.9\d+, 118\.3\d*\]", shell_of().script)
