"""Each fault of areas is found once, with its place, its areas and its true size; sound areas have none."""

import collections

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiled_worlds import jittered_cells

from gisgrid.crs import parse_crs
from gisgrid.geometry.faults import AreaRule, find_faults, in_degrees
from gisgrid.geometry.measure import transformed
from gisgrid.geometry.repair import fix_areas

METRES, _ = parse_crs("EPSG:4549")
DEGREES, _ = parse_crs("EPSG:4326")
X, Y = 500_000, 3_450_000


def box(x, y, width, height):
    return shapely.box(X + x, Y + y, X + x + width, Y + y + height)


def ring(*points):
    return shapely.Polygon([(X + x, Y + y) for x, y in points])


def shapes(*items):
    return np.array(items, dtype=object)


def counts(faults):
    return dict(collections.Counter(str(fault.rule) for fault in faults))


SOUND = shapes(box(0, 0, 100, 100), box(100, 0, 100, 100))


def test_sound_areas_have_no_fault():
    assert find_faults(SOUND, METRES, codes=["1", "2"]) == []


@pytest.mark.parametrize("crs", [METRES, DEGREES])
def test_overlap_is_told_per_pair_with_true_square_metres(crs):
    areas = shapes(box(0, 0, 100, 100), box(99, 0, 101, 100), box(99.5, 40, 5, 5))
    faults = find_faults(transformed(areas, METRES, crs), crs)
    overlaps = {fault.areas: fault.area_m2 for fault in faults if fault.rule == AreaRule.OVERLAP}
    assert overlaps == {
        (0, 1): pytest.approx(100, rel=1e-3),
        (0, 2): pytest.approx(2.5, rel=1e-3),
        (1, 2): pytest.approx(25, rel=1e-3),
    }


def test_overlap_under_a_square_centimetre_is_rounding():
    assert find_faults(shapes(box(0, 0, 100, 100), box(100 - 9e-7, 0, 100, 100)), METRES) == []
    assert counts(find_faults(shapes(box(0, 0, 100, 100), box(100 - 2e-6, 0, 100, 100)), METRES)) == {
        "overlap": 1
    }


def test_gap_between_areas_is_told_with_its_neighbours_and_place():
    areas = shapes(box(0, 0, 300, 100), box(0, 200, 300, 100), box(0, 100, 100, 100), box(200, 100, 100, 100))
    faults = find_faults(areas, METRES)
    gaps = [fault for fault in faults if fault.rule == AreaRule.GAP]
    assert len(gaps) == 1
    assert gaps[0].areas == (0, 1, 2, 3)
    assert gaps[0].area_m2 == pytest.approx(10_000, rel=1e-3)
    lon, lat = shapely.get_coordinates(in_degrees(gaps, METRES)[0])[0]
    assert (round(lon), round(lat)) == (120, 31)


def test_enclave_counts_as_a_gap_without_a_parent_and_not_with_one_that_leaves_it_out():
    outer = shapely.difference(box(0, 0, 300, 300), box(100, 100, 100, 100))
    assert counts(find_faults(shapes(outer), METRES)) == {"gap": 1}
    assert find_faults(shapes(outer), METRES, parent=outer) == []
    assert counts(find_faults(shapes(outer), METRES, parent=box(0, 0, 300, 300))) == {"gap": 1}


def test_parent_shows_a_gap_at_the_edge():
    assert counts(find_faults(SOUND, METRES, parent=box(0, 0, 200, 101))) == {"gap": 1}
    assert find_faults(SOUND, METRES, parent=box(0, 0, 200, 100)) == []


def test_area_within_a_hole_is_no_gap():
    outer = shapely.difference(box(0, 0, 300, 300), box(100, 100, 100, 100))
    assert find_faults(shapes(outer, box(100, 100, 100, 100)), METRES) == []


@pytest.mark.parametrize(("offset", "found"), [(0.0, 1), (0.0009, 1), (-0.0009, 1)])
def test_vertex_on_a_neighbours_edge_is_told_where_it_lies(offset, found):
    left = box(0, 0, 100, 100)
    right = ring((100, 0), (200, 0), (200, 100), (100, 100), (100 + offset, 40))
    faults = [fault for fault in find_faults(shapes(left, right), METRES) if fault.rule == AreaRule.VERTEX]
    assert len(faults) == found
    assert faults[0].areas == (0,)
    assert shapely.get_coordinates(faults[0].place).tolist() == [[X + 100 + offset, Y + 40]]


def test_vertex_further_than_a_millimetre_is_a_gap_and_no_vertex_fault():
    right = ring((100, 0), (200, 0), (200, 100), (100, 100), (100.0012, 40))
    assert counts(find_faults(shapes(box(0, 0, 100, 100), right), METRES)) == {"gap": 1}


def test_junction_that_a_third_area_lacks_is_one_place():
    areas = shapes(box(0, 0, 200, 100), box(0, 100, 80, 100), box(80, 100, 120, 100))
    faults = find_faults(areas, METRES)
    assert counts(faults) == {"vertex": 1}


def test_vertices_in_degrees_are_measured_in_metres():
    areas = transformed(shapes(box(0, 0, 200, 100), box(0, 100, 200, 100)), METRES, DEGREES)
    corner = shapely.get_coordinates(areas[0])
    left, right = corner[corner[:, 1] > corner[:, 1].mean()][:2]
    upper = shapely.union(areas[1], shapely.Polygon())
    edge = shapely.get_coordinates(upper)
    at = next(i for i in range(4) if {tuple(edge[i]), tuple(edge[i + 1])} == {tuple(left), tuple(right)})
    noded = shapely.Polygon(np.insert(edge, at + 1, (left + right) / 2, axis=0))
    assert counts(find_faults(shapes(areas[0], noded), DEGREES)) == {"vertex": 1}


def test_parts_are_told_for_areas_that_lie_apart():
    twin = shapely.MultiPolygon([box(0, 0, 10, 10), box(50, 0, 10, 10)])
    single = shapely.MultiPolygon([box(100, 0, 10, 10)])
    assert counts(find_faults(shapes(twin, single), METRES)) == {"multipart": 1}


def test_duplicate_codes_are_told_once_per_code_and_empty_ones_not():
    areas = shapes(*(box(100 * k, 0, 100, 100) for k in range(6)))
    faults = find_faults(areas, METRES, codes=["1", "2", "1", None, None, "1"])
    assert [(fault.rule, fault.areas) for fault in faults] == [(AreaRule.DUPLICATE_CODE, (0, 2, 5))]


def test_invalid_area_is_told_and_still_compared():
    bow = ring((0, 0), (100, 100), (100, 0), (0, 100))
    faults = find_faults(shapes(bow, box(48, 40, 100, 21)), METRES)
    assert counts(faults) == {"invalid": 1, "overlap": 1}
    assert "crosses itself" in faults[0].message


def test_area_without_a_usable_shape_is_invalid():
    with np.errstate(invalid="ignore"):
        broken = shapely.from_wkt("POLYGON ((0 0, 1 nan, 1 1, 0 0))")
    bad = shapes(None, shapely.Polygon(), shapely.Point(X, Y), broken, SOUND[0])
    faults = find_faults(bad, METRES)
    assert [fault.areas for fault in faults] == [(0,), (1,), (2,), (3,)]
    assert counts(faults) == {"invalid": 4}


def test_swapped_or_projected_coordinates_in_degrees_are_invalid_areas():
    bad = shapes(shapely.box(31, 121, 31.1, 121.1), SOUND[0], shapely.box(121, 31, 121.1, 31.1))
    faults = find_faults(bad, DEGREES)
    assert [fault.areas for fault in faults] == [(0,), (1,)]
    assert "swapped" in faults[0].message
    assert shapely.is_empty(in_degrees(faults, DEGREES)).all()
    assert fix_areas(bad, DEGREES).areas.tolist() == bad.tolist()


def test_nothing_at_all_has_no_fault():
    assert find_faults(shapes(), METRES) == []
    assert len(fix_areas(shapes(), METRES).areas) == 0
    assert fix_areas(shapes(None), METRES).moved_m2 == 0.0


# Repairing


def test_sound_areas_come_back_bit_for_bit():
    areas = shapes(SOUND[0], shapely.MultiPolygon([SOUND[1]]))
    fixed = fix_areas(areas, METRES)
    assert fixed.areas[0] is areas[0]
    assert fixed.areas[1] is areas[1]
    assert fixed.moved_m2 == 0.0


def test_overlap_goes_to_the_claimant_with_the_longest_border():
    areas = shapes(box(0, 0, 100, 100), shapely.union(box(100, 0, 100, 100), box(90, 40, 20, 20)))
    fixed = fix_areas(areas, METRES)
    assert find_faults(fixed.areas, METRES) == []
    assert fixed.lost_m2 == pytest.approx([0, 200], abs=0.1)
    assert fixed.moved_m2 == pytest.approx(200, rel=1e-3)


def test_narrow_gap_is_filled_and_a_wide_one_stays():
    frame = shapely.difference(
        box(0, 0, 300, 300), shapely.union(box(100, 100, 100, 19), box(100, 200, 25, 25))
    )
    fixed = fix_areas(shapes(frame, box(300, 0, 50, 300)), METRES)
    assert [round(hole.area) for hole in fixed.holes] == [625]
    assert fixed.gained_m2 == pytest.approx([1900, 0], rel=1e-3)
    assert counts(find_faults(fixed.areas, METRES)) == {"gap": 1}


def test_with_a_parent_a_narrow_gap_at_its_edge_is_filled_and_land_outside_is_not():
    ring_area = shapely.difference(box(0, 0, 300, 300), box(100, 100, 10, 10))
    parent = shapely.difference(box(0, 0, 300, 310), box(100, 100, 10, 10))
    fixed = fix_areas(shapes(ring_area), METRES, parent=parent)
    assert fixed.gained_m2 == pytest.approx([3000], rel=1e-3)
    assert fixed.holes == ()
    assert find_faults(fixed.areas, METRES, parent=parent) == []


def test_piece_cut_off_by_the_repair_goes_to_its_neighbour():
    long = box(0, 0, 300, 10)
    across = shapely.union(box(30, -200, 10, 400), box(0, -200, 300, 150))
    fixed = fix_areas(shapes(long, across), METRES)
    assert shapely.get_num_geometries(fixed.areas).tolist() == [1, 1]
    assert find_faults(fixed.areas, METRES) == []


def test_missing_vertex_is_put_in_and_nothing_else_changes():
    areas = shapes(box(0, 0, 200, 100), box(0, 100, 80, 100), box(80, 100, 120, 100))
    fixed = fix_areas(areas, METRES)
    assert find_faults(fixed.areas, METRES) == []
    assert fixed.areas[1] is areas[1]
    assert fixed.areas[0].equals(areas[0])
    assert shapely.get_num_coordinates(fixed.areas[0]) == 6


def test_area_that_others_cover_wholly_keeps_its_land():
    fixed = fix_areas(shapes(box(0, 0, 300, 300), box(100, 100, 50, 50)), METRES)
    assert fixed.areas[1].area == pytest.approx(2500)
    assert find_faults(fixed.areas, METRES) == []


def test_invalid_area_is_repaired_and_what_that_moved_is_told():
    bow = ring((0, 0), (100, 100), (100, 0), (0, 100))
    fixed = fix_areas(shapes(bow, box(100, 0, 50, 100)), METRES)
    assert fixed.areas[0].is_valid
    assert fixed.repaired_m2 == pytest.approx([5000, 0], rel=1e-3)


@pytest.mark.parametrize("examples", [15, pytest.param(300, marks=pytest.mark.prove)])
def test_whatever_corners_are_pulled_the_repair_leaves_only_wide_gaps(examples):
    settings(max_examples=examples, deadline=None)(any_corners)()


@given(
    st.integers(0, 10_000),
    st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 3), st.integers(-300, 300), st.integers(-300, 300))
    ),
    st.sampled_from([METRES, DEGREES]),
)
@example(12, [(3, 3, 0, 7), (4, 3, -11, 68)], METRES)  # a vertex put in moves an edge over another area
def any_corners(seed, pulls, crs):
    areas = jittered_cells(4, 3, seed=seed)
    for cell, corner, dx, dy in pulls:
        points = shapely.get_coordinates(areas[cell]).copy()
        points[corner] += np.array([dx, dy]) * 1e-7
        points[-1] = points[0] if corner == 0 else points[-1]
        areas[cell] = shapely.Polygon(points)
    areas = transformed(areas, DEGREES, crs)
    fixed = fix_areas(areas, crs)
    left = find_faults(fixed.areas, crs)
    assert {str(fault.rule) for fault in left} <= {"gap"}
    assert len([fault for fault in left if fault.rule == AreaRule.GAP]) <= len(fixed.holes)
    before, after = shapely.union_all(shapely.make_valid(areas)), shapely.union_all(fixed.areas)
    assert (
        shapely.difference(before, after).area <= 5e-5 * before.area
    )  # a vertex put in moves an edge by up to 1 mm
