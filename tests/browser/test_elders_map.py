"""The map of elders: its colour, its legend and its table say the same number, whatever it is coloured by."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import table_cells
from tests.browser.visiting import Visitors, devices, keep_picture

MEASURES = {
    "reached": ("步行可达", "elders", "可达老人占老人的百分比"),
    "visited": ("30 天内见到", "agreed", "30 天内见到的占同意探访老人的百分比"),
    "unseen": ("30 天未见", "agreed", "30 天未见的占同意探访老人的百分比"),
    "overdue": ("探访逾期", "agreed", "探访逾期的占同意探访老人的百分比"),
    "double_gap": ("逾期且不可达", "agreed", "逾期且步行不可达的占同意探访老人的百分比"),
}
SEEN_BY = [*((measure, "head") for measure in MEASURES), ("overdue", "leader"), ("double_gap", "leader")]


def rows_of(page: Page) -> dict[str, dict[str, Any]]:
    answer = page.request.get("/api/v1/coverage/elderly", params={"distance": "500"})
    return {row["code"]: row for row in answer.json()["rows"]}


def shares_of(rows: dict[str, dict[str, Any]], part: str, whole: str) -> list[float]:
    """The shares that can be known: those of rows whose two numbers are shown."""
    known = [row for row in rows.values() if row[part] is not None and row[whole]]
    return [round(100 * row[part] / row[whole], 1) for row in known]


@pytest.mark.parametrize(("measure", "account"), SEEN_BY)
def test_each_class_of_the_legend_counts_the_shares_of_its_measure(
    visit: Visitors, measure: str, account: str
) -> None:
    title, whole, unit = MEASURES[measure]
    page = visit.open(f"/maps/elderly?measure={measure}", account)
    rows = rows_of(page)
    shares = shares_of(rows, measure, whole)
    legend = page.locator("#legend .classes").first.inner_text()
    bounds = [float(bound) for bound in re.findall(r"(?:^|≥ )(\d+)%", legend, re.MULTILINE)]
    drawn = [int(count) for count in re.findall(r"^(\d+)$", legend, re.MULTILINE)][: len(bounds)]
    ends = [*bounds[1:], float("inf")]
    assert drawn == [
        sum(low <= share < high for share in shares) for low, high in zip(bounds, ends, strict=True)
    ]
    hidden = [row for row in rows.values() if {measure, whole} & {*row["suppressed"]}]
    assert re.findall(r"^不显示\n(\d+)$", legend, re.MULTILINE) == [str(len(hidden))] * bool(hidden)
    assert unit in page.locator("#legend h2").inner_text()
    at = 4 if measure == "reached" else 2
    for code, cells in table_cells(page).items():
        row = rows[code]
        number = "不显示" if measure in row["suppressed"] else f"{row[measure]:,}"
        assert cells[title] == number
        for share in shares_of({code: row}, measure, whole):
            assert (
                f"{share:.1f}%"
                in page.locator(f"#rows tr[data-key='{code}'] td:nth-child({at})").inner_text()
            )


@devices("desk", "phone")
def test_what_the_colour_says_is_chosen_by_keyboard_and_kept_in_the_address(
    visit: Visitors, device: str
) -> None:
    page = visit.open("/maps/elderly", "head", device)
    if device == "phone":
        page.get_by_role("button", name="图例与表格").click()
    chooser = page.get_by_label("颜色表示")
    chooser.focus()
    for _step in range(3):
        page.keyboard.press("ArrowDown")
    visit.settle(page)
    assert "measure=overdue" in page.url
    expect(page.locator("#legend h2")).to_contain_text("探访逾期")
    expect(page.locator("#rows thead th").nth(1)).to_contain_text("探访逾期")
    expect(page.locator("#legend")).not_to_contain_text("步行不可达的老人家庭")
    keep_picture(page, f"elders-overdue-{device}")
