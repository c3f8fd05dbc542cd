"""Pictures of maps for paper: true proportions, every area with its name, nothing that runs."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest
import shapely

from layers.printed import Drawn, map_svg
from tests.layers.hostile import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def square(lon: float, lat: float, side: float = 0.01) -> shapely.Polygon:
    return shapely.box(lon, lat, lon + side, lat + side)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]


def test_a_square_on_the_ground_is_a_square_on_paper_with_north_up() -> None:
    lat = 33.9
    stretch = math.cos(math.radians(lat))
    ground = shapely.box(118, lat - 0.005, 118 + 0.01 / stretch, lat + 0.005)
    above = shapely.box(118, lat + 0.005, 118 + 0.01 / stretch, lat + 0.015)
    areas = [Drawn(shape=one, colour="#ffffff", label=name) for one, name in [(ground, "南"), (above, "北")]]
    root = ET.fromstring(map_svg(areas))  # noqa: S314 - our own text
    south, north = (points(path.get("d", "")) for path in root.findall(f"{SVG}path")[:2])
    across = max(x for x, _y in south) - min(x for x, _y in south)
    down = max(y for _x, y in south) - min(y for _x, y in south)
    assert across == pytest.approx(down, rel=1e-3)
    assert max(y for _x, y in north) <= min(y for _x, y in south) + 0.02


def test_holes_and_parts_are_drawn() -> None:
    holed = shapely.difference(square(118, 33), square(118.004, 33.004, 0.002))
    parts = shapely.MultiPolygon([holed, square(118.02, 33)])
    root = ET.fromstring(map_svg([Drawn(shape=parts, colour="#000000", label="a")]))  # noqa: S314
    assert root.findall(f"{SVG}path")[0].get("d", "").count("Z") == 3


def test_too_few_is_hatched_and_a_missing_shape_is_left_out() -> None:
    areas = [
        Drawn(shape=square(118, 33), colour="#123456", label="a", is_hatched=True),
        Drawn(shape=None, colour="#123456", label="nowhere"),
    ]
    text = map_svg(areas)
    assert 'fill="url(#few)"' in text
    assert "#123456" not in text
    assert "nowhere" not in text


def test_nothing_to_draw_is_a_picture_all_the_same() -> None:
    assert ET.fromstring(map_svg([])).tag == f"{SVG}svg"  # noqa: S314


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_names_stay_texts(payload: str) -> None:
    root = ET.fromstring(map_svg([Drawn(shape=square(118, 33), colour="#000000", label=payload)]))  # noqa: S314
    assert {one.tag for one in root.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "defs", "pattern", "rect", "path", "text")
    }
    assert payload in {one.text for one in root.iter(f"{SVG}text")}


@pytest.mark.parametrize("side", [1e-5, 0.01, 1.0])
def test_the_bar_has_a_round_length(side: float) -> None:
    text = map_svg([Drawn(shape=square(118, 33, side), colour="#000000", label="a")])
    found = re.search(r">(\d+(?:\.\d+)?(?:e[+-]\d+)?) (k?m)</text></svg>", text)
    assert found, text[-120:]
    assert found[1].strip("0.")[:1] in {"1", "2", "5"}
