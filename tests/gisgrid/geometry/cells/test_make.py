"""Cells tile exactly, every building has one, nothing crosses an area, and what is left out is told."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gisgrid.crs import LATTICE_STEPS
from gisgrid.errors import InvalidInput
from gisgrid.geometry.cells import Buildings, CellOrigin, Streets, make_cells
from gisgrid.geometry.measure import areas_m2
from gisgrid.geometry.partition import check_tiling, oracle_check

LON, LAT = 121.5, 31.2
METRE_LON, METRE_LAT = 1 / 95_300, 1 / 110_870


def place(shape):
    """A shape drawn in metres from a corner in Shanghai, in degrees."""
    return shapely.transform(shape, lambda xy: xy * [METRE_LON, METRE_LAT] + [LON, LAT])


def box(x, y, width, height):
    return place(shapely.box(x, y, x + width, y + height))


def line(*points):
    return place(shapely.LineString(points))


def shapes(*items):
    return np.array(items, dtype=object)


def streets(*lines, **more):
    return Streets(lines=shapes(*lines), **more)


def assert_sound(plan):
    assert check_tiling(plan.cells, plan.outline) == []
    assert oracle_check(plan.cells, plan.outline) == []
    assert len(plan.kind) == len(plan.area) == len(plan.cells)


def whys(plan):
    return {entry.why: entry.count for entry in plan.left_out}


QUARTER = box(0, 0, 400, 300)
CROSS = streets(line((200, -50), (200, 350)), line((-50, 150), (450, 150)))


def test_outline_alone_is_one_cell():
    plan = make_cells(QUARTER)
    assert_sound(plan)
    assert plan.kind == (CellOrigin.AREA,)
    assert plan.outline.hausdorff_distance(QUARTER) <= 1.5 / LATTICE_STEPS


def test_outline_gets_a_vertex_every_few_metres():
    ring = shapely.get_coordinates(make_cells(QUARTER).outline)
    step = np.hypot(*(np.diff(ring, axis=0) / [METRE_LON, METRE_LAT]).T)
    assert step.max() <= 5.1


def test_crossing_streets_make_four_blocks():
    plan = make_cells(QUARTER, streets=CROSS)
    assert_sound(plan)
    assert plan.kind == (CellOrigin.BLOCK,) * 4
    assert areas_m2(plan.cells) == pytest.approx([30_000] * 4, rel=0.01)


def test_streets_outside_and_dead_ends_make_no_block():
    plan = make_cells(
        QUARTER, streets=streets(line((500, 0), (900, 0), (900, 300)), line((50, 0), (50, 100)))
    )
    assert_sound(plan)
    assert len(plan.cells) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"kinds": ["footway"]},
        {"kinds": ["trunk_link"]},
        {"kinds": ["service"]},
        {"kinds": ["subway"]},
        {"names": ["延安东路隧道"]},
        {"names": ["内环高架路"]},
        {"is_tunnel": [True]},
        {"is_bridge": [True]},
        {"layers": [-1]},
    ],
)
def test_street_that_divides_nothing_is_left_out_and_told(more):
    plan = make_cells(QUARTER, streets=streets(line((200, -50), (200, 350)), **more))
    assert_sound(plan)
    assert len(plan.cells) == 1
    assert [(entry.what, entry.count) for entry in plan.left_out] == [("street", 1)]


def test_building_over_a_street_bends_the_block_round_itself():
    house = box(180, 40, 30, 20)
    plan = make_cells(QUARTER, streets=CROSS, buildings=Buildings(footprints=shapes(house)))
    assert_sound(plan)
    home = plan.cells[plan.building_cell[0]]
    assert shapely.intersection(home, house).area > 0.999 * house.area
    assert len(plan.cells) == 4
    assert plan.kind.count(CellOrigin.BUILDING) == 1


def test_narrow_median_without_a_building_joins_its_neighbour():
    pair = streets(line((200, -50), (200, 350)), line((205, -50), (205, 350)))
    plan = make_cells(QUARTER, streets=pair)
    assert_sound(plan)
    assert len(plan.cells) == 2
    assert sum("median" in why for why in whys(plan)) == 1


def test_narrow_block_with_a_building_stays():
    pair = streets(line((200, -50), (200, 350)), line((205, -50), (205, 350)))
    plan = make_cells(QUARTER, streets=pair, buildings=Buildings(footprints=shapes(box(201, 100, 3, 10))))
    assert_sound(plan)
    assert len(plan.cells) == 3


def test_each_building_of_a_block_gets_its_land():
    houses = shapes(box(10, 10, 40, 12), box(10, 40, 40, 12), box(100, 10, 60, 50))
    plan = make_cells(QUARTER, streets=CROSS, buildings=Buildings(footprints=houses))
    assert_sound(plan)
    assert sorted(plan.kind) == [CellOrigin.BLOCK] * 3 + [CellOrigin.BUILDING] * 3
    assert len(set(plan.building_cell.tolist())) == 3
    kept = shapely.area(shapely.intersection(plan.cells[plan.building_cell], houses))
    assert kept == pytest.approx(shapely.area(houses), rel=1e-4)


def test_buildings_wall_to_wall_are_divided_at_the_wall():
    houses = shapes(*(box(20 + 10.37 * k, 20, 10.37, 17.1) for k in range(8)))
    plan = make_cells(QUARTER, buildings=Buildings(footprints=houses))
    assert_sound(plan)
    kept = shapely.area(shapely.intersection(plan.cells[plan.building_cell], houses))
    assert (kept > 0.999 * shapely.area(houses)).all()


def test_courtyard_belongs_to_its_building_and_a_house_in_it_has_its_own_cell():
    ring = place(shapely.box(50, 50, 130, 130).difference(shapely.box(60, 60, 120, 120)))
    inner = box(80, 80, 15, 15)
    plan = make_cells(QUARTER, buildings=Buildings(footprints=shapes(ring, inner)))
    assert_sound(plan)
    outer_cell, inner_cell = plan.cells[plan.building_cell]
    assert len(plan.cells) == 2
    assert len(outer_cell.interiors) == 1
    assert outer_cell.intersection(ring).area > 0.999 * ring.area
    assert inner_cell.covers(inner)


def test_building_in_two_parts_far_apart_has_one_cell():
    twin = place(shapely.MultiPolygon([shapely.box(10, 10, 30, 30), shapely.box(350, 250, 370, 260)]))
    between = box(150, 100, 100, 100)
    plan = make_cells(QUARTER, buildings=Buildings(footprints=shapes(twin, between)))
    assert_sound(plan)
    assert len(plan.cells) == 2
    assert len(set(plan.building_cell.tolist())) == 2


def test_parts_of_buildings_are_left_out_but_have_a_cell():
    houses = Buildings(footprints=shapes(box(10, 10, 60, 30), box(20, 15, 20, 10)), is_part=[False, True])
    plan = make_cells(QUARTER, buildings=houses)
    assert_sound(plan)
    assert plan.building_cell.tolist() == [0, 0]
    assert len(plan.cells) == 1
    assert plan.buildings_of(0).tolist() == [0, 1]
    assert whys(plan)["only describes a part of another building"] == 1


def test_overlapping_footprints_share_a_cell_and_slightly_overlapping_ones_do_not():
    houses = Buildings(footprints=shapes(box(10, 10, 40, 30), box(40, 10, 40, 30), box(79.5, 10, 40, 30)))
    plan = make_cells(QUARTER, buildings=houses)
    assert_sound(plan)
    one, two, three = plan.building_cell.tolist()
    assert one == two != three
    assert sum("more than 5 %" in why for why in whys(plan)) == 1
    assert sum("up to 5 %" in why for why in whys(plan)) == 1


def test_building_outside_is_left_out():
    plan = make_cells(
        QUARTER, buildings=Buildings(footprints=shapes(box(900, 10, 10, 10), box(10, 10, 9, 9)))
    )
    assert_sound(plan)
    assert plan.building_cell.tolist() == [-1, 0]
    assert whys(plan)["lies outside the outline"] == 1


def test_faulty_footprint_is_repaired_and_an_empty_one_is_told():
    bow = place(shapely.Polygon([(10, 10), (30, 30), (30, 10), (10, 30)]))
    houses = Buildings(footprints=shapes(bow, shapely.Polygon(), None, box(100, 100, 20, 20)))
    plan = make_cells(QUARTER, buildings=houses)
    assert_sound(plan)
    assert plan.building_cell.tolist()[1:3] == [-1, -1]
    assert whys(plan)["has no footprint"] == 2


def test_no_cell_crosses_an_area_even_for_a_building_on_the_border():
    areas = shapes(box(0, 0, 200, 300), box(200, 0, 200, 300))
    house = box(190, 100, 30, 20)
    plan = make_cells(areas=areas, buildings=Buildings(footprints=shapes(house, box(20, 20, 10, 10))))
    assert_sound(plan)
    assert plan.area[plan.building_cell].tolist() == [1, 0]
    for index, area in enumerate(areas):
        mine = shapely.union_all(plan.cells[plan.area == index])
        assert mine.symmetric_difference(area).area < 1e-4 * area.area


def test_street_on_an_area_border_gives_no_slivers():
    areas = shapes(box(0, 0, 200, 300), box(200, 0, 200, 300))
    plan = make_cells(areas=areas, streets=streets(line((200.02, -10), (199.98, 310))))
    assert_sound(plan)
    assert len(plan.cells) == 2
    assert sorted(plan.area.tolist()) == [0, 1]


def test_outline_with_a_hole_and_an_island_stays_so():
    outline = shapely.union(QUARTER.difference(box(100, 100, 50, 50)), box(600, 0, 100, 100))
    plan = make_cells(outline, streets=CROSS)
    assert_sound(plan)
    assert plan.outline.symmetric_difference(outline).area < 1e-4 * outline.area
    assert len(plan.cells) == 5


def test_without_outline_the_hull_of_the_buildings_is_taken():
    plan = make_cells(buildings=Buildings(footprints=shapes(box(0, 0, 20, 20), box(100, 50, 20, 20))))
    assert_sound(plan)
    assert len(plan.cells) == 2


def test_buildings_of_equal_shape_at_one_place_share_a_cell():
    plan = make_cells(QUARTER, buildings=Buildings(footprints=shapes(*[box(50, 50, 20, 20)] * 3)))
    assert_sound(plan)
    assert plan.building_cell.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "need an outline"),
        ({"outline": shapely.Point(121, 31)}, "not a polygon"),
        ({"outline": shapely.Polygon([(121, 31), (121.1, 31.1), (121.1, 31), (121, 31.1)])}, "invalid"),
        ({"areas": shapes(shapely.Polygon())}, "not a valid shape"),
        ({"areas": shapes(shapely.box(31, 121, 31.1, 121.1))}, "swapped"),
        ({"outline": shapely.box(31, 121, 31.1, 121.1)}, "swapped"),
        (
            {"outline": QUARTER, "streets": streets(shapely.LineString([(5e5, 3e6), (6e5, 3e6)]))},
            "out of range",
        ),
    ],
)
def test_nothing_to_make_cells_of_is_refused(arguments, words):
    with pytest.raises(InvalidInput, match=words):
        make_cells(**arguments)


coordinate = st.integers(-20, 420)
houses = st.lists(
    st.tuples(
        st.integers(0, 380), st.integers(0, 280), st.integers(3, 60), st.integers(3, 60), st.floats(0, 90)
    ),
    max_size=12,
)
roads = st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), max_size=5)


@settings(max_examples=60, deadline=None)
@given(houses, roads, st.integers(0, 3))
@example([], [(338, 374, 410, 215)], 0)  # a short edge of the outline beside the road's end is no gap
def test_any_quarter_is_tiled_exactly_and_no_building_is_lost(houses, roads, cuts):
    footprints = [
        place(shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), angle)) for x, y, w, h, angle in houses
    ]
    edges = np.linspace(0, 400, cuts + 2)
    areas = shapes(*(box(a, 0, b - a, 300) for a, b in itertools.pairwise(edges)))
    lines = [line((a, b), (c, d)) for a, b, c, d in roads if (a, b) != (c, d)]
    plan = make_cells(
        areas=areas, streets=streets(*lines), buildings=Buildings(footprints=shapes(*footprints))
    )
    assert_sound(plan)
    whole = shapely.union_all(areas)
    for footprint, cell in zip(footprints, plan.building_cell.tolist(), strict=True):
        point = shapely.point_on_surface(footprint)
        if shapely.dwithin(point, whole.boundary, 2 / LATTICE_STEPS):
            continue
        assert (cell >= 0) == whole.covers(point)
        assert cell < 0 or plan.kind[cell] == CellOrigin.BUILDING
