"""Splitting by a line and redrawing as a ring, by whole cells and by cutting them."""

from __future__ import annotations

import pytest
import shapely
from grounds import at, box, digest, exclaves, line, random_ground, refuse_faults, table, with_points

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import apply, reshape, split
from gisgrid.geometry.edits.codes import next_grid_code, next_micro_code
from gisgrid.geometry.partition import union_outline
from tests.gisgrid.geometry.edits.inverse import invert

ACROSS = line((40, 10), (40, 70))


def test_a_line_along_borders_makes_two_grids_of_whole_cells():
    ground = table("AAAA AAAA")
    delta = split(ground, "A", ACROSS)
    after = apply(ground, delta)
    assert after.grids == {"A": (1, 2, 5, 6), "A1": (3, 4, 7, 8)}
    assert after.land is ground.land
    assert delta.origin == {"A1": "A", "A100": "A00"}
    assert delta.opened == ("A100",)


def test_the_side_with_most_households_keeps_the_code():
    ground = with_points(table("AAAA AAAA"), [(70, 30)], households=[0, 0])
    assert apply(ground, split(ground, "A", ACROSS)).grids["A"] == (3, 4, 7, 8)


def test_each_cell_goes_to_the_side_of_its_building_and_by_area_without_one():
    ground = with_points(table("AAAA AAAA"), [(22, 50)])
    after = apply(ground, split(ground, "A", line((25, 10), (25, 70))))
    assert after.grids == {"A": (3, 4, 6, 7, 8), "A1": (1, 2, 5)}


def test_a_cell_cut_off_from_its_side_joins_the_one_it_borders_on():
    ground = with_points(table("AAAA"), [(10, 22), (30, 38), (50, 22), (70, 38)])
    after = apply(ground, split(ground, "A", line((-5, 30), (95, 30))))
    assert len(after.grids) == 2
    assert exclaves(after) == [0, 0]


def test_a_line_that_crosses_twice_makes_three_grids():
    ground = table("AAA ABB AAA")
    after = apply(ground, split(ground, "A", line((20, -5), (20, 100))))
    assert after.grids == {"A": (1, 4, 7), "B": (5, 6), "A1": (2, 3), "A2": (8, 9)}
    ground = table("AAA")
    zigzag = line((20, 10), (20, 45), (40, 45), (40, 10))
    assert apply(ground, split(ground, "A", zigzag)).grids == {"A": (1,), "A1": (2,), "A2": (3,)}


def test_an_end_a_little_inside_is_drawn_out_and_one_far_inside_is_told_in_metres():
    ground = table("AAAA AAAA AAAA AAAA")
    assert len(apply(ground, split(ground, "A", line((40, 110), (40, 32)))).grids) == 2
    with pytest.raises(InvalidInput, match="the line ends 25 m inside grid A"):
        split(ground, "A", line((40, 110), (40, 45)))


def test_an_end_beside_a_border_is_drawn_to_it():
    ground = table("AAAA AAAA AAAA AAAA")
    hook = line((40, 110), (40, 60), (3, 60), (3, 61))
    assert len(apply(ground, split(ground, "A", hook)).grids) == 2


def test_a_line_beside_the_cells_is_refused():
    ground = with_points(table("AAAA AAAA"), [(10, 30), (10, 50)])
    for drawn in (line((5, 10), (5, 70)), line((500, 10), (500, 70))):
        with pytest.raises(InvalidInput, match="leaves all of grid A on one side"):
            split(ground, "A", drawn)


def test_a_line_that_crosses_itself_is_refused():
    with pytest.raises(InvalidInput, match="crosses itself"):
        split(table("AAAA"), "A", line((0, 0), (40, 40), (40, 0), (0, 40)))


def test_a_closed_line_takes_out_what_it_encloses():
    ground = table("AAAAA AAAAA AAAAA")
    ring = line((22, 42), (58, 42), (58, 58), (22, 58), (22, 42))
    assert apply(ground, split(ground, "A", ring)).grids["A1"] == (7, 8)


def test_a_micro_grid_is_split_inside_its_grid():
    ground = table("AAaaB AAaaB")
    delta = split(ground, "A01", line((60, 10), (60, 70)))
    assert delta.opened == ("A02",)
    assert apply(ground, delta).grids == ground.grids


def test_a_micro_grid_wholly_on_one_side_moves_and_one_in_between_is_parted():
    ground = with_points(table("AaaA AaaA"), [(10, 30)], households=[0])
    after = apply(ground, split(ground, "A", ACROSS))
    assert exclaves(after)[0] == 0
    assert {after.grid_of[after.owner[cell]] for cell in (3, 4, 7, 8)} == {"A1"}
    assert after.owner[1] == after.owner[5] == "A00"


def test_an_exclave_stays_with_the_part_that_keeps_the_code():
    ground = table("AAAABA")
    after = apply(ground, split(ground, "A", line((20, 10), (20, 70))))
    assert after.grids["A"] == (2, 3, 4, 6)
    assert after.grids["A1"] == (1,)


def test_a_cut_makes_new_cells_and_keeps_the_land_and_its_outline():
    ground = with_points(table("AAB AAB"), [(28, 50), (36, 50)], households=[0, 1, 1])
    delta = split(ground, "A", line((31.7, 10), (31.7, 70)), cut=True)
    after = apply(ground, delta)
    refuse_faults(after)
    assert sorted(link.old for link in delta.links) == [2, 2, 5, 5]
    assert min(link.new for link in delta.links) > 6
    for old in (2, 5):
        assert sum(link.share for link in delta.links if link.old == old) == pytest.approx(1, abs=1e-6)
    assert after.points.cell[0] != after.points.cell[1] == after.points.cell[3]
    assert after.outline is ground.outline
    assert digest(apply(after, invert(delta))) == digest(ground)


def test_neighbours_of_a_cut_keep_their_number_and_get_its_vertices():
    ground = table("BBB AAA")
    delta = split(ground, "A", line((31.7, 10), (31.7, 70)), cut=True)
    assert delta.removed.keys() == {2, 5}
    assert 2 in delta.added
    assert ground.land.cells[2].equals(delta.added[2]) or ground.land.cells[2].distance(delta.added[2]) == 0
    refuse_faults(apply(ground, delta))


def test_a_cut_along_borders_needs_no_new_cell():
    ground = table("AAAA AAAA")
    delta = split(ground, "A", line((40.4, 10), (39.7, 70)), cut=True)
    assert delta.added == {}
    assert len(apply(ground, delta).grids) == 2


def test_a_cut_leaves_no_slivers():
    ground = table("AAAA AAAA")
    after = apply(ground, split(ground, "A", line((10, 10), (12, 39.6), (70, 40.3), (70, 70)), cut=True))
    refuse_faults(after)
    assert min(shape.area for shape in after.land.cells.values()) > 1e-10


def test_a_ring_takes_in_cells_and_gives_up_others_to_the_longest_border():
    ground = table("AABB AABB CCCC")
    after = apply(ground, reshape(ground, "A", box(-2, 58, 64, 30)))
    assert after.grids == {"A": (1, 2, 3), "B": (4, 7, 8), "C": (5, 6, 9, 10, 11, 12)}


def test_what_no_neighbour_can_take_stays_by_cells_and_is_refused_by_cutting():
    ground = table("AAA ..B")
    assert reshape(ground, "A", box(22, 42, 60, 30)).is_empty
    with pytest.raises(InvalidInput, match="no neighbour"):
        reshape(ground, "A", box(25, 42, 60, 30), cut=True)


def test_a_ring_round_a_whole_neighbour_is_refused_and_offers_to_merge():
    with pytest.raises(InvalidInput, match="grid B would vanish, since A would take all of it"):
        reshape(table("AAAA BBBB"), "A", box(-5, 10, 100, 60))


def test_a_ring_that_leaves_the_grid_nothing_or_cuts_another_is_refused():
    ground = table("AABBB")
    with pytest.raises(InvalidInput, match="leaves grid A none of its cells"):
        reshape(ground, "A", box(62, 18, 20, 24))
    with pytest.raises(InvalidInput, match="leaves grid A none of its cells"):
        reshape(ground, "A", box(500, 18, 20, 24))
    with pytest.raises(InvalidInput, match="outside the community"):
        reshape(ground, "A", box(500, 18, 20, 24), cut=True)
    with pytest.raises(InvalidInput, match="grid B would fall apart into 2 parts"):
        reshape(table("ABBB AAAA"), "A", shapely.union_all([box(-2, 18, 85, 22), box(38, 18, 24, 50)]))


def test_a_ring_that_crosses_itself_is_refused():
    bow = shapely.Polygon([at(0, 0), at(40, 40), at(40, 0), at(0, 40)])
    with pytest.raises(InvalidInput, match="crosses itself"):
        reshape(table("AABB"), "A", bow)


def test_an_exact_ring_cuts_cells_and_takes_their_pieces():
    ground = with_points(table("AABB AABB"), [(45, 50), (55, 50)], households=[0, 1])
    delta = reshape(ground, "A", box(-2, 15, 51.3, 50), cut=True)
    after = apply(ground, delta)
    refuse_faults(after)
    assert after.grid_at(after.points.cell[0]) == "A"
    assert after.grid_at(after.points.cell[1]) == "B"
    outline = union_outline(after.land.shapes_of(after.grids["A"]))
    assert outline.bounds[2] == pytest.approx(at(49.3, 0)[0], abs=2e-5)
    assert digest(apply(after, invert(delta))) == digest(ground)


def test_an_exclave_the_ring_does_not_touch_stays():
    ground = table("AABBA")
    after = apply(ground, reshape(ground, "A", box(-2, 18, 64, 24)))
    assert after.grids == {"A": (1, 2, 3, 5), "B": (4,)}


def test_an_exact_ring_along_borders_changes_nothing():
    ground = table("AABB AABB")
    assert reshape(ground, "A", box(-1, 19, 41.5, 42), cut=True).is_empty


def test_a_micro_grid_can_be_redrawn():
    ground = table("AAaa AAaa")
    after = apply(ground, reshape(ground, "A01", box(22, 15, 60, 50)))
    assert after.micro_grids == {"A00": (1, 5), "A01": (2, 3, 4, 6, 7, 8)}


def test_cutting_on_an_odd_ground_keeps_it_sound():
    ground = random_ground(6)
    for grid in sorted(ground.grids)[:4]:
        middle = shapely.union_all(ground.land.shapes_of(ground.grids[grid])).point_on_surface()
        drawn = shapely.LineString([(middle.x - 0.01, middle.y - 0.004), (middle.x + 0.01, middle.y + 0.004)])
        ground = apply(ground, split(ground, grid, drawn, cut=True))
        refuse_faults(ground)


def test_codes_count_on_and_skip_what_was_used():
    assert next_grid_code("G07", grids=["G07", "G12", "H99"], used={"G13"}) == "G14"
    assert next_grid_code("north", grids=["north"], used=()) == "north1"
    assert next_grid_code("321302001001007", grids=["321302001001007"], used=()) == "321302001001008"
    assert next_micro_code("G07", micros=[], used=()) == "G0700"
    assert next_micro_code("G07", micros=["G0799"], used=()) == "G07100"
