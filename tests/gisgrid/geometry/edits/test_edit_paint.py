"""Painting and merging: who gets which cell, what becomes of micro grids, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from grounds import digest, exclaves, random_ground, refuse_faults, table, with_points

from gisgrid.errors import Conflict, InvalidInput
from gisgrid.geometry.edits import apply, merge, paint
from tests.gisgrid.geometry.edits.inverse import invert


def test_a_painted_cell_joins_the_grid_and_nothing_else_changes():
    ground = with_points(table("AAB AAB"), [(30, 50)], households=[0])
    delta = paint(ground, [2], "B")
    after = apply(ground, delta)
    assert delta.owners == {2: ("A00", "B00")}
    assert after.land is ground.land
    assert after.points is ground.points
    assert after.grids == {"A": (1, 4, 5), "B": (2, 3, 6)}
    assert delta.micros == delta.points == delta.removed == delta.added == {}


def test_undoing_a_paint_gives_back_the_same_ground():
    ground = table("AAaB AAaB")
    delta = paint(ground, [3, 7], "B")
    assert digest(apply(apply(ground, delta), invert(delta))) == digest(ground)


def test_cells_that_are_there_already_change_nothing():
    ground = table("AAB AAB")
    assert paint(ground, [3, 6], "B").is_empty


def test_a_micro_grid_painted_whole_moves_with_its_cells():
    ground = table("AAaB AAaB")
    delta = paint(ground, [3, 7], "B")
    assert delta.owners == {}
    assert delta.micros == {"A01": ("A", "B")}
    assert delta.moved == ("A01",)
    assert apply(ground, delta).grids["B"] == (3, 4, 7, 8)


def test_a_cell_joins_the_micro_grid_with_the_longest_border():
    ground = table("bBB bAB AAA")
    assert paint(ground, [5], "B").owners == {5: ("A00", "B00")}


def test_of_equal_borders_the_lowest_code_wins():
    ground = table("bAB AAA")
    assert paint(ground, [2], "B").owners == {2: ("A00", "B00")}


def test_cells_join_one_by_one_so_that_far_ones_follow_near_ones():
    ground = table("AAAB AAAb AAAA")
    owners = paint(ground, [2, 3], "B").owners
    assert owners == {2: ("A00", "B00"), 3: ("A00", "B00")}


def test_of_a_micro_grid_in_pieces_the_one_with_most_households_keeps_the_code():
    ground = with_points(table("BBB aaa AAA"), [(50, 50)], households=[0])
    delta = paint(ground, [5], "B")
    assert delta.owners == {4: ("A01", "A02"), 5: ("A01", "B00")}
    assert delta.opened == ("A02",)
    assert delta.origin == {"A02": "A01"}


def test_of_pieces_without_households_the_one_with_most_cells_then_the_lowest_number_keeps_it():
    assert paint(table("BBB aaa AAA"), [5], "B").owners[6] == ("A01", "A02")
    assert paint(table("BBBB aaaa AAAA"), [6], "B").owners[5] == ("A01", "A02")


def test_a_code_that_was_used_before_is_not_given_again():
    ground = replace(table("BBB aaa AAA"), used=frozenset({"A02", "A03"}))
    assert paint(ground, [5], "B").opened == ("A04",)


def test_an_emptied_micro_grid_closes_and_names_its_heir():
    ground = table("AAab AAab BBbb")
    delta = paint(ground, [3, 7], "B01")
    assert delta.closed == ("A01",)
    assert delta.heir == {"A01": "B01"}
    assert apply(ground, delta).grids["B"] == (3, 4, 7, 8, 9, 10, 11, 12)


def test_cells_can_be_painted_from_one_micro_grid_of_a_grid_to_another():
    ground = table("AAa AAa")
    delta = paint(ground, [2], "A01")
    assert delta.owners == {2: ("A00", "A01")}
    assert apply(ground, delta).grids == ground.grids


def test_painting_that_would_cut_a_grid_in_two_is_refused_with_its_parts():
    with pytest.raises(InvalidInput, match="grid A would fall apart into 2 parts"):
        paint(table("AAA BBB"), [2], "B")


def test_painting_far_away_from_the_grid_is_refused():
    with pytest.raises(InvalidInput, match="grid B would fall apart into 2 parts"):
        paint(table("AABB"), [1], "B")


def test_cells_that_only_touch_in_a_corner_do_not_hang_together():
    with pytest.raises(InvalidInput, match="grid A would fall apart"):
        paint(table("AAB ABB"), [1], "B")


def test_painting_a_micro_grid_apart_is_refused_with_its_name():
    with pytest.raises(InvalidInput, match="micro grid A01 would fall apart into 2 parts"):
        paint(table("AAAa AAAA"), [1], "A01")


def test_painting_all_of_a_grid_is_refused_and_offers_to_merge():
    with pytest.raises(InvalidInput, match="grid A would vanish, since B would take all of it: merge"):
        paint(table("AB"), [1], "B")


def test_unknown_cells_and_codes_are_refused_by_name():
    with pytest.raises(InvalidInput, match=r"number 7.*number 8"):
        paint(table("AB"), [7, 8], "B")
    with pytest.raises(InvalidInput, match="no grid with the code C"):
        paint(table("AB"), [1], "C")


def test_an_exclave_may_stay_but_not_get_company():
    ground = table("AABAA")
    assert exclaves(apply(ground, paint(ground, [2], "B"))) == [1, 1]
    with pytest.raises(InvalidInput, match="grid A would fall apart into 3 parts"):
        paint(table("AAABA"), [2], "B")


def test_a_grid_round_another_one_hangs_together():
    ground = table("AAA ABA AAA")
    after = apply(ground, paint(ground, [2], "B"))
    assert after.grids["B"] == (2, 5)
    assert exclaves(after) == [0, 0]


def test_merged_grids_that_are_not_subdivided_stay_so():
    ground = table("ABC ABC")
    delta = merge(ground, ["A", "B", "C"], "B")
    after = apply(ground, delta)
    assert set(after.owner.values()) == {"B00"}
    assert delta.heir == {"A": "B", "C": "B", "A00": "B00", "C00": "B00"}


def test_micro_grids_of_a_merged_grid_go_on_in_the_other():
    ground = table("AaB AaB")
    delta = merge(ground, ["A", "B"], "B")
    assert delta.owners == {}
    assert delta.micros == {"A00": ("A", "B"), "A01": ("A", "B")}
    assert delta.heir == {"A": "B"}


def test_micro_grids_are_merged_within_their_grid():
    ground = table("AaB AaB")
    delta = merge(ground, ["A00", "A01"], "A01")
    assert delta.closed == ("A00",)
    assert apply(ground, delta).grids == ground.grids


@pytest.mark.parametrize(
    ("grids", "keep", "sentence"),
    [
        (["A"], "A", "at least two"),
        (["A", "A"], "A", "at least two"),
        (["A", "B"], "C", "grid C is not among"),
        (["A", "X"], "A", "no grid with the code X"),
        (["A", "B00"], "A", "can't be merged with each other"),
        (["A", "C"], "A", "C and A have no common border"),
        (["A", "B", "D"], "A", "D and A have no common border"),
    ],
)
def test_merging_what_does_not_go_together_is_refused(grids, keep, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        merge(table("ABCD"), grids, keep)


def test_a_grid_with_an_exclave_can_be_merged():
    ground = table("ABA.")
    after = apply(ground, merge(ground, ["A", "B"], "A"))
    assert exclaves(after) == [0, 0]
    ground = table("AABCBD")
    after = apply(ground, merge(ground, ["A", "B"], "A"))
    assert exclaves(after) == [1, 0]


def test_a_delta_made_on_another_ground_is_refused():
    ground = table("AAB AAB")
    delta = paint(ground, [2], "B")
    with pytest.raises(Conflict, match="has changed"):
        apply(apply(ground, delta), delta)


def test_painting_on_an_odd_ground_keeps_it_sound():
    ground = random_ground(5)
    cell = next(
        c for c in ground.land.numbers if ground.owner[c] != ground.owner[max(ground.land.borders[c])]
    )
    after = apply(ground, paint(ground, [cell], ground.owner[max(ground.land.borders[cell])]))
    refuse_faults(after)
