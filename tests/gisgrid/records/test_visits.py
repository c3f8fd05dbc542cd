"""Visits in five steps wait for what isn't done; cases and records name each other to who may read both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.workflow import CaseState
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.models import Consent
from gisgrid.places.models import Household
from gisgrid.records.lists.card import record_of
from gisgrid.records.lists.case_links import records_of_case
from gisgrid.records.lists.case_origins import require_origin
from gisgrid.records.lists.timeline import records_of_household
from gisgrid.records.lists.visit_courses import VisitStep
from gisgrid.records.lists.visits import unfinished_by_grid, unfinished_visits
from gisgrid.storage.engine import Database
from tests import world
from tests.fieldwork import add_record
from tests.working import install


@dataclass
class Street:
    """Two homes in two grids, the member of the first, and what was noted there."""

    session: Session
    made: world.World
    now: datetime
    versions: dict[str, str]
    homes: list[Household]
    views: dict[Role, View] = field(default_factory=dict)

    def visit(self, place: int, *, days: int, met: bool = True, form: str = "visit5", **answers: Any) -> str:
        at = self.now - timedelta(days=days)
        home = self.homes[place].id
        values = {"kind": "household", "met": met, "answers": answers}
        return add_record(self.session, self.versions[form], home, at=at, **values).id

    def waits(self, role: Role = Role.MEMBER) -> dict[str, VisitStep]:
        rows = unfinished_visits(self.views[role], now=self.now)
        return {row["record"]["id"]: row["waits_for"] for row in rows}

    def case(self, record: str | None = None) -> Case:
        spot = world.middle(0, 0)
        command = ReportCase(lon=spot.x, lat=spot.y, category="garbage", description="垃圾", record=record)
        made = report(
            self.session, self.made.actor, command, caches=self.made.caches, now=self.now, tz=world.TZ
        )
        return made.case


@pytest.fixture
def session(database: Database) -> Any:
    with database.write() as opened:
        yield opened


def street(session: Session, now: datetime) -> Street:
    made = world.found(session)
    homes = [
        world.add_household(session, world.add_building(session, made, column, 0, number=str(column)), "101")
        for column in (0, 2)
    ]
    place = Street(session, made, now, install(session, made, now=now), homes)
    for role in (Role.MEMBER, Role.STAFF, Role.HEAD, Role.GRID_LEADER):
        place.views[role] = made.view(session, world.add_actor(session, made, role, "G1"), now=now)
    return place


def test_a_visit_waits_for_the_first_step_that_is_not_done(session: Session, now: datetime) -> None:
    place = street(session, now)
    settled = place.visit(0, days=40, topics=["road"], coordination="settled")
    nothing = place.visit(0, days=39)
    open_matter = place.visit(0, days=38, opinion="路灯不亮")
    asked = place.visit(0, days=10, wishes=["meals"], coordination="somebody", promise_day="2026-11-20")
    elsewhere = place.visit(1, days=5, opinion="他处")
    assert place.waits() == {open_matter: VisitStep.COORDINATION, asked: VisitStep.FEEDBACK}
    assert not {settled, nothing, elsewhere} & set(place.waits(Role.STAFF))
    row = next(row for row in unfinished_visits(place.views[Role.MEMBER], now=now) if row["task"])
    assert (row["due"], row["is_late"], row["next_form"]) == ("2026-11-20", True, "visit5_feedback")
    assert row["task"] == f"feedback_7d|{place.homes[0].id}|{asked}"
    place.visit(0, days=2, form="visit5_feedback")
    assert place.waits() == {open_matter: VisitStep.COORDINATION}


def test_a_record_of_a_visit_says_how_each_step_stands(session: Session, now: datetime) -> None:
    place = street(session, now)
    asked = place.visit(0, days=9, wishes=["meals"], coordination="somebody")
    settled = place.visit(0, days=8, topics=["road"], topic_groups=["street"], coordination="settled")
    nothing = place.visit(0, days=7)
    matter = place.visit(0, days=6, opinion="路灯不亮")
    missed = place.visit(0, days=2, met=False)

    def states(visit: str, role: Role = Role.MEMBER, **reason: str) -> list[str] | None:
        course = record_of(place.views[role], visit, now=now, **reason)["visit"]
        return course and [line["state"] for line in course["steps"]]

    assert states(asked) == ["done", "done", "done", "done", "waiting"]
    assert states(settled) == ["done", "done", "done", "done", "not_needed"]
    assert states(nothing) == ["done", "not_needed", "done", "not_needed", "not_needed"]
    assert states(matter) == ["done", "done", "done", "waiting", "open"]
    assert states(missed) == ["waiting", "open", "open", "open", "open"]
    assert states(asked, Role.HEAD) is None
    assert states(asked, Role.HEAD, reason="投诉核查") == ["done", "done", "done", "done", "waiting"]
    answer = place.visit(0, days=1, form="visit5_feedback")
    assert (states(asked), states(answer)) == (["done"] * 5, None)


def test_nobody_met_waits_until_the_next_visit(session: Session, now: datetime) -> None:
    place = street(session, now)
    missed = place.visit(0, days=6, met=False)
    assert place.waits() == {missed: VisitStep.VISIT}
    place.visit(0, days=3)
    assert place.waits() == {}


def test_a_visit_with_a_case_is_done_when_the_case_is(session: Session, now: datetime) -> None:
    place = street(session, now)
    case = place.case()
    visit = place.visit(0, days=1, coordination="case", case_number=f" {case.number} ")
    unknown = place.visit(0, days=2, coordination="case", case_number="C0")
    assert place.waits() == {visit: VisitStep.FEEDBACK, unknown: VisitStep.COORDINATION}
    opened = record_of(place.views[Role.MEMBER], visit, now=now)["cases"]
    assert [(row["id"], row["number"], row["is_ended"]) for row in opened] == [(case.id, case.number, False)]
    case.state, case.closed_at, case.result = CaseState.CLOSED, now, "已清理"
    session.flush()
    assert place.waits() == {unknown: VisitStep.COORDINATION}


def test_a_case_names_the_visit_to_who_reads_it(session: Session, now: datetime) -> None:
    place = street(session, now)
    case = place.case()
    visit = place.visit(0, days=1, coordination="case", case_number=case.number)
    place.visit(0, days=1, coordination="case", case_number="C0")
    old = place.visit(0, days=90, coordination="case", case_number=case.number)

    def named(role: Role) -> list[str]:
        return [row["id"] for row in records_of_case(place.views[role], case.id, now=now)]

    assert named(Role.MEMBER) == named(Role.STAFF) == [visit]
    assert old not in named(Role.STAFF)
    assert named(Role.HEAD) == named(Role.GRID_LEADER) == []
    with pytest.raises(NotFound):
        records_of_case(place.views[Role.MEMBER], "nothing", now=now)
    no = {"asked_at": now, "text_version": "1", "status": "refused"}
    session.add(Consent(household_id=place.homes[0].id, purpose="visit_notes", **no))
    session.flush()
    assert named(Role.MEMBER) == []
    assert place.waits() == {}


def test_a_case_and_the_visit_it_arose_from_name_each_other(session: Session, now: datetime) -> None:
    place = street(session, now)
    visit = place.visit(0, days=1, opinion="路灯不亮")
    case = place.case(visit)
    member, home = place.views[Role.MEMBER], place.homes[0].id
    assert place.waits() == {visit: VisitStep.FEEDBACK}

    def linked(role: Role) -> tuple[list[str], list[str]]:
        view = place.views[role]
        forth = [row["id"] for row in record_of(view, visit, now=now)["cases"]]
        return forth, [row["id"] for row in records_of_case(view, case.id, now=now)]

    assert linked(Role.MEMBER) == linked(Role.STAFF) == linked(Role.HEAD) == ([case.id], [visit])
    on_card = records_of_household(member, home, now=now)["cases"]
    assert [row["id"] for row in on_card[visit]] == [case.id]
    assert records_of_case(place.views[Role.GRID_LEADER], case.id, now=now) == []
    later = add_record(
        session,
        place.versions["visit5"],
        home,
        at=now,
        kind="household",
        met=True,
        corrects_id=visit,
        answers={},
    ).id
    assert [row["id"] for row in records_of_case(member, case.id, now=now)] == [later]
    assert [row["id"] for row in record_of(member, later, now=now)["cases"]] == [case.id]
    no = {"asked_at": now, "text_version": "1", "status": "refused"}
    session.add(Consent(household_id=home, purpose="visit_notes", **no))
    session.flush()
    assert records_of_case(member, case.id, now=now) == []


def test_a_case_arises_from_a_record_of_the_account_that_is_new(session: Session, now: datetime) -> None:
    place = street(session, now)
    new, old = place.visit(0, days=30), place.visit(0, days=32)
    elsewhere = place.visit(1, days=1)
    require_origin(place.views[Role.MEMBER], new, now=now)
    for record, sentence in {
        old: "a case arises from a record of the last 31 days",
        elsewhere: "no such record",
        "nothing": "no such record",
    }.items():
        with pytest.raises(InvalidInput) as fault:
            require_origin(place.views[Role.MEMBER], record, now=now)
        assert [(row.field, str(row.message)) for row in fault.value.faults] == [("record", sentence)]


def test_heads_count_by_grid_and_read_the_list_after_a_reason(session: Session, now: datetime) -> None:
    place = street(session, now)
    head, staff = place.views[Role.HEAD], place.views[Role.STAFF]
    late = place.visit(0, days=10, opinion="路灯不亮")
    other = place.visit(1, days=2, met=False)

    def counts(view: View) -> dict[str, tuple[int, int, int, int, int]]:
        steps = ("visit", "coordination", "feedback", "waiting", "late")
        return {row["code"]: tuple(row[step] for step in steps) for row in unfinished_by_grid(view)}  # type: ignore[literal-required,misc]

    assert counts(head) == counts(staff)
    waiting = {code: count for code, count in counts(head).items() if count[3]}
    assert sorted(waiting.values()) == [(0, 1, 0, 1, 1), (1, 0, 0, 1, 0)]
    with pytest.raises(NotAllowed):
        unfinished_visits(head, reason=" ", now=now)
    rows = unfinished_visits(head, reason="督办", now=now)
    assert {row["record"]["id"]: row["grid"] in waiting for row in rows} == {late: True, other: True}
    assert {row["record"]["by"] for row in rows} == {None}
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.count, entry.reason) == ("records:list", 2, "督办")
    assert {row["record"]["id"] for row in unfinished_visits(staff, now=now)} == {late}
    for role in (Role.MEMBER, Role.GRID_LEADER):
        with pytest.raises(NotAllowed):
            unfinished_by_grid(place.views[role])


@pytest.mark.parametrize("role", [Role.HEAD, Role.GRID_LEADER])
def test_others_are_not_told_what_was_answered(session: Session, now: datetime, role: Role) -> None:
    place = street(session, now)
    with pytest.raises(NotAllowed):
        unfinished_visits(place.views[role], now=now)
