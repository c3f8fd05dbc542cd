"""Cases of the demo: their rhythm, their course, and everything that was planted among them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
import shapely
from shapely import Point

from data.demo.generate import DEFAULT_SEED
from data.demo.ground.frame import frame_of
from data.demo.history.case_times import due_of
from data.demo.history.clock import CASES_FROM, CASES_TO, now, zone
from data.demo.planted import CASES, TRUTH_FILE, hotspots, truth
from data.demo.records import DemoCase, DemoCommunity
from gisgrid.cases.core.rules import CaseState, Severity
from gisgrid.crs import Datum, shift_datum


def planted(demo: DemoCommunity, kind: str) -> list[tuple[DemoCase, str]]:
    cases = {case.number: case for case in demo.cases}
    return [(cases[p.number], p.detail) for p in demo.planted if p.kind == kind]


def test_there_are_8000_cases_of_24_months_in_order_of_time(demo: DemoCommunity) -> None:
    assert len(demo.cases) == CASES
    times = [case.reported_at for case in demo.cases]
    assert times == sorted(times)
    days = [moment.astimezone(zone()).date() for moment in times]
    assert min(days) == CASES_FROM
    assert CASES_TO < max(days) <= now().astimezone(zone()).date()
    assert len({case.number for case in demo.cases}) == CASES


def test_categories_start_open_and_hide_the_confidential(demo: DemoCommunity) -> None:
    assert not demo.categories[0].confidential
    hidden = {category.group for category in demo.categories if category.confidential}
    assert hidden == {"矛盾纠纷", "社会治安", "民生服务", "社情民意"}
    assert {case.category for case in demo.cases} == {category.code for category in demo.categories}


def test_states_and_times_agree(demo: DemoCommunity) -> None:
    present = now()
    for case in demo.cases:
        assert case.due_at == due_of(Severity(case.severity), case.reported_at)
        assert (case.state == CaseState.CLOSED) == (case.closed_at is not None)
        assert case.state != CaseState.REPORTED or case.handled_at is None
        assert case.state != CaseState.HANDLING or case.handled_at is not None
        steps = [case.reported_at, case.handled_at, case.closed_at, present]
        known = [step for step in steps if step is not None]
        assert known == sorted(known)


def test_some_cases_of_every_state_are_there_and_many_open_ones_are_public(demo: DemoCommunity) -> None:
    confidential = {category.code for category in demo.categories if category.confidential}
    still_open = [case for case in demo.cases if case.state != CaseState.CLOSED]
    assert {case.state for case in demo.cases} == {"reported", "handling", "closed"}
    assert sum(case.category not in confidential for case in still_open) >= 20


def test_the_last_cases_are_reported_up_to_the_moment_asked_for(other: DemoCommunity) -> None:
    at, cases = now() + timedelta(days=90), other.cases
    still_open = [case for case in cases if case.closed_at is None]
    assert at - timedelta(days=1) < max(case.reported_at for case in cases) < at
    assert 20 <= sum(case.due_at > at for case in still_open) < len(still_open) < 150


def test_most_cases_are_settled_in_time_but_not_all(demo: DemoCommunity) -> None:
    late = [c for c in demo.cases if c.closed_at is not None and c.closed_at > c.due_at]
    assert 0.05 < len(late) / CASES < 0.2


def test_cases_follow_the_week_and_the_day(demo: DemoCommunity) -> None:
    local = [case.reported_at.astimezone(zone()) for case in demo.cases]
    weekdays = Counter(moment.weekday() for moment in local)
    assert weekdays[0] > weekdays[5] > weekdays[6]
    hours = Counter(moment.hour for moment in local)
    assert hours[3] < 0.1 * hours[9]


def test_the_hot_compound_has_by_far_the_highest_rate(demo: DemoCommunity) -> None:
    compound_of = {cell.key: cell.compound for cell in demo.cells}
    counts = Counter(compound_of[case.cell] for case in demo.cases if case.cell)
    homes = Counter(home.building[:2] for home in demo.households)
    rates = {key: counts[key] / homes[key] for key in homes}
    best, second = sorted(rates, key=lambda key: -rates[key])[:2]
    assert best == "X1"
    assert rates[best] > 1.6 * rates[second]


@pytest.mark.parametrize("spot", hotspots(), ids=lambda spot: spot.category)
def test_a_planted_place_stands_out_in_its_months_and_category(demo: DemoCommunity, spot) -> None:
    frame, place = frame_of(0), Point(spot.place)
    near = Counter[bool]()
    for case in demo.cases:
        if case.category == spot.category and frame.to_metres(case.geom).distance(place) < 80:
            day = case.reported_at.astimezone(zone()).date()
            near[spot.first <= day <= spot.last] += 1
    assert near[True] >= spot.cases * 0.95
    assert near[True] > 10 * near[False]


def test_border_cases_lie_exactly_on_two_grids_and_take_the_lowest_number(demo: DemoCommunity) -> None:
    found = planted(demo, "border")
    assert len(found) == 40
    grids = demo.grid_of_cell()
    for case, _ in found:
        covering = [cell for cell in demo.cells if cell.geom.covers(case.geom)]
        assert len({grids[cell.key] for cell in covering}) > 1
        assert case.cell == min(covering, key=lambda cell: cell.number).key


def test_wrong_datum_cases_lie_half_a_kilometre_from_the_truth(demo: DemoCommunity) -> None:
    found = planted(demo, "wrong_datum")
    assert len(found) == 30
    for case, detail in found:
        lon, lat = (float(part) for part in detail.split())
        assert demo.outline.covers(Point(lon, lat))
        assert case.datum == "WGS-84"
        back = shift_datum([case.geom.x], [case.geom.y], Datum.GCJ02, Datum.WGS84)
        assert (back[0][0], back[1][0]) == pytest.approx((lon, lat), abs=2e-7)
        assert shapely.distance(case.geom, Point(lon, lat)) > 0.004


def test_duplicates_name_the_first_report_of_the_same_matter(demo: DemoCommunity) -> None:
    found = planted(demo, "duplicate")
    cases = {case.number: case for case in demo.cases}
    frame = frame_of(0)
    assert len(found) == 60
    for case, original in found:
        first = cases[original]
        assert case.duplicate_of == original
        assert case.category == first.category
        assert timedelta(0) < case.reported_at - first.reported_at <= timedelta(hours=6)
        assert frame.to_metres(case.geom).distance(frame.to_metres(first.geom)) < 6


def test_cases_outside_are_kept_without_a_cell(demo: DemoCommunity) -> None:
    found = planted(demo, "outside")
    assert len(found) == 25
    for case, _ in found:
        assert case.cell is None
        assert not demo.outline.covers(case.geom)


def test_each_case_is_in_a_cell_that_covers_it(demo: DemoCommunity) -> None:
    cells = {cell.key: cell.geom for cell in demo.cells}
    for case in demo.cases:
        if case.cell is not None:
            assert cells[case.cell].covers(case.geom)


def test_the_truth_file_is_the_truth_of_the_default_seed(demo: DemoCommunity) -> None:
    assert demo.seed == DEFAULT_SEED
    written = json.loads(TRUTH_FILE.read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(truth(demo)))
