"""What the start page sets beside each other: as many days of two months, and whole months."""

from __future__ import annotations

import calendar
import json
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

SPANS = ROOT / "web/home/static/spans.js"
DAYS = [date(2023, 12, 25) + timedelta(days=n) for n in range(800)]


@pytest.fixture(scope="module")
def spans() -> dict[tuple[date, bool], Any]:
    """What the page asks for on each day, as today and as a past day."""
    node = shutil.which("node", path=str(Path(sys.prefix) / "bin")) or shutil.which("node")
    if node is None:
        pytest.skip("node is not installed here")
    asked = [(day, is_today) for day in DAYS for is_today in (True, False)]
    script = (
        f"import {{ monthToDate }} from {json.dumps(SPANS.as_uri())};"
        f"const asked = {json.dumps([(day.isoformat(), is_today) for day, is_today in asked])};"
        "console.log(JSON.stringify(asked.map(([day, isToday]) => monthToDate(day, { isToday }))));"
    )
    run = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    return dict(zip(asked, json.loads(run.stdout), strict=True))


def days(span: list[str]) -> tuple[date, date]:
    first, last = (date.fromisoformat(day) for day in span)
    return first, last


def test_equal_days_are_set_beside_each_other(spans: dict[tuple[date, bool], Any]) -> None:
    for (day, is_today), found in spans.items():
        (first, last), (earlier, until) = days(found["now"]), days(found["before"])
        assert last == (day - timedelta(days=1) if is_today else day)
        assert first == last.replace(day=1)
        assert last - first == until - earlier
        assert until < first
        month_before = first - timedelta(days=1)
        if (last - first).days < calendar.monthrange(month_before.year, month_before.month)[1]:
            assert earlier == month_before.replace(day=1)


def test_the_line_is_of_whole_months_that_are_over(spans: dict[tuple[date, bool], Any]) -> None:
    for (day, is_today), found in spans.items():
        first, last = days(found["months"])
        assert first.day == 1
        assert (last + timedelta(days=1)).day == 1
        assert last < day or (last == day and not is_today)
        assert (last.year - first.year) * 12 + last.month - first.month == 5


def test_on_the_first_of_a_month_no_single_day_stands_beside_a_month(
    spans: dict[tuple[date, bool], Any],
) -> None:
    found = spans[date(2024, 12, 1), True]
    assert found["now"] == ["2024-11-01", "2024-11-30"]
    assert found["before"] == ["2024-10-01", "2024-10-30"]
    past = spans[date(2024, 12, 1), False]
    assert (past["now"], past["before"]) == (["2024-12-01"] * 2, ["2024-11-01"] * 2)


def test_a_month_longer_than_the_one_before_takes_days_before_it(spans: dict[tuple[date, bool], Any]) -> None:
    assert spans[date(2025, 3, 31), False]["before"] == ["2025-01-29", "2025-02-28"]
