"""Staff, accounts, facilities and the draft plan of the demo."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely

from data.demo.ground.facilities import REACH_M
from data.demo.ground.frame import frame_of
from data.demo.planted import FAR_COMPOUND
from data.demo.records import DemoCommunity
from gisgrid.access.models import DutyKind, Role
from gisgrid.places.models import Condition, FacilityType, LandKind


def present_grids(demo: DemoCommunity) -> list[str]:
    return [area.code for area in demo.areas if area.level == "grid" and area.valid_to is None]


def test_every_grid_has_one_primary_member_and_one_supervisor(demo: DemoCommunity) -> None:
    for kind in ("grid_member", "grid_supervisor"):
        primary = Counter(d.area for d in demo.duties if d.kind == kind and d.primary and d.valid_to is None)
        assert primary == Counter(present_grids(demo))


def test_every_micro_grid_has_a_leader_and_every_building_a_steward(demo: DemoCommunity) -> None:
    micro = {area.code for area in demo.areas if area.level == "micro_grid" and area.valid_to is None}
    leaders = Counter(duty.area for duty in demo.duties if duty.kind == "grid_leader")
    assert all(leaders[code] == 1 for code in micro)
    stewards = Counter(duty.building for duty in demo.duties if duty.kind == "building_steward")
    assert stewards == Counter(building.key for building in demo.buildings)


def test_every_compound_has_police_a_cadre_and_two_branch_leaders(demo: DemoCommunity) -> None:
    for compound in demo.compounds:
        kinds = Counter(duty.kind for duty in demo.duties if duty.area == compound.area)
        assert kinds == {"community_police": 1, "party_cadre": 1, "grid_leader": 2}


def test_staff_are_mostly_40_to_55_with_middle_school(demo: DemoCommunity) -> None:
    ages = [2026 - worker.birth_year for worker in demo.workers]
    assert sum(40 <= a <= 55 for a in ages) > 0.75 * len(ages)
    assert Counter(worker.education for worker in demo.workers).most_common(1)[0][0] == "初中"


def test_words_are_those_of_the_tables(demo: DemoCommunity) -> None:
    assert {duty.kind for duty in demo.duties} <= {kind.value for kind in DutyKind}
    assert {account.role for account in demo.accounts} <= {role.value for role in Role}
    assert {facility.kind for facility in demo.facilities} == {kind.value for kind in FacilityType}
    assert {land.kind for land in demo.landscapes} == {kind.value for kind in LandKind}
    assert {building.condition for building in demo.buildings} == {grade.value for grade in Condition}


def test_the_demo_accounts_have_the_promised_names_and_scopes(demo: DemoCommunity) -> None:
    accounts = {account.name: account for account in demo.accounts}
    assert len(accounts) == len(demo.accounts)
    grids = present_grids(demo)
    assert accounts["staff"].areas == tuple(grids[:3])
    assert [accounts[f"member{n:02d}"].areas for n in range(1, 21)] == [(grid,) for grid in grids]
    assert accounts["staff20"].areas == (grids[-1],)
    for name in ("admin", "head", "head2", "leader", "property01", "org01", "evaluator", "resident01"):
        assert name in accounts
    assert len([name for name in accounts if name.startswith("grid_leader")]) == 100
    assert [one.name for one in demo.accounts if one.may_instruct] == ["leader"]
    homes = {home.key for home in demo.households if home.persons}
    assert accounts["resident01"].household in homes


def test_the_far_compound_alone_is_wholly_out_of_reach_of_home_care(demo: DemoCommunity) -> None:
    frame = frame_of(0)
    stations = [frame.to_metres(f.geom) for f in demo.facilities if f.kind == "home_care_station"]
    assert len(stations) == 3
    reached: dict[str, list[bool]] = {}
    for home in demo.households:
        near_m = min(frame.to_metres(home.geom).distance(station) for station in stations)
        reached.setdefault(home.building[:2], []).append(near_m <= REACH_M)
    assert not any(reached.pop(FAR_COMPOUND))
    assert all(np.mean(own) > 0.6 for own in reached.values())


def test_facilities_are_as_many_as_the_programme_says(demo: DemoCommunity) -> None:
    kinds = Counter(facility.kind for facility in demo.facilities)
    assert kinds["service_center"] == 1
    assert kinds["service_station"] == 5
    assert kinds["volunteer_point"] == 15
    center = next(f for f in demo.facilities if f.kind == "service_center")
    assert center.floor_area_m2 == 800
    cells = {cell.key: cell.geom for cell in demo.cells}
    assert all(cells[facility.cell].covers(facility.geom) for facility in demo.facilities)


def test_the_draft_overloads_one_grid_and_takes_the_member_from_another(demo: DemoCommunity) -> None:
    paint, duty = demo.plan.edits
    grids, counts = demo.grid_of_cell(), demo.households_by_grid()
    cell_of = {building.key: building.cell for building in demo.buildings}
    moved = sum(cell_of[home.building] in paint.cells for home in demo.households)
    assert paint.to is not None
    assert counts[paint.to] <= 520
    assert counts[paint.to] + moved > 600
    shapes = {cell.key: cell.geom for cell in demo.cells}
    grown = [shapes[key] for key in shapes if grids[key] == paint.to or key in paint.cells]
    assert shapely.coverage_union_all(grown).geom_type == "Polygon"
    member = next(d for d in demo.duties if d.worker == duty.worker)
    assert (member.area, member.kind, member.primary) == (duty.to, "grid_member", True)
    assert duty.to != paint.to
