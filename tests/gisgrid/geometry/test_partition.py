"""Every planted fault of a tiling is seen, and a sound tiling shows none."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tiled_worlds import degrees, jittered_cells, moved_vertex, square

from gisgrid.crs import LATTICE_STEPS, lattice_units, to_lattice
from gisgrid.errors import InvalidInput
from gisgrid.geometry.partition import (
    TilingRule,
    boundary_chain,
    check_tiling,
    neighbour_graph,
    on_lattice,
    oracle_check,
    pieces,
    union_outline,
)

METRE = 170  # lattice steps, roughly


def rules_of(findings):
    return {finding.rule for finding in findings}


def world():
    cells = jittered_cells(8, 6)
    return cells, union_outline(cells)


def ring_index(cell, position):
    return int(np.flatnonzero((shapely.get_coordinates(cell) == position).all(axis=1))[0])


def inner_corner():
    """A corner where four cells of the world meet, and those cells."""
    cells, outline = world()
    corner = shapely.get_coordinates(cells[8])[2]
    meeting = np.flatnonzero(shapely.intersects(cells, shapely.Point(corner)))
    assert len(meeting) == 4
    return cells, outline, corner, meeting


def test_sound_tiling_has_no_fault():
    cells, outline = world()
    assert check_tiling(cells, outline) == []
    assert oracle_check(cells, outline) == []


def test_removed_cell_is_a_gap_at_its_place():
    cells, outline = world()
    findings = check_tiling(np.delete(cells, 20), outline)
    assert [finding.rule for finding in findings] == [TilingRule.GAP]
    assert findings[0].place.equals(cells[20])
    assert 100 < findings[0].area_m2 < 900


def test_removed_island_is_a_gap():
    cells = np.append(jittered_cells(3, 3), square(20_000, 0, 3000))
    outline = union_outline(cells)
    assert outline.geom_type == "MultiPolygon"
    assert rules_of(check_tiling(cells[:-1], outline)) == {TilingRule.GAP}


def test_cell_given_twice_is_an_overlap():
    cells, outline = world()
    findings = check_tiling(np.append(cells, cells[13]), outline)
    assert [finding.rule for finding in findings] == [TilingRule.OVERLAP]
    assert findings[0].cells == (13, len(cells))


def test_covered_island_is_an_overlap():
    island = square(500, 500, 300)
    around = shapely.difference(square(0, 0, 3000), island)
    covering = square(0, 0, 3000)
    outline = union_outline(np.array([around, island]))
    assert TilingRule.OVERLAP in rules_of(check_tiling(np.array([covering, island]), outline))


def test_cell_replaced_by_a_bigger_one_is_an_overlap():
    cells, outline = world()
    cells[20] = on_lattice(shapely.buffer(cells[20], 5e-5))
    assert TilingRule.OVERLAP in rules_of(check_tiling(cells, outline))


@pytest.mark.parametrize("steps", [2, 10 * METRE])
def test_moved_outline_vertex_is_seen_with_its_land(steps):
    cells, outline = world()
    ring = shapely.get_coordinates(outline.exterior).copy()
    ring[3] += steps / LATTICE_STEPS
    findings = check_tiling(cells, shapely.Polygon(ring))
    assert rules_of(findings) & {TilingRule.GAP, TilingRule.OUTSIDE}
    assert findings[0].place.distance(shapely.Point(ring[3])) < 2e-4


def test_deleted_outline_vertex_is_seen():
    cells, outline = world()
    ring = np.delete(shapely.get_coordinates(outline.exterior), 3, axis=0)
    assert check_tiling(cells, shapely.Polygon(ring))


def test_junction_deleted_in_all_cells_is_seen():
    cells, outline, corner, meeting = inner_corner()
    for index in meeting:
        ring = shapely.get_coordinates(cells[index])
        cells[index] = shapely.Polygon(ring[:-1][(ring[:-1] != corner).any(axis=1)])
    assert {TilingRule.GAP, TilingRule.OVERLAP} & rules_of(check_tiling(cells, outline))


@pytest.mark.parametrize("steps", [2, METRE])
def test_vertex_moved_in_one_cell_only_is_seen(steps):
    cells, outline, corner, meeting = inner_corner()
    cell = meeting[0]
    cells[cell] = moved_vertex(cells[cell], ring_index(cells[cell], corner), (steps, 0))
    findings = check_tiling(cells, outline)
    assert rules_of(findings) & {TilingRule.GAP, TilingRule.OVERLAP}
    assert min(finding.place.distance(shapely.Point(corner)) for finding in findings) < 1e-6


def test_vertex_in_one_cell_only_is_named_with_its_place():
    left, right = square(0, 0, 1000), square(1000, 0, 1000)
    middle = degrees([1000, 400])
    ring = shapely.get_coordinates(right)
    at = next(
        i for i in range(4) if (ring[i] != ring[i + 1]).any() and (ring[[i, i + 1], 0] == middle[0]).all()
    )
    noded = shapely.Polygon(np.insert(ring, at + 1, middle, axis=0))
    findings = check_tiling(np.array([left, noded]), union_outline(np.array([left, right])))
    assert [finding.rule for finding in findings] == [TilingRule.VERTEX]
    assert findings[0].place.equals(shapely.Point(middle))
    assert findings[0].cells == (0, 1)


def test_cells_folded_over_by_a_dragged_junction_are_invalid():
    cells, outline, corner, meeting = inner_corner()
    for index in meeting:
        cells[index] = moved_vertex(cells[index], ring_index(cells[index], corner), (20_000, 9000))
    assert TilingRule.INVALID in rules_of(check_tiling(cells, outline))
    assert TilingRule.INVALID in rules_of(oracle_check(cells, outline))


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (shapely.reverse(square(0, 0, 1000)), TilingRule.ORIENTATION),
        (shapely.MultiPolygon([square(0, 0, 1000)]), TilingRule.NOT_POLYGON),
        (shapely.Polygon(), TilingRule.NOT_POLYGON),
        (shapely.transform(square(0, 0, 1000), lambda xy: xy + 1e-9), TilingRule.OFF_LATTICE),
    ],
)
def test_cell_of_the_wrong_make_is_named(bad, rule):
    good = shapely.normalize(square(0, 0, 1000))
    assert rule in rules_of(check_tiling(np.array([bad]), shapely.orient_polygons(good)))


@given(
    st.integers(0, 10_000),
    st.integers(0, 47),
    st.integers(0, 3),
    st.integers(-400, 400),
    st.integers(-400, 400),
)
def test_any_lone_moved_vertex_is_seen_and_the_oracle_agrees(seed, cell, corner, dx, dy):
    cells = jittered_cells(8, 6, seed=seed)
    outline = union_outline(cells)
    cells[cell] = shapely.orient_polygons(moved_vertex(cells[cell], corner, (dx, dy)))
    assert bool(check_tiling(cells, outline)) == (dx != 0 or dy != 0)
    if (dx, dy) == (0, 0):
        assert oracle_check(cells, outline) == []


@given(st.integers(0, 10_000), st.sets(st.integers(0, 47), min_size=1))
def test_graph_and_geometry_agree_on_one_polygon(seed, members):
    cells = jittered_cells(8, 6, seed=seed)
    chosen = np.array(sorted(members))
    found = pieces(chosen, neighbour_graph(cells))
    assert (len(found) == 1) == (union_outline(cells[chosen]).geom_type == "Polygon")
    assert sorted(np.concatenate(found).tolist()) == chosen.tolist()
    assert boundary_chain(np.array([union_outline(cells[chosen])])) == boundary_chain(cells[chosen])


def test_chain_does_not_depend_on_orientation_or_order():
    cells = jittered_cells(4, 4)
    assert boundary_chain(cells) == boundary_chain(shapely.reverse(cells[::-1]))
    assert boundary_chain(cells) != boundary_chain(cells[1:])


def test_chain_of_a_large_community_is_its_outline():
    cells = jittered_cells(162, 162)
    chain = boundary_chain(cells)
    assert len(chain) == 4 * 162


def test_common_border_is_measured_in_metres():
    graph = neighbour_graph(
        np.array([square(0, 0, 10_000), square(10_000, 0, 10_000), square(90_000, 0, 10)])
    )
    assert graph.pairs.tolist() == [[0, 1]]
    assert graph.length_m[0] == pytest.approx(10_000 / LATTICE_STEPS * 110_870, rel=1e-3)
    assert graph.matrix().shape == (3, 3)


def test_cells_that_touch_in_a_point_are_no_neighbours():
    cells = np.array([square(0, 0, 1000), square(1000, 1000, 1000)])
    assert len(neighbour_graph(cells).pairs) == 0
    assert union_outline(cells).geom_type == "MultiPolygon"


def test_no_cells_have_no_outline():
    with pytest.raises(InvalidInput, match="no cells"):
        union_outline(np.array([], dtype=object))


def test_outline_of_cells_that_do_not_fit_is_refused():
    with pytest.raises(InvalidInput):
        union_outline(np.array([square(0, 0, 1000), square(500, 0, 1000)]))


def test_oracle_tells_an_owner_in_two_pieces():
    cells, outline = world()
    owners = np.zeros(len(cells), dtype=np.int64)
    owners[20] = owners[40] = 1
    assert rules_of(oracle_check(cells, outline, owners=owners)) == {TilingRule.OWNER}
    assert oracle_check(cells, outline, owners=np.zeros(len(cells), dtype=np.int64)) == []


def test_oracle_sees_a_gap_and_a_cell_outside():
    cells, outline = world()
    assert TilingRule.AREA in rules_of(oracle_check(np.delete(cells, 20), outline))
    assert TilingRule.AREA in rules_of(oracle_check(np.append(cells, square(90_000, 0, 500)), outline))


@given(st.lists(st.tuples(st.floats(121, 122), st.floats(31, 32)), min_size=3, max_size=8))
def test_shape_put_on_the_lattice_is_valid_precise_and_near(points):
    shape = shapely.convex_hull(shapely.MultiPoint(points))
    if shape.geom_type != "Polygon" or shape.area < 1e-9:
        return
    placed = on_lattice(shape)
    xy = shapely.get_coordinates(placed)
    assert (xy == to_lattice(xy)).all()
    assert placed.is_valid
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(placed))).all()
    assert shapely.hausdorff_distance(placed, shape) < 2 / LATTICE_STEPS
    assert on_lattice(placed).equals_exact(placed)


def test_narrow_place_that_folds_over_is_noded_on_the_lattice():
    step = 1 / LATTICE_STEPS
    shape = shapely.transform(
        shapely.Polygon([(0, 0), (1000, 0), (1000, 400.2), (500, 0.3), (0, 400.2)]), degrees
    )
    placed = on_lattice(shape)
    assert placed.is_valid
    assert placed.area == pytest.approx(shape.area, abs=2000 * step * step)
    assert (
        shapely.get_coordinates(placed) * LATTICE_STEPS == lattice_units(shapely.get_coordinates(placed))
    ).all()


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (shapely.Polygon(), "empty"),
        (shapely.Polygon([(121, 31), (121.1, 31.1), (121.1, 31), (121, 31.1)]), "invalid"),
        (shapely.Point(121, float("nan")), "not a number|empty"),
        (shapely.box(121, 31, 121 + 1e-9, 31.1), "too narrow"),
    ],
)
def test_shape_that_cannot_go_on_the_lattice_is_refused(shape, words):
    with pytest.raises(InvalidInput, match=words):
        on_lattice(shape)


def test_oracle_sees_a_vertex_moved_in_one_cell_only():
    cells, outline, corner, meeting = inner_corner()
    cell = meeting[0]
    cells[cell] = moved_vertex(cells[cell], ring_index(cells[cell], corner), (METRE, 0))
    findings = oracle_check(cells, outline)
    assert TilingRule.COVERAGE in rules_of(findings)
    assert cell in findings[0].cells


def test_invalid_outline_is_named():
    cells, _outline = world()
    bow = shapely.Polygon(degrees([(0, 0), (1000, 1000), (1000, 0), (0, 1000)]))
    assert TilingRule.INVALID in rules_of(check_tiling(cells, bow))
    assert rules_of(oracle_check(cells, bow)) == {TilingRule.INVALID}


def test_cell_given_twice_has_no_outline():
    with pytest.raises(InvalidInput, match=r"overlap|do not fit"):
        union_outline(np.array([square(0, 0, 1000), square(0, 0, 1000), square(1000, 0, 1000)]))
