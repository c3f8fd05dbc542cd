"""The ground of the demo: cells tile, buildings stand free, areas are balanced and of one piece."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from data.demo.ground.frame import frame_of
from data.demo.ground.layout import read_layout
from data.demo.records import DemoCommunity
from gisgrid.crs import to_lattice
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.partition import check_tiling, oracle_check, union_outline


def cell_shapes(demo: DemoCommunity) -> GeometryArray:
    return as_array([cell.geom for cell in demo.cells])


def owners_at(demo: DemoCommunity, moment: datetime) -> dict[str, list[str]]:
    """Cell key to the micro grids it is in at a moment."""
    owners: dict[str, list[str]] = defaultdict(list)
    for membership in demo.memberships:
        if membership.valid_from <= moment and (membership.valid_to is None or moment < membership.valid_to):
            owners[membership.cell].append(membership.area)
    return owners


def test_cells_pass_the_complete_check_and_the_slow_oracle(demo: DemoCommunity) -> None:
    cells = cell_shapes(demo)
    assert len(cells) >= 560
    assert check_tiling(cells, demo.outline) == []
    grids = demo.grid_of_cell()
    number = {code: n for n, code in enumerate(sorted(set(grids.values())))}
    owners = np.array([number[grids[cell.key]] for cell in demo.cells])
    assert list(oracle_check(cells, demo.outline, owners=owners)) == []


def test_every_coordinate_is_on_the_lattice(demo: DemoCommunity) -> None:
    records = (demo.cells, demo.buildings, demo.households, demo.facilities, demo.streets, demo.landscapes)
    for group in (*records, demo.cases):
        xy = shapely.get_coordinates([record.geom for record in group])
        assert (xy == to_lattice(xy)).all()


def test_each_building_has_a_cell_of_its_own_that_covers_it(demo: DemoCommunity) -> None:
    cells = {cell.key: cell for cell in demo.cells}
    owners = Counter(building.cell for building in demo.buildings)
    assert set(owners.values()) == {1}
    for building in demo.buildings:
        cell = cells[building.cell]
        assert cell.kind == "building"
        assert cell.compound == building.compound
        assert cell.geom.intersection(building.geom).area > 0.98 * building.geom.area


def test_no_building_stands_on_another_on_a_street_or_in_water(demo: DemoCommunity) -> None:
    frame = frame_of(0)
    houses = as_array([frame.to_metres(building.geom) for building in demo.buildings])
    tree = shapely.STRtree(houses)
    first, second = tree.query(houses, predicate="intersects")
    assert (first == second).all()
    lanes = [frame.to_metres(street.geom).buffer(street.width_m / 2) for street in demo.streets]
    water = [frame.to_metres(land.geom) for land in demo.landscapes]
    assert len(tree.query(as_array(lanes + water), predicate="intersects")[1]) == 0


def test_cells_are_numbered_by_the_code_of_their_micro_grid(demo: DemoCommunity) -> None:
    assert [cell.number for cell in demo.cells] == list(range(1, len(demo.cells) + 1))
    micro = owners_at(demo, datetime(2026, 11, 24, tzinfo=UTC))
    codes = [micro[cell.key][0] for cell in demo.cells]
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("year", "grids", "micro"), [(2013, 12, 12), (2016, 18, 18), (2019, 20, 100), (2026, 20, 100)]
)
def test_at_any_time_each_cell_has_one_owner_and_each_area_one_piece(
    demo: DemoCommunity, year: int, grids: int, micro: int
) -> None:
    owners = owners_at(demo, datetime(year, 11, 1, tzinfo=UTC))
    assert len(owners) == len(demo.cells)
    assert all(len(areas) == 1 for areas in owners.values())
    parents = {area.code: area.parent for area in demo.areas}
    shapes = {cell.key: cell.geom for cell in demo.cells}
    members: dict[str, list[str]] = defaultdict(list)
    for cell, (area,) in owners.items():
        for code in (area, parents[area]):
            members[str(code)].append(cell)
    assert len(members) == grids + micro
    unions = [union_outline(as_array([shapes[cell] for cell in own])) for own in members.values()]
    assert {union.geom_type for union in unions} == {"Polygon"}


def test_no_code_is_used_twice_and_parents_exist(demo: DemoCommunity) -> None:
    codes = [area.code for area in demo.areas]
    assert len(set(codes)) == len(codes)
    assert {area.parent for area in demo.areas} - {None} <= set(codes)
    for area in demo.areas:
        if area.level == "grid":
            assert len(area.code) == 15
        if area.level == "micro_grid":
            assert len(area.code) == 17
            assert area.code.startswith(str(area.parent))


def test_present_levels_are_complete(demo: DemoCommunity) -> None:
    levels = Counter(area.level for area in demo.areas if area.valid_to is None)
    assert levels == {
        "subdistrict": 1,
        "community": 1,
        "sub_area": 3,
        "compound": 5,
        "grid": 20,
        "micro_grid": 100,
    }
    per_compound = Counter(a.parent for a in demo.areas if a.level == "grid" and a.valid_to is None)
    assert set(per_compound.values()) == {4}


def test_grids_are_balanced_but_for_the_one_planted_large_one(demo: DemoCommunity) -> None:
    counts = sorted(demo.households_by_grid().values())
    assert sum(counts) == 9600
    assert counts[-1] == pytest.approx(700, abs=30)
    assert all(430 <= count <= 510 for count in counts[:-1])


def test_micro_grids_are_balanced_within_their_grid(demo: DemoCommunity) -> None:
    owners = owners_at(demo, datetime(2026, 11, 24, tzinfo=UTC))
    cell_of = {building.key: building.cell for building in demo.buildings}
    counts = Counter(owners[cell_of[household.building]][0] for household in demo.households)
    grids = demo.households_by_grid()
    assert len(counts) == 100
    for code, count in counts.items():
        assert count == pytest.approx(grids[code[:15]] / 5, rel=0.25)


def test_grid_numbers_run_from_north_west_to_south_east(demo: DemoCommunity) -> None:
    grids = demo.grid_of_cell()
    cells = {cell.key: cell.geom for cell in demo.cells}
    first = shapely.union_all([cells[key] for key, code in grids.items() if code.endswith("001")]).centroid
    last = shapely.union_all([cells[key] for key, code in grids.items() if code.endswith("020")]).centroid
    assert first.x < last.x
    assert first.y > last.y


def test_the_plan_is_no_lattice_of_streets() -> None:
    layout = read_layout()
    bearings = []
    for way in layout.ways:
        step = np.diff(shapely.get_coordinates(way.line), axis=0)
        bearings.append(np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 90)
    everywhere = np.concatenate(bearings)
    near_axis = (everywhere < 3) | (everywhere > 87)
    assert near_axis.mean() < 0.5
    assert sum(zone.area for zone in layout.zones.values()) == pytest.approx(layout.outline.area)
