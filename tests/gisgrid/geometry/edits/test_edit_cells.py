"""Edits of the cells themselves: corners moved, a cell divided, and the points that come to lie elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from grounds import at, box, digest, line, random_ground, refuse_faults, table, with_points

from gisgrid.errors import Conflict, InvalidInput
from gisgrid.geometry.edits import Delta, Ground, apply, compose, divide, merge, move_vertex, paint, split
from gisgrid.geometry.lattice import as_array
from tests.gisgrid.geometry.edits.inverse import invert


def test_a_corner_moves_in_all_cells_that_meet_there():
    ground = table("AAB AAB")
    delta = move_vertex(ground, at(20, 40), at(23, 37))
    after = apply(ground, delta)
    assert delta.removed.keys() == {1, 2, 4, 5}
    assert delta.added.keys() == {7, 8, 9, 10}
    assert {after.owner[cell] for cell in delta.added} == {"A00"}
    refuse_faults(after)
    assert digest(apply(after, invert(delta))) == digest(ground)


def test_links_of_a_moved_corner_tell_which_land_went_where():
    ground = table("AB AB AB")
    delta = move_vertex(ground, at(20, 40), at(25, 40))
    shares = {(link.old, link.new): link.share for link in delta.links}
    assert shares[3, 7] == pytest.approx(1)
    assert shares[4, 7] == pytest.approx(0.125, abs=0.001)
    for old in (3, 4, 5, 6):
        assert sum(share for (one, _new), share in shares.items() if one == old) == pytest.approx(1)


def test_a_vertex_in_the_middle_of_a_neighbours_edge_moves_in_both():
    cut = split(table("BBB AAA"), "A", line((31.7, 10), (31.7, 70)), cut=True)
    ground = apply(table("BBB AAA"), cut)
    after = apply(ground, move_vertex(ground, _near(ground, at(31.7, 40)), at(32.5, 42)))
    refuse_faults(after)


def _near(ground, place):
    corners = np.concatenate([np.array(cell.exterior.coords) for cell in ground.land.cells.values()])
    return tuple(corners[np.argmin(np.hypot(*(corners - place).T))])


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ((20, 41), (20, 42), "no corner of a border"),
        ((900, 41), (20, 42), "no corner of a border"),
        ((20, 60), (20, 58), "community's outline"),
        ((20, 40), (95, 40), "cross or fold over"),
        ((20, 40), (40, 40), "another corner at that place"),
    ],
)
def test_corners_that_cannot_be_moved_are_refused(start, end, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        move_vertex(table("AAB AAB"), at(*start), at(*end))


def test_a_corner_cannot_go_nowhere():
    ground = table("AAB AAB")
    with pytest.raises(InvalidInput, match="no number"):
        move_vertex(ground, at(20, 40), (float("nan"), 31.0))
    with pytest.raises(InvalidInput, match="out of range"):
        move_vertex(ground, at(20, 40), (200.0, 31.0))
    assert move_vertex(ground, at(20, 40), at(20, 40)).is_empty


def test_a_point_a_border_moves_over_changes_its_cell_and_takes_its_households_along():
    ground = with_points(table("AB AB AB"), [(22, 41)], households=[0, (22, 41), (30, 41)])
    assert ground.points.cell.tolist() == [4, 4, 4, 4]
    after = apply(ground, move_vertex(ground, at(20, 40), at(25, 40)))
    new = after.points.cell.tolist()
    assert new[0] == new[1] == new[2] != new[3]
    assert after.grid_at(new[0]) == "A"
    refuse_faults(after)


def test_a_point_on_the_border_of_a_replaced_cell_goes_by_the_tie_rule():
    ground = with_points(table("AB AB AB"), [(20, 50)], households=[(20, 60), 0])
    assert ground.points.cell.tolist() == [3, 1, 3]
    delta = move_vertex(ground, at(20, 40), at(22, 40))
    assert delta.points == {0: (3, 7), 2: (3, 7)}
    ground = with_points(table("BA BA BA"), [(20, 60)], households=[0, (10, 40), (30, 40)])
    assert ground.points.cell.tolist() == [1, 1, 3, 4]
    delta = move_vertex(ground, at(20, 40), at(22, 40))
    assert delta.points == {2: (3, 7), 3: (4, 8)}
    refuse_faults(apply(ground, delta))


def test_a_household_far_away_follows_its_building_only_into_cells_that_cover_it():
    ground = with_points(table("AAB AAB"), [(19, 41)])
    ground = with_points(ground, [(19, 41)], households=[0, (55, 25)])
    after = apply(ground, move_vertex(ground, at(20, 40), at(16, 40)))
    assert after.points.cell[2] == ground.points.cell[2]
    refuse_faults(after)


def test_a_cell_is_divided_among_its_buildings_and_its_owner_stays():
    ground = with_points(table("AAB AAB"), [(24, 50), (36, 50)], households=[0, 1, 1])
    delta = divide(ground, 2, as_array([box(22, 46, 4, 8), box(34, 46, 4, 8)]))
    after = apply(ground, delta)
    assert {link.old for link in delta.links} == {2}
    assert len(delta.links) == 2
    assert {after.owner[link.new] for link in delta.links} == {"A00"}
    assert after.points.cell[0] != after.points.cell[1]
    refuse_faults(after)
    assert digest(apply(after, invert(delta))) == digest(ground)


def test_dividing_needs_a_cell_with_two_buildings_that_stand_apart():
    ground = table("AAB AAB")
    with pytest.raises(InvalidInput, match="number 99"):
        divide(ground, 99, as_array([]))
    house = box(22, 46, 4, 8)
    for footprints in ([], [house], [house, house], [house, box(64, 46, 4, 8)]):
        with pytest.raises(InvalidInput, match="fewer than two buildings"):
            divide(ground, 2, as_array(footprints))


def test_numbers_of_new_cells_are_higher_than_any_before():
    ground = table("AAB AAB")
    high = Ground(
        land=ground.land, owner=ground.owner, grid_of=ground.grid_of, outline=ground.outline, floor=70
    )
    assert min(move_vertex(high, at(20, 40), at(23, 37)).added) == 71


def test_two_deltas_in_one_are_the_two_one_after_the_other():
    ground = random_ground(3)
    first = next(_moves(ground))
    middle = apply(ground, first)
    second = next(_moves(middle))
    end = apply(middle, second)
    both = compose(first, second)
    assert digest(apply(ground, both)) == digest(end)
    assert digest(apply(end, invert(both))) == digest(ground)
    assert both.links
    for link in both.links:
        assert link.old in ground.land.cells
        assert link.new in end.land.cells


def test_the_heir_of_an_heir_inherits():
    ground = table("ABC ABC")
    first = merge(ground, ["A", "B"], "B")
    both = compose(first, merge(apply(ground, first), ["B", "C"], "C"))
    assert both.heir == {"A": "C", "B": "C", "A00": "C00", "B00": "C00"}


def test_an_edit_and_its_inverse_in_one_change_nothing():
    ground = table("AAaB AAaB")
    for delta in (move_vertex(ground, at(20, 40), at(23, 37)), paint(ground, [3], "B")):
        assert compose(delta, invert(delta)).is_empty
        assert invert(invert(delta)) == delta
    assert apply(ground, Delta()) is ground


def test_a_delta_of_cells_that_are_gone_is_refused():
    ground = table("AAB AAB")
    delta = move_vertex(ground, at(20, 40), at(23, 37))
    with pytest.raises(Conflict):
        apply(apply(ground, delta), delta)


def test_a_ground_whose_cells_have_no_owner_is_refused():
    ground = table("AB")
    with pytest.raises(InvalidInput, match="exactly one owner"):
        Ground(land=ground.land, owner={1: "A00"}, grid_of=ground.grid_of, outline=ground.outline)
    with pytest.raises(InvalidInput, match="needs a grid"):
        Ground(land=ground.land, owner=ground.owner, grid_of={"A00": "A"}, outline=ground.outline)


def _moves(ground):
    for cell in ground.land.numbers:
        for corner in ground.land.cells[cell].exterior.coords:
            try:
                yield move_vertex(ground, corner, (corner[0] + 5e-6, corner[1] + 4e-6))
            except InvalidInput:
                continue
