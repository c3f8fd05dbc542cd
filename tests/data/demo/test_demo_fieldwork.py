"""What the demo's members noted: as much as is said, by day, and nothing that nobody agreed to."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from data.demo.generate import generate
from data.demo.history.clock import now, zone
from data.demo.records import DemoCommunity
from gisgrid.people.core.rules import NO_CONSENT

UNTIL = now().astimezone(zone()).date()


def grid_of_record(demo: DemoCommunity) -> dict[str, str]:
    """The grid of every subject of a record, by its key."""
    cells, grids = {building.key: building.cell for building in demo.buildings}, demo.grid_of_cell()
    places = {key: grids[cell] for key, cell in cells.items()}
    homes = {home.key: places[home.building] for home in demo.households}
    return places | homes | {person.key: homes[person.household] for person in demo.residents}


def test_three_grids_tell_a_year_and_one_has_been_left_alone(demo: DemoCommunity) -> None:
    grids, days = grid_of_record(demo), dict[str, list[date]]()
    for record in demo.fieldwork.records:
        days.setdefault(grids[record.of], []).append(record.day)
    assert len(days) == 20
    assert sum(min(own) < UNTIL - timedelta(days=300) for own in days.values()) == 3
    assert sum(min(own) < UNTIL - timedelta(days=90) for own in days.values()) == 3
    assert [max(own) < UNTIL - timedelta(days=39) for own in days.values()].count(True) == 1


@pytest.mark.parametrize("days", [0, 40, 400])
def test_there_are_at_most_8000_whenever_it_is_loaded(days: int) -> None:
    records = generate(random.Random(days).randrange(9999), at=now() + timedelta(days=days)).fieldwork.records
    assert 6000 < len(records) <= 8000
    assert max(record.day for record in records) == UNTIL + timedelta(days=days - 1)
    assert len({record.key for record in records}) == len(records)


def test_nobody_is_visited_before_being_asked_or_after_a_no(demo: DemoCommunity) -> None:
    homes = {person.key: person.household for person in demo.residents}
    answers = {answer.household: answer for answer in demo.consents}
    refused = set(demo.fieldwork.refused)
    assert refused
    for record in demo.fieldwork.records:
        if record.form == "dispute_screen":
            continue
        answer = answers[homes.get(record.of, record.of)]
        assert answer.status not in NO_CONSENT
        assert answer.asked_at < record.filled_at
        if record.form == "elder_visit" and record.of in refused:
            assert record.answers["seen"] == "no"
    assert refused.isdisjoint(visitor.resident for visitor in demo.visitors)


def test_a_correction_follows_its_record_and_says_why(demo: DemoCommunity) -> None:
    by_key = {record.key: record for record in demo.fieldwork.records}
    corrections = [record for record in demo.fieldwork.records if record.corrects]
    assert len(corrections) > 30
    for record in corrections:
        former = by_key[record.corrects or ""]
        assert (former.of, former.form, former.day) == (record.of, record.form, record.day)
        assert former.filled_at < record.filled_at
        assert former.answers != record.answers
        assert record.reason
    assert max(Counter(record.corrects for record in corrections).values()) == 1


def test_every_kind_of_fieldwork_is_there(demo: DemoCommunity) -> None:
    forms = Counter(record.form for record in demo.fieldwork.records)
    wanted = {"elder_visit", "care_visit", "household_check", "visit5", "visit5_feedback", "dispute_screen"}
    assert forms.keys() == wanted
    signs = {sign for record in demo.fieldwork.records for sign in record.answers.get("signs", ())}
    assert {"none", "fall", "ill"} <= signs
