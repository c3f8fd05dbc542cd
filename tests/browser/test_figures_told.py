"""Figures that say what is so: nothing where there is nothing, equal days, the elders of that day."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.visiting import Visitors


def test_a_period_without_cases_has_no_colour(visit: Visitors) -> None:
    """Also one that lies ahead; all areas were mid-orange with "≥ 0"."""
    for measure in ("count", "rate", "change"):
        page = visit.open(f"/maps/hotspots?from=2027-01-01&to=2027-01-31&measure={measure}&compare=previous")
        legend = page.locator("#legend")
        expect(legend.locator(".classes").first).to_contain_text("没有案件")
        assert "≥" not in legend.inner_text()


def test_a_rate_lies_in_the_class_that_its_shown_figure_says(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots?measure=rate")
    legend = page.locator("#legend .classes").first.inner_text()
    bounds = [float(one) for one in re.findall(r"(?:^|≥ )(\d+\.\d)", legend, re.MULTILINE)]
    counts = [int(one) for one in re.findall(r"^(\d+)$", legend, re.MULTILINE)]
    shown = [
        float(text) for text in page.locator("#rows tbody td:nth-child(3)").all_inner_texts() if text != "—"
    ]
    ends = [*bounds[1:], float("inf")]
    held = [sum(low <= rate < high for rate in shown) for low, high in zip(bounds, ends, strict=True)]
    assert bounds
    assert counts[: len(bounds)] == held


def test_the_start_page_sets_equal_days_beside_each_other_with_what_is_behind(visit: Visitors) -> None:
    asked: list[str] = []
    page = visit.open("/", "leader")
    page.on("request", lambda request: asked.append(request.url))
    visit.go(page, "/?as_of=2026-10-15")
    tiles = page.locator("#numbers .tile")
    expect(tiles).to_have_count(4)
    told: list[Any] = tiles.all_inner_texts()
    for text in (told[0], told[1], told[3]):
        assert "10-01 至 10-15" in text
        assert "09-01 至 09-15" in text
    assert re.search(r"\d+ / \d+ 件", told[0])
    assert "不显示" in told[2]  # counts of persons of a day that is over are told to no leader
    covered = [url for url in asked if "coverage/elderly" in url]
    assert covered
    assert all("as_of=2026-10-15" in url for url in covered)
