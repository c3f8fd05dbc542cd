"""The plan of care for a person: what it is made of, and who is told what of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.communities import touch
from gisgrid.care.need_services import NewNeedService, set_service
from gisgrid.care.plans import MOST_DONE, CarePlan, care_plan
from gisgrid.care.servers import NewServer
from gisgrid.errors import Conflict, NotAllowed, NotFound
from gisgrid.people.core.models import Resident
from gisgrid.records.task_rules.inputs import RuleChange
from gisgrid.records.task_rules.service import change_rule
from gisgrid.records.work.queries import list_work
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.care.elders import VERY_OLD, Elders
from tests.working import install

AGREED = {"elder_visits": "granted", "sensitive_needs": "granted"}
NOTHING: dict[str, Any] = {"visitor": None, "visitor_kind": None, "visits": [], "needs": [], "done": []}


class Cared(Elders):
    """The same community with the forms as they are shipped."""

    member: Actor

    def publish(self) -> dict[str, str]:
        return install(self.session, self.made, now=self.now)

    def somebody(self, **answers: str) -> Resident:
        """A very old person in G1 who lives alone without income, visited by a volunteer."""
        person = self.elder(self.home(**answers), "living_alone", "no_income", birth=VERY_OLD)
        self.visitor(person)
        return person

    def plan(
        self, person: Resident, role: Role = Role.MEMBER, *grids: str, reason: str | None = None
    ) -> CarePlan:
        actor = world.add_actor(self.session, self.made, role, *(grids or ("G1",)))
        return care_plan(self.view(actor), person.id, reason=reason, now=self.now)


def test_a_plan_is_needs_visits_and_what_was_done(database: Database, now: datetime) -> None:
    with database.write() as session:
        cared = Cared(session, now)
        person = cared.somebody(**AGREED)
        day = lambda ago: (cared.today - timedelta(days=ago)).isoformat()  # noqa: E731
        visits = [cared.visit(person, 9), cared.visit(person, 2, met=False, marks={"met": False})]
        aid = cared.visit(person, 5, met=None, form="care_visit", marks={"delivered": True})
        new = NewNeedService(server=NewServer(kind="volunteer", name="示例邻居"), since=day(3))
        set_service(cared.view(), person.id, "no_income", new, now=now)
        plan = cared.plan(person)
        assert (plan["visitor_kind"], plan["visitor"], plan["name"]) == ("volunteer", "示例志愿者", "示例甲")
        assert [(need["kind"], need["server"], need["server_name"]) for need in plan["needs"]] == [
            ("living_alone", None, None),
            ("no_income", "volunteer", "示例邻居"),
        ]
        planned = {visit["rule"]: visit for visit in plan["visits"]}
        assert set(planned) == {"elder_week", "not_met_3d", "aid_quarter"}
        week, again, quarter = (planned[rule] for rule in ("elder_week", "not_met_3d", "aid_quarter"))
        assert (week["every_days"], week["due"], week["state"]) == (7, day(2), "overdue")
        assert (again["every_days"], again["every_months"], again["due"]) == (None, None, day(-1))
        assert (quarter["every_months"], quarter["form"], quarter["state"]) == (3, "care_visit", "later")
        assert [row["record"] for row in plan["done"]] == [visits[1], aid, visits[0]]
        assert [row["met"] for row in plan["done"]] == [False, None, True]
        assert all(row["title"]["zh"] for row in (*plan["done"], *plan["visits"]))


@pytest.mark.parametrize("purpose", list(AGREED))
def test_a_no_takes_its_part_out_of_the_plan(database: Database, now: datetime, purpose: str) -> None:
    with database.write() as session:
        cared = Cared(session, now)
        person = cared.somebody(**AGREED)
        cared.visit(person, 1)
        cared.visit(person, 1, met=None, form="care_visit", marks={"delivered": True})
        cared.answer(purpose, "withdrawn", person=person.id, at=now)
        plan = cared.plan(person)
        left = {
            "elder_visits": ("care_visit", "no_income"),
            "sensitive_needs": ("elder_visit", "living_alone"),
        }
        form, kind = left[purpose]
        assert {row["form"] for row in (*plan["visits"], *plan["done"])} == {form}
        assert [need["kind"] for need in plan["needs"]] == [kind]
        assert (plan["visitor"] is None) == (purpose == "elder_visits")


def test_heads_see_it_after_a_reason_and_others_in_their_grids(database: Database, now: datetime) -> None:
    with database.write() as session:
        cared = Cared(session, now)
        person = cared.somebody(**AGREED)
        masked = cared.plan(person, Role.HEAD, "G2", reason=" ")
        assert {name: masked[name] for name in NOTHING} == NOTHING  # type: ignore[literal-required]
        assert (masked["name"], masked["is_shown"]) == ("示**", False)
        shown = cared.plan(person, Role.HEAD, "G2", reason="核对")
        assert (shown["name"], shown["is_shown"], len(shown["needs"])) == ("示例甲", True, 2)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "plans:view")).all()
        assert [(entry.object_id, entry.reason) for entry in entries] == [
            (person.id, None),
            (person.id, "核对"),
        ]
        for role in (Role.MEMBER, Role.STAFF):
            with pytest.raises(NotFound):
                cared.plan(person, role, "G2")
        for role in set(Role) - {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LOCAL}:
            with pytest.raises(NotAllowed):
                cared.plan(person, role)


def test_who_was_erased_has_no_plan(database: Database, now: datetime) -> None:
    with database.write() as session:
        cared = Cared(session, now)
        person = cared.somebody(**AGREED)
        person.erased_at = now
        session.flush()
        with pytest.raises(Conflict):
            cared.plan(person)


def test_the_last_visits_alone_are_listed(database: Database, now: datetime) -> None:
    with database.write() as session:
        cared = Cared(session, now)
        person = cared.somebody(**AGREED)
        for ago in range(1, MOST_DONE + 4):
            cared.visit(person, ago)
        days = [row["day"] for row in cared.plan(person)["done"]]
        assert days == [(cared.today - timedelta(days=ago)).isoformat() for ago in range(1, MOST_DONE + 1)]


def rhythm_of(cared: Cared, person: Resident, rule: str, days: int = 0) -> tuple[int | None, str] | None:
    """How often a plan says that somebody is visited by a rule, in days, and until when next."""
    touch(cared.session, [cared.made.community])
    view = cared.made.view(cared.session, cared.member, now=cared.now + timedelta(days=days))
    visits = care_plan(view, person.id, now=cared.now)["visits"]
    return next(((row["every_days"], row["due"]) for row in visits if row["rule"] == rule), None)


def tasks_of(cared: Cared, person: Resident, due: str) -> dict[str, str]:
    """By rule when the tasks about somebody are due that wait on a day in the list of work."""
    view = cared.made.view(cared.session, cared.member, now=cared.now)
    rows = list_work(view, now=cared.now, day=date.fromisoformat(due))["rows"]
    return {row["rule"]: row["due"] for row in rows if row["subject"]["id"] == person.id}


def test_the_rhythm_of_a_plan_is_the_one_that_tasks_obey(database: Database, now: datetime) -> None:
    with database.write() as session:
        cared = Cared(session, now)
        cared.member = world.add_actor(session, cared.made, Role.MEMBER, "G1")
        weekly = cared.somebody(**AGREED)
        other = cared.elder(cared.home(**AGREED), birth=VERY_OLD)
        for person in (weekly, other):
            cared.visit(person, 3)
        rhythm = rhythm_of(cared, weekly, "elder_week")
        assert rhythm == (7, (cared.today + timedelta(days=4)).isoformat())
        assert tasks_of(cared, weekly, rhythm[1])["elder_week"] == rhythm[1]
        assert rhythm_of(cared, other, "elder_week") is None, "not of whom the rule doesn't choose"
        assert "elder_week" not in tasks_of(cared, other, rhythm[1])
        # A fact that is noted of one person changes the rhythm of this one alone, in both.
        cared.need(other, "living_alone", since=cared.today - timedelta(days=3))
        changed = rhythm_of(cared, other, "elder_week")
        assert changed is not None
        assert changed[0] == 7
        assert tasks_of(cared, other, changed[1])["elder_week"] == changed[1]
        assert rhythm_of(cared, weekly, "elder_week") == rhythm


def test_a_head_who_changes_the_rhythm_changes_plan_and_tasks(database: Database, now: datetime) -> None:
    with database.write() as session:
        cared = Cared(session, now)
        cared.member = world.add_actor(session, cared.made, Role.MEMBER, "G1")
        person = cared.somebody(**AGREED)
        cared.visit(person, 3)
        head = world.add_actor(session, cared.made, Role.HEAD)
        change_rule(cared.view(head), "elder_week", RuleChange(is_on=True, every_days=10), now=now)
        cared.now += timedelta(days=1)
        rhythm = rhythm_of(cared, person, "elder_week")
        assert rhythm == (10, (cared.today + timedelta(days=7)).isoformat())
        assert tasks_of(cared, person, rhythm[1])["elder_week"] == rhythm[1]
