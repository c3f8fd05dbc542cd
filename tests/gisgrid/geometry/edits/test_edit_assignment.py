"""A whole division given at once: codes, micro grids and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import apply
from gisgrid.geometry.edits.assignment import assign, opened_codes
from tests.gisgrid.geometry.edits.grounds import digest, exclaves, grown, random_ground, table
from tests.gisgrid.geometry.edits.inverse import invert


def layout(ground) -> str:
    return "".join(ground.grid_at(cell)[0] for cell in ground.land.numbers)


def test_cells_go_to_grids_that_are_there() -> None:
    ground = table("AABB AABB")
    delta = assign(ground, {2: "B", 6: "B"}, {})
    after = apply(ground, delta)
    assert layout(after) == "ABBBABBB"
    assert set(after.grid_of.values()) == {"A", "B"}
    assert len(after.grid_of) == 2, "a grid that nobody subdivided stays so"
    assert digest(apply(after, invert(delta))) == digest(ground)


def test_a_new_grid_out_of_several_is_one_micro_grid() -> None:
    ground = table("AABB AABB")
    after = apply(ground, assign(ground, {2: "+1", 3: "+1", 6: "+1", 7: "+1"}, {"+1": "A"}))
    assert sorted(after.grids) == ["A", "A1", "B"]
    assert after.grids["A1"] == (2, 3, 6, 7)
    assert [len(micros) for micros in after.subdivision.values()] == [1, 1, 1]


def test_a_grid_without_cells_closes_and_its_heir_is_told() -> None:
    ground = table("AABB AABB")
    delta = assign(ground, {3: "A", 4: "A", 7: "A", 8: "A"}, {})
    assert sorted(apply(ground, delta).grids) == ["A"]
    assert delta.heir["B"] == "A"


def test_a_grid_becomes_micro_grids_and_keeps_the_code_of_its_first() -> None:
    ground = table("AAAABB AAAABB")
    owners = {3: "+1", 9: "+1", 4: "+2", 10: "+2"}
    delta = assign(ground, owners, {"+1": "A00", "+2": "A00"})
    after = apply(ground, delta)
    assert after.subdivision["A"] == ("A00", "A01", "A02")
    assert delta.origin == {"A01": "A00", "A02": "A00"}
    assert opened_codes(ground, {"+1": "A00", "+2": "A00"}) == {"+1": "A01", "+2": "A02"}
    merged = apply(after, assign(after, dict.fromkeys((3, 9, 4, 10), "A00"), {}))
    assert merged.subdivision["A"] == ("A00",)


@pytest.mark.parametrize(
    ("owners", "opens", "words"),
    [
        ({99: "A"}, {}, "99"),
        ({1: "Z"}, {}, "Z"),
        ({1: "B", 2: "B00"}, {}, "at once"),
        ({1: "B"}, {}, "fall apart"),
        ({1: "B00"}, {}, "own grid"),
        ({2: "+1", 4: "+1"}, {"+1": "A"}, "fall apart"),
        ({1: "+1", 3: "+1"}, {"+1": "A00"}, "fall apart"),
    ],
)
def test_what_breaks_a_grid_is_refused(owners, opens, words) -> None:
    with pytest.raises(InvalidInput, match=words):
        assign(table("AAABBB"), owners, opens)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_any_division_into_whole_grids_is_taken_and_taken_back(seed: int) -> None:
    ground = random_ground(seed, columns=8, rows=6, grids=5, exclave=False)
    rng = np.random.default_rng(seed)
    main = ground.land.parts(ground.land.numbers)[0]
    group = grown(rng, ground.land, 4) if len(main) == len(ground.land.numbers) else {}
    codes = sorted(ground.grids)[:3]
    keys = [*codes, "+1"]
    owners = {cell: keys[index] for cell, index in group.items()}
    if not owners:
        return
    delta = assign(ground, owners, {"+1": codes[0]})
    after = apply(ground, delta)
    assert exclaves(after) == [0, 0]
    new = opened_codes(ground, {"+1": codes[0]})["+1"]
    assert all(after.grid_at(cell) == (new if key == "+1" else key) for cell, key in owners.items())
    assert digest(apply(after, invert(delta))) == digest(ground)
