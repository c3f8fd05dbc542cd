"""Figures that say what is so: nothing where there is nothing, equal days, the elders of that day."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.visiting import Visitors


def test_a_period_without_cases_has_no_colour(visit: Visitors) -> None:
    """Also one that lies ahead; all areas were mid-orange with "≥ 0"."""
    page = visit.page()
    for measure in ("count", "rate", "change"):
        visit.go(page, f"/maps/hotspots?from=2027-01-01&to=2027-01-31&measure={measure}&compare=previous")
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
    page = visit.page("leader")
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
    assert "老人 0 人" not in told[2]
    covered = [url for url in asked if "coverage/elderly" in url]
    assert covered
    assert all("as_of=2026-10-15" in url for url in covered)


def test_the_legend_names_the_days_that_are_compared(visit: Visitors) -> None:
    """Of a confidential category a leader gets the quarter before, which has a day less here."""
    page = visit.open(
        "/maps/hotspots?from=2026-07-01&to=2026-09-30&measure=change&compare=previous", "leader"
    )
    legend = page.locator("#legend")
    expect(legend).to_contain_text("上一时段:2026-03-31 至 2026-06-30。")
    secret = (
        "/maps/hotspots?from=2026-07-01&to=2026-09-30&measure=change&compare=previous&category=family_dispute"
    )
    visit.go(page, secret)
    expect(legend).to_contain_text("上一时段:2026-04-01 至 2026-06-30。")


def test_a_share_of_elders_lies_in_the_class_that_its_two_numbers_say(visit: Visitors) -> None:
    """74 of 149 are less than half: whole per cent put them into the class above, on the page alone."""
    page = visit.open("/maps/elderly?distance=300")
    legend = page.locator("#legend .classes").first.inner_text()
    bounds = [float(one) for one in re.findall(r"(?:^|≥ )(\d+)%", legend, re.MULTILINE)]
    drawn = [int(one) for one in re.findall(r"^(\d+)$", legend, re.MULTILINE)][: len(bounds)]
    ends = [*bounds[1:], float("inf")]
    shares = []
    for row in page.locator("#rows tbody tr").all():
        elders, reached = (
            int(row.locator("td").nth(at).inner_text().split()[0].replace(",", "")) for at in (0, 2)
        )
        shares.append(round(100 * reached / elders, 1))
        assert f"{shares[-1]:.1f}%" in row.inner_text()
    assert bounds == [0, 25, 50, 75, 90]
    assert drawn == [sum(low <= one < high for one in shares) for low, high in zip(bounds, ends, strict=True)]
