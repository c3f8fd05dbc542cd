"""Visits in five steps wait for what isn't done; cases and records name each other to who may read both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.workflow import CaseState
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.people.core.models import Consent
from gisgrid.places.models import Household
from gisgrid.records.lists.card import record_of
from gisgrid.records.lists.case_links import records_of_case
from gisgrid.records.lists.visits import VisitStep, unfinished_visits
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

    def case(self) -> Case:
        spot = world.middle(0, 0)
        command = ReportCase(lon=spot.x, lat=spot.y, category="garbage", description="垃圾")
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


@pytest.mark.parametrize("role", [Role.HEAD, Role.GRID_LEADER])
def test_others_are_not_told_what_was_answered(session: Session, now: datetime, role: Role) -> None:
    place = street(session, now)
    with pytest.raises(NotAllowed):
        unfinished_visits(place.views[role], now=now)
