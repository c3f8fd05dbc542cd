"""The outline of a community gets another shape, and its cells with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from grounds import LAT_M, LON_M, box, digest, exclaves, random_ground, refuse_faults, table, with_points
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import apply, compose, paint, redraw_outline
from gisgrid.geometry.measure import areas_m2
from tests.gisgrid.geometry.edits.inverse import invert


def differing_m2(one, other):
    return float(areas_m2(np.array([shapely.symmetric_difference(one, other)], dtype=object))[0])


def test_cells_lose_what_lies_outside_and_their_points_are_kept_without_a_cell():
    ground = with_points(table("AAB AAB"), [(45, 50), (57, 50)], households=[0, 1])
    delta = redraw_outline(ground, box(0, 20, 52, 40))
    after = apply(ground, delta)
    refuse_faults(after)
    assert delta.removed.keys() == {3, 6}
    assert [after.points.cell[index] for index in (1, 3)] == [-1, -1]
    assert after.grid_at(after.points.cell[0]) == "B"
    assert differing_m2(after.outline, box(0, 20, 52, 40)) < 0.05
    assert digest(apply(after, invert(delta))) == digest(ground)


def test_new_land_joins_the_cell_beside_it_and_points_there_get_a_cell():
    ground = with_points(table("AAB AAB"), [(65, 50), (65, 90)])
    assert ground.points.cell.tolist() == [-1, -1]
    after = apply(ground, redraw_outline(ground, box(0, 20, 71, 40)))
    refuse_faults(after)
    assert len(after.land.numbers) == 6
    assert after.grid_at(after.points.cell[0]) == "B"
    assert after.points.cell[1] == -1


def test_the_same_outline_changes_nothing():
    ground = random_ground(2)
    assert redraw_outline(ground, ground.outline).is_empty


def test_a_cell_cut_in_two_by_the_outline_gives_two_and_a_micro_grid_in_pieces_two():
    ground = table("aaa AAA")
    wanted = shapely.difference(ground.outline, box(26.1, 48, 4.7, 30))
    after = apply(ground, redraw_outline(ground, wanted))
    refuse_faults(after)
    wanted = shapely.difference(ground.outline, box(26.1, 36, 4.7, 40))
    after = apply(ground, redraw_outline(ground, wanted))
    refuse_faults(after)
    assert exclaves(after) == [0, 0]
    assert len(after.micro_grids) == 3
    assert set(after.grids) == {"A"}


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (box(0, 20, 39, 40), "leaves nothing of grid B"),
        (box(500, 20, 39, 40), "apart from every cell|holds none"),
        (shapely.union_all([box(0, 20, 60, 40), box(80, 20, 20, 20)]), "apart from every cell"),
        (shapely.difference(box(0, 20, 60, 40), box(17, 10, 6, 70)), "grid A would fall apart into 2 parts"),
        (shapely.LineString([(121.5, 31.2), (121.6, 31.2)]), "a polygon is needed"),
    ],
)
def test_outlines_that_cannot_be_are_refused(wanted, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        redraw_outline(table("AAB AAB"), wanted)


def test_an_outline_and_a_paint_are_one_delta():
    ground = table("AAB AAB")
    first = redraw_outline(ground, box(0, 20, 52, 40))
    middle = apply(ground, first)
    second = paint(middle, [2], "B")
    both = compose(first, second)
    assert digest(apply(ground, both)) == digest(apply(middle, second))
    assert compose(first, invert(first)).is_empty


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 3), metres=st.floats(-9, 9), where=st.integers(0, 2**16))
def test_any_outline_is_refused_or_tiled_and_can_be_taken_back(seed, metres, where):
    ground = random_ground(seed)
    rng = np.random.default_rng(where)
    west, south, east, north = ground.outline.bounds
    spot = shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
    dent = spot.buffer(rng.uniform(4, 30) * LON_M)
    wanted = shapely.difference(ground.outline, dent) if metres < 0 else shapely.union(ground.outline, dent)
    if rng.random() < 0.3:
        wanted = ground.outline.buffer(metres * LON_M, join_style="mitre")
    try:
        delta = redraw_outline(ground, wanted)
    except InvalidInput:
        return
    after = apply(ground, delta)
    refuse_faults(after)
    assert differing_m2(after.outline, wanted) < 0.01 * wanted.length / LAT_M
    assert all(new <= old for new, old in zip(exclaves(after), exclaves(ground), strict=True))
    assert digest(apply(after, invert(delta))) == digest(ground)
    assert replace(ground) == ground
