"""The covering index on a whole tiling, against shapely's tree: equal for every point, on borders too."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely

from gisgrid.geometry.locate import CoveringIndex, locate_once
from gisgrid.geometry.locate.cover import cover_for
from tests.bench.areas import BOX, clustered_homes, clustered_tiling, homes, tiling


def tree_answers(areas, x, y):
    points = shapely.points(x, y)
    place, area = shapely.STRtree(areas).query(points, "covered_by")
    lowest = np.full(len(x), len(areas))
    np.minimum.at(lowest, place, area)
    border = np.zeros(len(x), dtype=bool)
    border[place[~shapely.contains_xy(areas[area], x[place], y[place])]] = True
    return np.where(lowest == len(areas), -1, lowest), border


def hard_places(areas):
    """Homes, every vertex, the middle of every edge as a double, and the corners of the box."""
    vertices = shapely.get_coordinates(areas)
    middles = (vertices[1:] + vertices[:-1]) / 2
    homes_xy = np.stack(homes(20_000), axis=1)
    places = np.vstack([homes_xy, vertices, middles, np.reshape(BOX, (2, 2))])
    return places[:, 0], places[:, 1]


def test_the_tiling_of_the_benchmark_is_sound():
    areas = tiling(300)
    assert shapely.is_valid(areas).all()
    assert shapely.coverage_is_valid(areas)
    assert shapely.area(areas).sum() == pytest.approx(0.3, abs=1e-12)
    assert 45 <= np.median(shapely.get_num_coordinates(areas)) <= 70


@pytest.mark.parametrize("cells_per_area", [4, 64, 256])
def test_all_places_of_a_tiling_are_answered_like_the_tree(cells_per_area):
    areas = tiling(400)
    x, y = hard_places(areas)
    located = CoveringIndex.build(areas, cells_per_area=cells_per_area).locate(x, y)
    area, border = tree_answers(areas, x, y)
    assert (located.area == area).all()
    assert (located.on_border == border).all()


@pytest.mark.parametrize("places", [1, 500, 20_000, None])
@pytest.mark.parametrize("areas", [tiling(400), clustered_tiling(300)], ids=["even", "clustered"])
def test_places_asked_once_are_answered_like_the_tree(areas, places):
    x, y = (values[:places] for values in hard_places(areas))
    located = locate_once(areas, x, y)
    area, border = tree_answers(areas, x, y)
    assert (located.area == area).all()
    assert (located.on_border == border).all()


def test_homes_of_the_benchmark_lie_where_its_small_areas_are():
    areas = clustered_tiling(300)
    assert shapely.coverage_is_valid(areas)
    assert 120 <= shapely.get_num_coordinates(areas).mean() <= 170
    found = locate_once(areas, *clustered_homes(20_000)).area
    sizes = shapely.area(areas)
    assert np.median(sizes[found[found >= 0]]) < sizes.mean()


def test_a_few_places_build_a_coarse_raster_and_many_a_fine_one():
    areas = tiling(400)
    x, y = homes(100_000)
    few, _ = cover_for(areas, x[:100], y[:100])
    many, _ = cover_for(areas, x, y)
    assert few.raster.cells < many.raster.cells


def test_one_by_one_and_all_at_once_agree():
    areas = tiling(200)
    index = CoveringIndex.build(areas)
    x, y = hard_places(areas)
    located = index.locate(x, y)
    for one in range(0, len(x), 5):
        assert index.locate_one(float(x[one]), float(y[one])) == (located.area[one], located.on_border[one])


def test_threads_may_share_an_index():
    areas = tiling(100)
    index = CoveringIndex.build(areas)
    x, y = hard_places(areas)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: index.locate(x, y), range(8)))
    assert all((answer.area == answers[0].area).all() for answer in answers)
    assert all((answer.on_border == answers[0].on_border).all() for answer in answers)


def test_an_index_that_is_let_go_frees_its_memory_at_once():
    index = CoveringIndex.build(tiling(50))
    gone = weakref.ref(index)
    gc.disable()
    try:
        del index
        assert gone() is None
    finally:
        gc.enable()
