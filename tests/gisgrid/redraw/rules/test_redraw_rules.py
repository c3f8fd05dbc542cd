"""The rules one by one: what each says, how heavy it is, and what mends it."""

from __future__ import annotations

from typing import Any

import pytest

from gisgrid.analysis.workload import NormPolicy
from gisgrid.errors import InvalidInput
from gisgrid.redraw.rules.rules import Finding, GridFacts, StaffFacts, Weight, findings
from gisgrid.workforce.norms import Norms

ONE = StaffFacts(primaries=1, primaries_before=1, has_primaries=True)


def _found(**facts: Any) -> dict[str, Finding]:
    given = {"code": "G1", "name": "north", "households": 400, "staff": ONE} | facts
    return {row.rule: row for row in findings(GridFacts(**given), Norms())}


def test_nothing_is_said_where_all_is_well() -> None:
    assert _found() == {}


@pytest.mark.parametrize(
    ("households", "level"),
    [(0, "warn"), (299, "hint"), (300, None), (500, None), (501, "warn"), (600, "warn"), (601, "warn")],
)
def test_households_are_held_against_the_norm(households: int, level: str | None) -> None:
    found = _found(households=households).get("G08")
    assert (found.level if found else None) == level
    assert (found is not None and found.fix == {"tool": "split", "grid": "G1"}) is (households > 500)


def test_a_community_can_have_a_norm_of_its_own() -> None:
    norms = Norms(households=NormPolicy(ok_from=10, ok_to=20, high_to=30, per_member=30))
    facts = GridFacts(code="G1", name="north", households=25, staff=ONE)
    assert [str(row.message) for row in findings(facts, norms)] == ["north has 25 households: more than 20"]
    with pytest.raises(InvalidInput):
        Norms(micro_from=9, micro_to=8)


def test_two_primary_members_are_never_right() -> None:
    found = _found(staff=StaffFacts(primaries=2, primaries_before=1, has_primaries=True))["G09"]
    assert (found.level, found.fix) == (Weight.BLOCK, {"tool": "duty", "grid": "G1"})


@pytest.mark.parametrize(
    ("before", "touched", "others", "later"),
    [
        (1, True, True, "block"),
        (1, False, True, "block"),
        (0, True, True, "block"),
        (0, False, True, "warn"),
        (0, True, False, "warn"),
    ],
)
def test_no_primary_member_stops_only_a_plan_that_has_to_do_with_it(
    before: int,
    touched: bool,  # noqa: FBT001
    others: bool,  # noqa: FBT001
    later: str,
) -> None:
    staff = StaffFacts(primaries=0, primaries_before=before, has_primaries=others)
    found = _found(staff=staff, is_touched=touched)["G09"]
    assert (found.level, found.at_approval, found.touched) == ("warn", later, touched)


def test_police_and_cadre_are_missed_more_where_the_plan_takes_them_away() -> None:
    lost = StaffFacts(primaries=1, primaries_before=1, lost=("community_police",))
    lacking = StaffFacts(primaries=1, primaries_before=1, lacking=("party_cadre",))
    assert _found(staff=lost)["G09"].level == Weight.WARN
    assert _found(staff=lacking)["G09"].level == Weight.HINT


@pytest.mark.parametrize(
    ("facts", "rule", "level"),
    [
        ({"parts": 2}, "G06", "block"),
        ({"parts": 2, "parts_before": 2}, "G06", "warn"),
        ({"cut_buildings": 1}, "G07", "block"),
        ({"is_misnumbered": True}, "G11", "hint"),
        ({"along": 0.2}, "G12", "hint"),
        ({"micro_grids": 9}, "G13", "hint"),
        ({"compactness": 0.2}, "G14", "hint"),
        ({"longest_walk_m": 1200.0}, "G14", "hint"),
        ({"homeless": 3}, "G15", "block"),
        ({"homeless": 3, "has_new_outline": True}, "G15", "warn"),
    ],
)
def test_each_rule_has_its_weight(facts: dict[str, Any], rule: str, level: str) -> None:
    found = _found(**facts)
    assert list(found) == [rule]
    assert found[rule].level == level


@pytest.mark.parametrize(
    "facts",
    [{"along": 0.5}, {"along": None}, {"micro_grids": 8}, {"compactness": 0.25}, {"longest_walk_m": 1000.0}],
)
def test_what_just_holds_is_not_said(facts: dict[str, Any]) -> None:
    assert _found(**facts) == {}
