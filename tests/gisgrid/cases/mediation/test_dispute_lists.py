"""Lists, cards, clues, figures and numbers of disputes: told to those who may open them, in the SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from gisgrid.access.models import AuditEntry
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.rules import parse_case_number
from gisgrid.cases.disputes.grades import (
    DEFAULT,
    GradeRule,
    change_grades,
    grade_versions,
    grades_of,
    read_days,
)
from gisgrid.cases.disputes.pipeline import Grade
from gisgrid.cases.disputes.store import entries_of
from gisgrid.cases.lists.queries import CaseSearch, list_cases
from gisgrid.cases.mediation.clues import Clue, clue_buildings, dispute_categories, report_clue
from gisgrid.cases.mediation.figures import conflict_density, conflict_trend
from gisgrid.cases.mediation.queries import (
    count_stages,
    dispute_card,
    list_disputes,
    mergeable,
    repeated_conflicts,
)
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.cases.mediation.disputes import Quarrel
from tests.world import TZ


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Quarrel]:
    with database.write() as session:
        yield Quarrel(session, now)


def _clue(scene: Quarrel, building: str, by: str = "member", key: str | None = None) -> Case:
    clue = Clue(category="dispute", building=building, text="楼上楼下争吵", people="王某")
    return report_clue(scene.view(by), clue, caches=scene.made.caches, now=scene.now, tz=TZ, key=key)


def _listed(scene: Quarrel, name: str, stage: str | None = None) -> list[str]:
    rows, total = list_disputes(scene.view(name), stage=stage, now=scene.now)
    assert total == len(rows)
    return [row["id"] for row in rows]


def test_the_list_is_by_stage_and_within_the_scope(scene: Quarrel) -> None:
    clue, settled, far = scene.report(), scene.settled(), scene.report(2.5, by="other")
    scene.report(category="garbage")
    assert _listed(scene, "head") == _listed(scene, "staff")
    assert set(_listed(scene, "head")) == {clue.id, settled.id, far.id}
    assert _listed(scene, "head")[0] == settled.id
    assert set(_listed(scene, "member")) == {clue.id, settled.id}
    assert _listed(scene, "mediator") == [settled.id]
    assert _listed(scene, "other", "clue") == [far.id]
    assert count_stages(scene.view("head")) == {
        "clue": 2,
        "sorted": 0,
        "mediating": 0,
        "follow_up": 1,
        "closed": 0,
    }
    for name in ("leader", "grid_leader", "resident"):
        for ask in (count_stages, dispute_categories, clue_buildings):
            with pytest.raises(NotAllowed):
                ask(scene.view(name))
        with pytest.raises(NotAllowed):
            _listed(scene, name)
        with pytest.raises(NotAllowed):
            dispute_card(scene.view(name), clue.id, now=scene.now)
    with pytest.raises(InvalidInput):
        _listed(scene, "head", "boiling")


def test_a_member_opens_no_dispute_of_another_grid_also_as_its_reporter(scene: Quarrel) -> None:
    own, reported = scene.report(), scene.report(2.5)
    assert dispute_card(scene.view("member"), own.id, now=scene.now)["stage"] == "clue"
    for case_id in (reported.id, "nothing"):
        with pytest.raises(NotFound):
            dispute_card(scene.view("member"), case_id, now=scene.now)


def test_the_card_opens_what_is_sealed_and_leaves_an_entry(scene: Quarrel) -> None:
    case, second = scene.settled(), scene.report(0.6)
    scene.do("member", second, "note", text="听见摔东西", people="王某")
    scene.do("member", second, "merge", into=case.id)
    card = dispute_card(scene.view("mediator"), case.id, now=scene.now)
    assert (card["parties"], card["agreement"]) == ("王某与李某", "每晚十点后不放音乐")
    assert [line["step"] for line in card["log"]] == ["sort", "ask", "meet", "agree"]
    (meeting,) = [line for line in card["log"] if line["step"] == "meet"]
    assert (meeting["place"], meeting["people"], meeting["text"]) == ("居委会", "双方", "各说各的")
    (clue,) = card["clues"]
    assert (clue["number"], clue["log"][0]["text"]) == (second.number, "听见摔东西")
    assert card["steps"] == ["note", "visit"]
    merged = dispute_card(scene.view("head"), second.id, now=scene.now)
    assert merged["merged_into"] == {"id": case.id, "number": case.number}
    opened = scene.session.scalars(
        select(AuditEntry.object_id).where(AuditEntry.action == "disputes:view").order_by(AuditEntry.id)
    ).all()
    assert opened == [case.id, second.id]


def test_a_clue_of_the_phone_is_sealed_and_sent_once(scene: Quarrel) -> None:
    building = world.add_building(scene.session, scene.made, 0, 0)
    far = world.add_building(scene.session, scene.made, 3, 3, number="9")
    case = _clue(scene, building.address, key="one")
    assert _clue(scene, building.address, key="one").id == case.id
    with pytest.raises(Conflict):  # another clue must not be taken for one that is kept
        report_clue(
            scene.view("member"),
            Clue(category="dispute", building=building.address, text="又吵起来了"),
            caches=scene.made.caches,
            now=scene.now,
            tz=TZ,
            key="one",
        )
    assert (case.source, case.building_id, case.address) == ("patrol", building.id, building.address)
    assert "争吵" not in case.description
    (entry,) = entries_of(scene.session, case.id)
    assert (entry.step, entry.text, entry.people) == ("note", "楼上楼下争吵", "王某")
    assert [one["id"] for one in clue_buildings(scene.view("member"))] == [building.id]
    assert {one["id"] for one in clue_buildings(scene.view("head"))} == {building.id, far.id}
    bad = Clue(category="garbage", building="月球", text=" ")
    with pytest.raises(InvalidInput) as caught:
        report_clue(scene.view("member"), bad, caches=scene.made.caches, now=scene.now, tz=TZ)
    assert {fault.field for fault in caught.value.faults} == {"category", "building", "text"}


def test_conflicts_that_repeat_at_one_address_are_told(scene: Quarrel) -> None:
    building = world.add_building(scene.session, scene.made, 0, 0)
    cases = [_clue(scene, building.id) for _ in range(2)]
    scene.report(category="garbage", building=building.id)
    assert repeated_conflicts(scene.view("head"), now=scene.now) == []
    cases.append(_clue(scene, building.id))
    (row,) = repeated_conflicts(scene.view("head"), now=scene.now)
    assert (row["building"], row["cases"]) == (building.id, 3)
    assert repeated_conflicts(scene.view("other"), now=scene.now) == []
    rows, _total = list_disputes(scene.view("member"), now=scene.now)
    assert any(row["repeated"] for row in rows)
    assert {one["id"] for one in mergeable(scene.view("member"), cases[0].id)} == {
        cases[1].id,
        cases[2].id,
    }
    with pytest.raises(NotFound):
        mergeable(scene.view("other"), cases[0].id)


def test_density_counts_households_and_the_trend_quarters(scene: Quarrel) -> None:
    near = world.add_building(scene.session, scene.made, 0, 0)
    far = world.add_building(scene.session, scene.made, 3, 3, number="9")
    for room in range(8):
        world.add_household(scene.session, near, f"{room}01")
    world.add_household(scene.session, far, "101")
    first, second = _clue(scene, near.id), _clue(scene, near.id)
    _clue(scene, far.id, by="head")
    told = conflict_density(scene.view("head"), now=scene.now)
    assert [(row["address"], row["disputes"], row["per_100"]) for row in told["rows"]] == [
        (far.address, 1, 100.0),
        (near.address, 2, 25.0),
    ]
    assert told["all"] == {"disputes": 3, "households": 9, "per_100": 33.3}
    scene.do("member", second, "merge", into=first.id)
    own = conflict_density(scene.view("member"), now=scene.now)
    assert [(row["disputes"], row["per_100"]) for row in own["rows"]] == [(1, 12.5)]
    assert own["all"] == {"disputes": 1, "households": 8, "per_100": 12.5}
    trend = conflict_trend(scene.view("head"), now=scene.now)
    assert trend["quarters"] == ["2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"]
    assert {row["grid"]: row["counts"] for row in trend["rows"]} == {
        "G1": [0, 0, 0, 0, 1],
        "G2": [0, 0, 0, 0, 0],
        "G3": [0, 0, 0, 0, 0],
        "G4": [0, 0, 0, 0, 1],
    }
    assert [row["grid"] for row in conflict_trend(scene.view("member"), now=scene.now)["rows"]] == ["G1"]
    for name in ("leader", "grid_leader", "resident"):
        with pytest.raises(NotAllowed):
            conflict_density(scene.view(name), now=scene.now)
        with pytest.raises(NotAllowed):
            conflict_trend(scene.view(name), now=scene.now)


def test_the_number_of_a_dispute_is_like_all_others_and_finds_it_for_nobody_else(scene: Quarrel) -> None:
    plain, secret = scene.report(category="garbage"), scene.report()
    assert len(plain.number) == len(secret.number) == 15
    assert parse_case_number(secret.number.replace("-", "")) == secret.number
    for text in (secret.number, secret.number[:9]):
        rows, _total = list_cases(scene.view("leader"), CaseSearch(state="all", text=text), now=scene.now)
        assert secret.id not in {row["id"] for row in rows}
    rows, _total = list_cases(scene.view("head"), CaseSearch(state="all", text=secret.number), now=scene.now)
    assert [row["id"] for row in rows] == [secret.id]


def test_grades_have_versions_and_settled_ones_keep_their_days(scene: Quarrel) -> None:
    settled = scene.settled()
    planned = scene.snapshot(settled).planned
    mine = {**DEFAULT, Grade.COMPLEX: GradeRule(name="复杂", days=(5,))}
    assert change_grades(scene.view("head"), mine, now=scene.now) == 1
    assert change_grades(scene.view("head"), mine, now=scene.now) is None
    assert grades_of(scene.session, scene.made.community) == mine
    assert scene.snapshot(settled).planned == planned
    assert len(scene.snapshot(scene.settled()).planned) == 1
    (version,) = grade_versions(scene.view("head"))
    assert (version.number, version.grades[Grade.COMPLEX].name) == (1, "复杂")
    entry = scene.session.scalars(select(AuditEntry).where(AuditEntry.action == "disputes:grades")).one()
    assert entry.details["change"] == {"complex.name": ["疑难", "复杂"], "complex.days": ["7, 30", "5"]}
    wrong = {
        Grade.GENERAL: GradeRule(name="", days=(3, 3)),
        Grade.COMPLEX: GradeRule(name="重", days=(1, 2, 3, 4, 5)),
        Grade.MAJOR: GradeRule(name="重", days=(366,)),
    }
    with pytest.raises(InvalidInput) as caught:
        change_grades(scene.view("head"), wrong, now=scene.now)
    assert len(caught.value.faults) == 6
    assert read_days("7、30, 90") == (7, 30, 90)
    with pytest.raises(InvalidInput):
        read_days("7 天")
    for name in ("staff", "member", "leader"):
        with pytest.raises(NotAllowed):
            change_grades(scene.view(name), mine, now=scene.now)
