"""The covering index against the slow oracle: every polygon asked in a plain loop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.crs import LATTICE_STEPS, to_lattice
from gisgrid.errors import InvalidInput
from gisgrid.geometry.locate import CoveringIndex, locate_once
from gisgrid.geometry.locate.cover import cover_of


def slow_locate(areas, x, y, rank=None):
    """One place, one polygon at a time: covers, lowest rank, on the boundary of any that covers."""
    ranks = list(range(len(areas))) if rank is None else list(rank)
    found, border = [], []
    for place in zip(x, y, strict=True):
        if not np.isfinite(place).all():
            found.append(-1)
            border.append(False)
            continue
        point = shapely.Point(place)
        covering = [number for number, area in enumerate(areas) if area.covers(point)]
        found.append(min(covering, key=lambda number: (ranks[number], number), default=-1))
        border.append(any(areas[number].boundary.covers(point) for number in covering))
    return found, border


def slow_covering(areas, x, y):
    points = [shapely.Point(place) for place in zip(x, y, strict=True)]
    return [(i, n) for i, point in enumerate(points) for n, area in enumerate(areas) if area.covers(point)]


def assert_equals_oracle(areas, x, y, *, rank=None, cells_per_area=128):
    index = CoveringIndex.build(areas, rank=rank, cells_per_area=cells_per_area)
    located = index.locate(x, y)
    found, border = slow_locate(areas, x, y, rank)
    assert located.area.tolist() == found
    assert located.on_border.tolist() == border
    once = locate_once(areas, x, y, rank=rank)
    assert (once.area.tolist(), once.on_border.tolist()) == (found, border)
    alone = locate_once(areas, x[:1], y[:1], rank=rank)
    assert (alone.area.tolist(), alone.on_border.tolist()) == (found[:1], border[:1])
    singles = [index.locate_one(float(one), float(other)) for one, other in zip(x, y, strict=True)]
    assert singles == list(zip(found, border, strict=True))


def places_about(areas):
    """Places that are hard: vertices, middles of edges, centroids, and the corners of all bounds."""
    coordinates = shapely.get_coordinates(areas)
    rings = shapely.get_rings(shapely.get_parts(areas))
    middles = [shapely.get_coordinates(ring) for ring in rings]
    middles = [(a + b) / 2 for ring in middles for a, b in pairwise(ring)]
    west, south, east, north = shapely.total_bounds(areas)
    corners = [(a, b) for a in (west, east, (west + east) / 2) for b in (south, north, (south + north) / 2)]
    away = [
        (west - 1, south),
        (east + 1, north),
        (np.nan, south),
        (west, np.nan),
        (np.inf, north),
        (-np.inf, 0),
    ]
    inner = shapely.get_coordinates(shapely.centroid(areas))
    places = np.vstack([coordinates, middles, inner, corners, away])
    return places[:, 0], places[:, 1]


RING = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])
ISLAND = shapely.Polygon([(1, 1), (3, 1), (3, 3), (1, 3)])
TOUCHING_HOLE = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(0, 2), (2, 1), (2, 3)]])
TWO_PARTS = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)])
NEEDLE = shapely.Polygon([(0, 0), (1, 1e-9), (1, 2e-9)])

KINDS = {
    "one square": [shapely.box(0, 0, 1, 1)],
    "neighbours": [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 2, 2)],
    "a hole": [RING],
    "a hole filled by another": [RING, ISLAND],
    "a hole that touches the ring": [TOUCHING_HOLE],
    "a multipolygon": [TWO_PARTS, shapely.box(1, 0, 2, 1)],
    "overlapping": [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3), shapely.box(0, 0, 3, 3)],
    "one on the other": [shapely.box(0, 0, 2, 2), shapely.box(0, 0, 2, 2)],
    "nested with a common edge": [shapely.box(0, 0, 4, 4), shapely.box(0, 1, 2, 2), shapely.box(0, 0, 1, 1)],
    "slanted": [shapely.Polygon([(0, 0), (7, 1), (3, 5)]), shapely.Polygon([(7, 1), (9, 8), (3, 5)])],
    "a needle": [NEEDLE, shapely.box(0, 0, 1, 1)],
    "far apart": [shapely.box(0, 0, 1e-6, 1e-6), shapely.box(1e6, 1e6, 1e6 + 1, 1e6 + 1)],
    "projected": [shapely.box(40_500_000.1, 3_400_000.3, 40_500_010.7, 3_400_020.9), NEEDLE],
    "an empty one": [shapely.Polygon(), shapely.box(0, 0, 1, 1)],
    "repeated vertices": [shapely.Polygon([(0, 0), (0, 0), (1, 0), (1, 1), (1, 1), (0, 0)])],
    "many on one spot": [shapely.box(-n, -n, n, n) for n in range(1, 90)],
    "across the antimeridian": [shapely.box(179, -1, 180, 1), shapely.box(-180, -1, -179, 1)],
}


@pytest.mark.parametrize("cells_per_area", [1, 16, 400])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_area_is_answered_like_the_oracle(kind, cells_per_area):
    areas = KINDS[kind]
    x, y = places_about(np.array(areas))
    assert_equals_oracle(areas, x, y, cells_per_area=cells_per_area)


@pytest.mark.parametrize("kind", KINDS)
def test_all_pairs_are_those_of_the_oracle(kind):
    areas = KINDS[kind]
    x, y = places_about(np.array(areas))
    finite = np.isfinite(x) & np.isfinite(y)
    place, area = CoveringIndex.build(areas).covering(x[finite], y[finite])
    assert list(zip(place.tolist(), area.tolist(), strict=True)) == slow_covering(areas, x[finite], y[finite])


def test_of_several_the_lowest_rank_is_taken():
    areas = [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]
    assert CoveringIndex.build(areas, rank=[5, 2]).locate_one(1.5, 1.5) == (1, False)
    assert CoveringIndex.build(areas, rank=[2, 5]).locate_one(1.5, 1.5) == (0, False)
    assert CoveringIndex.build(areas, rank=[3, 3]).locate_one(1.5, 1.5) == (0, False)


def test_the_border_of_a_covering_area_counts_even_if_another_wins():
    areas = [shapely.box(0, 0, 4, 4), shapely.box(1, 1, 2, 2)]
    assert CoveringIndex.build(areas).locate_one(1.0, 1.5) == (0, True)


def test_no_areas_cover_nothing():
    index = CoveringIndex.build([])
    assert index.locate([0.0, np.nan], [0.0, 1.0]).area.tolist() == [-1, -1]
    assert index.locate_one(0.0, 0.0) == (-1, False)


def test_no_places_give_no_answers():
    located = CoveringIndex.build([ISLAND]).locate([], [])
    assert located.area.shape == located.on_border.shape == (0,)


def test_invalid_missing_and_unfit_areas_are_all_named():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(InvalidInput) as caught:
        CoveringIndex.build([ISLAND, bow_tie, None, shapely.Point(0, 0)])
    assert [fault.row for fault in caught.value.faults] == [2, 3, 4]


def test_coordinates_that_would_overflow_are_refused():
    with pytest.raises(InvalidInput, match="too large"):
        CoveringIndex.build([shapely.box(0, 0, 1e150, 1e150)])


@pytest.mark.parametrize("scale", [1e-130, 1e-30, 1e30, 1e90])
def test_areas_of_any_size_are_answered_like_the_oracle(scale):
    areas = [
        shapely.box(0, 0, scale, scale),
        shapely.Polygon([(scale, 0), (2 * scale, scale / 3), (scale, scale)]),
    ]
    x, y = places_about(np.array(areas))
    assert_equals_oracle(areas, x, y)


def test_a_rank_is_needed_for_each_area():
    with pytest.raises(InvalidInput, match="rank"):
        CoveringIndex.build([ISLAND], rank=[1, 2])
    with pytest.raises(InvalidInput, match="rank"):
        locate_once([ISLAND], [0.0], [0.0], rank=[1, 2])


@pytest.mark.parametrize("cells_per_area", [1, 16, 400])
@pytest.mark.parametrize("corner", range(3))
def test_an_edge_through_the_centre_of_a_cell_leaves_no_doubt(cells_per_area, corner):
    """The centre is where a way begins: a corner of a triangle, or its edge, lies exactly on it."""
    box, triangle = shapely.box(0, 0, 8, 8), np.array([(0.0, 0.0), (1.5, 0.25), (0.5, 1.25)])
    raster = cover_of(
        np.array([box, shapely.Polygon(triangle + 3)], dtype=object), cells_per_area=cells_per_area
    ).raster
    cell = raster.cell_of(np.array([4.1]), np.array([4.2]))
    centre = np.array(raster.centre_of(cell))[:, 0]
    moved = shapely.Polygon(triangle - triangle[corner] + centre)
    around = centre + np.array([(i, j) for i in (-0.3, 0, 0.3) for j in (-0.2, 0, 0.2)])
    assert_equals_oracle([box, moved], *around.T, cells_per_area=cells_per_area)


def test_places_known_beforehand_need_no_valid_cells_beside_them():
    located = locate_once([RING, ISLAND], [2.0, 0.5, np.nan, 9.0], [2.0, 0.5, 1.0, 9.0])
    assert located.area.tolist() == [1, 0, -1, -1]
    assert locate_once([], [1.0], [1.0]).area.tolist() == [-1]
    assert locate_once([RING], [], []).area.shape == (0,)


def test_invalid_areas_are_named_when_asked_once_too():
    with pytest.raises(InvalidInput) as caught:
        locate_once([ISLAND, None], [0.0], [0.0])
    assert [fault.row for fault in caught.value.faults] == [2]


def test_places_need_two_arrays_of_one_length():
    with pytest.raises(InvalidInput, match="two arrays"):
        CoveringIndex.build([ISLAND]).locate([1.0], [1.0, 2.0])


def test_the_areas_given_are_not_prepared():
    area = shapely.Polygon(RING.exterior.coords)
    CoveringIndex.build([area]).locate(np.zeros(100), np.linspace(0, 4, 100))
    assert not shapely.is_prepared(area)


def test_small_areas_in_a_huge_extent_stay_within_memory():
    areas = [shapely.box(n * 1e-6, 0, (n + 1) * 1e-6, 1e-6) for n in range(50)] + [
        shapely.box(179, 80, 180, 81)
    ]
    index = CoveringIndex.build(areas, cells_per_area=10_000)
    assert index._cover.raster.cells < 2**25
    x = np.linspace(0, 50e-6, 200)
    assert index.locate(x, np.full(200, 5e-7)).area.tolist() == slow_locate(areas, x, [5e-7] * 200)[0]


def test_long_edges_do_not_fill_memory():
    rng = np.random.default_rng(3)
    areas = shapely.buffer(shapely.linestrings(rng.uniform(0, 1, (3000, 2, 2))), 1e-7, quad_segs=1)
    index = CoveringIndex.build(areas, cells_per_area=1000)
    assert len(index._cover.tables.edge_vertex) < 2**24
    x, y = rng.uniform(0, 1, (2, 50))
    assert index.locate(x, y).area.tolist() == slow_locate(areas, x, y)[0]


@st.composite
def star(draw, scale=1.0):
    """A simple polygon around a centre, maybe with a hole, with coordinates on a coarse or fine grid."""
    corners = draw(st.integers(3, 9))
    steps = draw(st.sampled_from([4.0, 1024.0, 1e7]))
    centre = np.array([draw(st.integers(-4, 4)), draw(st.integers(-4, 4))]) / 2
    radii = np.array(draw(st.lists(st.floats(0.3, 3.0), min_size=corners, max_size=corners)))
    angles = 2 * np.pi * (np.arange(corners) + draw(st.floats(0, 1))) / corners
    shell = centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    hole = [centre + (shell - centre) * 0.4] if draw(st.booleans()) else []
    polygon = shapely.Polygon(
        np.round(shell * steps) / steps * scale, [np.round(h * steps) / steps * scale for h in hole]
    )
    return polygon if polygon.is_valid else shapely.box(*(centre - 1) * scale, *(centre + 1) * scale)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_overlapping_areas_are_answered_like_the_oracle(data):
    scale = data.draw(st.sampled_from([1.0, 1e-5, 1e5]))
    areas = data.draw(st.lists(star(scale), min_size=1, max_size=6))
    rank = data.draw(st.permutations(range(len(areas))))
    cells = data.draw(st.sampled_from([1, 7, 64, 500]))
    x, y = places_about(np.array(areas))
    more = np.array(data.draw(st.lists(st.tuples(st.integers(-16, 16), st.integers(-16, 16)), max_size=8)))
    more = more.reshape(-1, 2) / 4 * scale
    assert_equals_oracle(
        areas, np.append(x, more[:, 0]), np.append(y, more[:, 1]), rank=rank, cells_per_area=cells
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=4, max_size=12, unique=True),
    st.sampled_from([2, 128]),
    st.integers(1, 50),
)
def test_lattice_places_on_slanted_lattice_borders_are_exact(corners, cells, spread):
    """A tiling of triangles on the lattice; places at exact fractions of its slanted edges."""
    base = np.array([121.5, 31.2])
    vertices = to_lattice(base) + np.array(corners) * spread * 12 / LATTICE_STEPS
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(vertices)))
    triangles = triangles[shapely.is_valid(triangles) & (shapely.area(triangles) > 0)]
    if not len(triangles):
        return
    x, y = places_about(triangles)
    a, b = vertices[:-1], vertices[1:]
    exact = np.vstack([a + (b - a) * (part / 12) for part in (1, 3, 4, 6, 9)])
    assert (exact == to_lattice(exact)).all()
    assert_equals_oracle(
        triangles, np.append(x, exact[:, 0]), np.append(y, exact[:, 1]), cells_per_area=cells
    )


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 9), st.integers(2, 9), st.sampled_from([0.1, 1 / 3, 2.0**-20, 1000.0]), st.integers(1, 300)
)
def test_places_a_rounding_away_from_a_border_are_exact(across, up, step, cells):
    """Squares whose borders aren't exact in binary; places on each vertex and one double beside it."""
    areas = [
        shapely.box(i * step, j * step, (i + 1) * step, (j + 1) * step)
        for i in range(across)
        for j in range(up)
    ]
    x, y = shapely.get_coordinates(areas[:6]).T
    x = np.concatenate([x, np.nextafter(x, np.inf), np.nextafter(x, -np.inf)])
    assert_equals_oracle(areas, x, np.tile(y, 3), cells_per_area=cells)
