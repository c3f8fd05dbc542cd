"""What was planted in the demo is found by who looks at the page: the place is among the first three."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import data.demo
from tests.browser.looking import table_cells
from tests.browser.visiting import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLANTED = json.loads((Path(data.demo.__file__).parent / "planted.json").read_text(encoding="utf-8"))
FIRST = 3


@pytest.mark.parametrize("level", ["grid", "micro_grid"])
@pytest.mark.parametrize("spot", PLANTED["hotspots"], ids=lambda spot: spot["category"])
def test_a_planted_place_is_among_the_first_three(visit: Visitors, spot: dict[str, Any], level: str) -> None:
    page = visit.open(
        f"/maps/hotspots?category={spot['category']}&from={spot['first']}&to={spot['last']}&level={level}"
    )
    page.locator("#rows thead button").nth(1).click()
    first = list(table_cells(page))[:FIRST]
    where = page.request.get("/api/v1/locate", params={"lon": spot["lon"], "lat": spot["lat"]}).json()
    code = next(area["code"] for area in where["areas"] if area["level"] == level)
    assert code in first


def test_the_hot_compound_leads_per_hundred_households(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots?level=compound&from=2025-11-25&to=2026-11-24")
    page.locator("#rows thead button").nth(2).click()
    assert next(iter(table_cells(page).values()))["名称"] == "柳岸新村"
