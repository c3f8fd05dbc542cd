"""Layers with data draw themselves on a plain Folium map by the rules of our pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pytest
import shapely
from folium.plugins import MarkerCluster
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.cases.core.workflow import CaseState
from gisgrid.errors import InvalidInput, MissingPart
from layers.base import DataLayer
from layers.cases import STAGES, CaseMap, CasePoints, PinPlace
from layers.completeness import Completeness
from layers.duties import DutyGrids
from layers.elderly import ElderlyCoverage, Stations
from layers.facilities import Facilities
from layers.history import PastGrids
from layers.hotspots import HeatSurface, HotspotAreas, RenovationBuildings
from layers.needs import UnservedNeeds
from layers.redraw import RedrawCells
from layers.standalone import save_standalone
from layers.style import NO_DATA, YL_OR_RD, Legend, class_breaks, class_of, colours_for
from layers.territories import AreaOutlines, Territories
from layers.uploads import UploadedShapes
from tests.layers.frames import areas, points
from tests.layers.hostile import HOSTILE

LEGEND = Legend(title="Cases", unit="cases")
LAYERS: dict[str, Callable[[gpd.GeoDataFrame], DataLayer]] = {
    "hotspots": lambda data: HotspotAreas(LEGEND, data=data),
    "renovation": lambda data: RenovationBuildings(LEGEND, data=data),
    "built": lambda data: RenovationBuildings(LEGEND, data=data, by="built"),
    "elderly": lambda data: ElderlyCoverage(LEGEND, data=data),
    "completeness": lambda data: Completeness(LEGEND, data=data),
    "needs": lambda data: UnservedNeeds(LEGEND, data=data),
    "territories": lambda data: Territories(LEGEND, data=data),
    "outlines": lambda data: AreaOutlines(data=data),
    "duties": lambda data: DutyGrids(data=data),
    "history": lambda data: PastGrids(data=data),
    "redraw": lambda data: RedrawCells(data=data),
    "heat": lambda data: HeatSurface(LEGEND, data=data),
    "stations": lambda data: Stations(LEGEND, data=data),
    "facilities": lambda data: Facilities(LEGEND, data=data),
    "casemap": lambda data: CaseMap(LEGEND, data=data),
    "severity": lambda data: CaseMap(LEGEND, data=data, colour="severity"),
    "cases": lambda data: CasePoints(LEGEND, data=data),
}
OF_POINTS = {"heat", "stations", "facilities", "casemap", "severity", "cases"}
COLUMNS: dict[str, list[Any]] = {
    "name": ["A", "B"],
    "count": [1, 2],
    "condition": ["A", "D"],
    "built_year": [1979, 2015],
    "elders": [10, 0],
    "reached": [5, 0],
    "share_180": [80.0, None],
    "unserved_share": [80.0, None],
    "member": ["Wang", None],
    "changed": [True, False],
    "grid": ["G1", "G2"],
    "type": ["home_care_station", "clinic"],
    "state": ["reported", "closed"],
    "severity": ["small", "emergency"],
    "overdue": [True, False],
}


def frame_for(name: str) -> gpd.GeoDataFrame:
    return (points if name in OF_POINTS else areas)(**COLUMNS)


def drawn(layer: DataLayer) -> dict[str, Any]:
    """What the script of a layer on a plain map is given."""
    plain = folium.Map(tiles=None)
    layer.add_to(plain)
    found = re.findall(r"gisgridDraw\(\w+, (.*)\);\n", plain.get_root().render())
    assert len(found) == 1
    answer: dict[str, Any] = json.loads(found[0])
    return answer


def fills(layer: DataLayer) -> list[str]:
    told = drawn(layer)
    styles = [told["styles"][feature["style"]] for feature in told["features"]]
    return ["hatch" if style["hatch"] else style["fillColor"] for style in styles]


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_draws_its_data_on_a_plain_map_and_adds_no_link(name: str) -> None:
    told = drawn(LAYERS[name](frame_for(name)))
    assert bool(told["heat"]) == (name == "heat")
    assert len(told["features"]) == {"heat": 0, "stations": 3}.get(name, 2)
    plain, ours = folium.Map(tiles=None), folium.Map(tiles=None)
    LAYERS[name](frame_for(name)).add_to(ours)
    links = [re.findall(r'(?:src|href)="([^"]+)"', one.get_root().render()) for one in (plain, ours)]
    assert links[0] == links[1]
    (south, west), (north, east) = ours.get_bounds()
    assert (west, south) >= (118.29, 33.93)
    assert north <= 33.9401
    assert east <= 118.3101


@pytest.mark.parametrize("name", LAYERS)
def test_an_empty_frame_draws_nothing(name: str) -> None:
    told = drawn(LAYERS[name](frame_for(name).iloc[:0]))
    assert told["features"] == []
    assert not told["heat"] or told["heat"]["points"] == []


@pytest.mark.parametrize("name", LAYERS)
def test_any_crs_is_drawn_where_it_lies(name: str) -> None:
    there, back = (drawn(LAYERS[name](frame)) for frame in (frame_for(name), frame_for(name).to_crs(4548)))
    shapes = [
        [json.dumps(feature["shape"]) for feature in told["features"]] + [json.dumps(told["heat"])]
        for told in (there, back)
    ]
    numbers = [[float(text) for text in re.findall(r"\d+\.\d+", " ".join(one))] for one in shapes]
    assert numbers[0] == pytest.approx(numbers[1], abs=1e-7)


@given(st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=1, max_size=20))
def test_areas_have_the_colours_of_the_class_rules(counts: list[int | None]) -> None:
    breaks = class_breaks([count for count in counts if count])
    colours = colours_for(YL_OR_RD, len(breaks))
    wanted = [
        NO_DATA if count is None else "#ffffff" if not count else colours[class_of(count, breaks) or 0]
        for count in counts
    ]
    told = HotspotAreas(LEGEND, data=areas(count=counts))
    assert fills(told) == wanted
    counted = sum(one.count or 0 for one in told.drawing.classes) if told.drawing else 0
    assert counted == len(counts)


def test_what_is_withheld_or_too_few_is_hatched_and_named() -> None:
    frame = areas(
        count=[9, None, 3, 0, None],
        rate=[1.5, None, None, 0.0, None],
        suppressed=["", "count rate", "", "", ""],
        reason=["", "不显示", "", "", ""],
    )
    layer = HotspotAreas(LEGEND, data=frame, value="rate")
    assert fills(layer) == ["#fd8d3c", "hatch", "hatch", "#ffffff", NO_DATA]
    labels = [entry["label"] for entry in drawn(layer)["classes"]]
    assert labels == ["≥ 1.5", "no cases", "no data", "too few to tell", "不显示"]


def test_a_change_has_five_classes_around_none() -> None:
    layer = HotspotAreas(LEGEND, data=areas(change=[-9, -1, 0, 1, 9]), value="change")
    assert fills(layer) == ["#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#e66101"]
    labels = [entry["label"] for entry in drawn(layer)["classes"]]
    assert labels == ["≤ −3", "−2 – −1", "0", "1 – 2", "≥ 3"]


def test_a_share_of_elders_is_hatched_only_where_it_is_not_known() -> None:
    frame = areas(elders=[10, 0, None, None], reached=[9, 0, None, None], suppressed=["", "", "elders", ""])
    assert fills(ElderlyCoverage(LEGEND, data=frame)) == ["#08519c", "#ffffff", "hatch", "hatch"]


def test_neighbours_have_different_colours_and_nobodys_areas_a_hatch() -> None:
    found = fills(Territories(LEGEND, data=areas(member=["a", "b", "a", None, "c"])))
    assert found[0] == found[2]
    assert len(set(found)) == 4
    assert found[3] == "hatch"


def test_a_late_case_has_its_ring_and_a_station_its_reach() -> None:
    told = drawn(CaseMap(LEGEND, data=frame_for("casemap")))
    assert [style["color"] for style in told["styles"]] == ["#c62828", "#ffffff"]
    told = drawn(Stations(LEGEND, data=frame_for("stations"), distance_m=650))
    assert [style.get("metres") for style in told["styles"]] == [500.0, None, None]
    assert [bool(style.get("square")) for style in told["styles"]] == [False, False, True]


def test_every_state_has_its_stage() -> None:
    states = [state for some in STAGES.values() for state in some]
    assert sorted(states) == sorted(CaseState)


def test_all_missing_columns_stand_in_one_sentence() -> None:
    with pytest.raises(InvalidInput, match="no column elders, reached"):
        ElderlyCoverage(LEGEND, data=areas(name=["A"]))


def faulty(name: str) -> Any:
    frame = areas(count=[1])
    return {
        "no frame": "areas.gpkg",
        "no CRS": frame.set_crs(None, allow_override=True),
        "points": points(count=[1]),
        "words": areas(count=["many"]),
        "nowhere": frame.set_geometry([shapely.box(1e30, 1e30, 2e30, 2e30)]).set_crs(
            4548, allow_override=True
        ),
    }[name]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no frame", "is a GeoDataFrame"),
        ("no CRS", "says no CRS"),
        ("points", "draws MultiPolygon, Polygon, not Point"),
        ("words", "'many' where a number belongs"),
        ("nowhere", "nowhere on Earth"),
    ],
)
def test_a_frame_that_can_not_be_drawn_is_told_in_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        HotspotAreas(LEGEND, data=faulty(name))


def test_a_layer_takes_data_or_addresses_and_says_which() -> None:
    for urls in ({}, {"areas_url": "/a"}):
        with pytest.raises(InvalidInput, match="either data or all"):
            HotspotAreas(LEGEND, **urls)
    with pytest.raises(InvalidInput, match="either data or all"):
        HotspotAreas(LEGEND, data=areas(count=[1]), rows_url="/b")
    with pytest.raises(InvalidInput, match="PinPlace takes no data"):
        PinPlace(data=areas(count=[1]))
    with pytest.raises(InvalidInput, match="UploadedShapes takes no data"):
        UploadedShapes(data=areas(count=[1]))
    with pytest.raises(InvalidInput, match="A measure is one of"):
        HotspotAreas(LEGEND, data=areas(count=[1]), measure="height")
    with pytest.raises(InvalidInput, match="by condition or built"):
        RenovationBuildings(LEGEND, data=frame_for("built"), by="height")
    with pytest.raises(InvalidInput, match="by state or severity"):
        CaseMap(LEGEND, data=frame_for("casemap"), colour="height")


def test_a_layer_with_addresses_needs_our_pages() -> None:
    plain = folium.Map(tiles=None)
    AreaOutlines(url="/api/v1/areas").add_to(plain)
    with pytest.raises(InvalidInput, match="elsewhere it needs data"):
        plain.get_root().render()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_data(text: str) -> None:
    legend = Legend(title=text, unit=text, words={"nobody": text})
    told = drawn(Territories(legend, data=areas(name=[text, text], member=[text, None])))
    assert told["names"][0]["lines"] == [text, text]
    plain = folium.Map(tiles=None)
    Territories(legend, data=areas(name=[text], member=[text])).add_to(plain)
    script = plain.get_root().render().split("window.gisgridDraw(")[1]
    assert "<img" not in script
    assert script.count("</script") == 1


def test_a_file_of_its_own_names_no_address_to_fetch(tmp_path: Path) -> None:
    plain = folium.Map(tiles=None)
    HotspotAreas(LEGEND, data=areas(count=[1, 2])).add_to(plain)
    text = save_standalone(plain, tmp_path / "map.html").read_text(encoding="utf-8")
    styles = "".join(re.findall(r"<style>.*?</style>", text, re.DOTALL))
    assert ".leaflet-container" in styles
    assert "url(" not in styles
    assert "default-src 'none'" in text
    assert "<script src" not in text
    assert '<link rel="stylesheet"' not in text


def test_a_file_of_its_own_holds_nothing_that_would_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't hold TileLayer"):
        save_standalone(folium.Map(), tmp_path / "map.html")
    marked = folium.Map(tiles=None)
    folium.Marker([33.9, 118.3], popup="x").add_to(marked)
    with pytest.raises(InvalidInput, match="can't hold Marker, Popup"):
        save_standalone(marked, tmp_path / "map.html")
    gathered = folium.Map(tiles=None)
    MarkerCluster().add_to(gathered)
    with pytest.raises(MissingPart, match="layers/assets"):
        save_standalone(gathered, tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()
