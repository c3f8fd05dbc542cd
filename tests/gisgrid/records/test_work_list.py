"""Who has which task, what a note makes of it, and what becomes of tasks in unlucky cases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Duty, Role
from gisgrid.areas.communities import touch
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.records.core.rules import TaskNoteKind
from gisgrid.records.core.work_models import TaskNote, TaskRuleVersion
from gisgrid.records.lists.timeline import records_of_household
from gisgrid.records.work.notes import NoteInput, note_task
from gisgrid.records.work.overdue import overdue_by_grid
from gisgrid.records.work.queries import WorkList, list_work
from gisgrid.storage.engine import Database
from gisgrid.welfare.models import AssignedVisitor
from tests import world
from tests.fieldwork import add_record
from tests.working import install

TODAY = date(2026, 11, 24)


@dataclass
class Street:
    """An elder of 84 who lives alone in G1, whom nobody ever visited, with a member and the others around."""

    session: Session
    made: world.World
    now: datetime
    person: Resident
    versions: dict[str, str]
    member: Actor

    def list(self, actor: Actor | None = None, day: date | None = None) -> WorkList:
        view = self.made.view(self.session, actor or self.member, now=self.now)
        return list_work(view, now=self.now, day=day)

    def keys(self, actor: Actor | None = None, form: str = "elder_visit") -> list[str]:
        return [row["rule"] for row in self.list(actor)["rows"] if row["form"] == form]

    def key(self) -> str:
        return next(row["key"] for row in self.list()["rows"] if row["rule"] == "elder_week")

    def note(self, kind: str, actor: Actor | None = None, **values: Any) -> str:
        view = self.made.view(self.session, actor or self.member, now=self.now)
        return note_task(view, self.key(), NoteInput(kind=TaskNoteKind(kind), **values), now=self.now)

    def visit(self, *, met: bool, days: int = 0) -> None:
        at = self.now - timedelta(days=days)
        marks = {"met": met, "not_met": not met}
        add_record(self.session, self.versions["elder_visit"], self.person.id, at=at, marks=marks, met=met)


def street(session: Session, now: datetime) -> Street:
    made = world.found(session)
    home = world.add_household(session, world.add_building(session, made, 0, 0), "301")
    home.last_verified_at = now
    person = world.add_resident(session, home, date(1942, 3, 1))
    since = {"valid_from": world.START, "legal_basis": "示例"}
    session.add(Need(resident_id=person.id, kind="living_alone", **since))
    versions = install(session, made, now=now)
    member = world.add_actor(session, made, Role.MEMBER, "G1")
    return Street(session, made, now, person, versions, member)


def test_a_member_has_the_late_visit_with_name_and_door(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        answer = place.list()
        (row,) = answer["rows"]
        assert (row["rule"], row["state"], row["priority"], row["due"]) == (
            "elder_week",
            "overdue",
            1,
            "2026-01-04",
        )
        assert row["subject"]["label"] == "示例甲"
        assert (row["subject"]["unit"], row["subject"]["room"], row["subject"]["floor"]) == ("1", "301", 3)
        assert row["subject"]["building"] == answer["buildings"][0]["id"]
        session.flush()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "tasks:list")).all()
        assert [(entry.count, entry.fields) for entry in entries] == [(1, ["name"])]


def test_a_visit_takes_the_task_from_the_list_for_a_week(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        place.visit(met=True)
        assert place.keys() == []
        assert [row["due"] for row in place.list(day=TODAY + timedelta(days=7))["rows"]] == ["2026-12-01"]


def test_met_nobody_twice_one_does_not_go_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        place.visit(met=False, days=2)
        rows = place.list()["rows"]
        assert {(row["rule"], row["with_others"]) for row in rows} == {
            ("elder_week", False),
            ("not_met_3d", False),
        }
        place.visit(met=False)
        rows = place.list()["rows"]
        assert {(row["rule"], row["priority"], row["with_others"]) for row in rows} == {
            ("elder_week", 1, True),
            ("not_met_3d", 1, True),
        }


def test_without_a_member_the_staff_has_it_and_the_head_sees_it_masked(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        place = street(session, now)
        staff = world.add_actor(session, place.made, Role.STAFF, "G1")
        head = world.add_actor(session, place.made, Role.HEAD)
        assert [place.keys(staff), place.keys(head)] == [[], []]
        for duty in session.scalars(select(Duty).where(Duty.worker_id == place.member.worker_id)):
            duty.valid_to = now - timedelta(days=1)
        session.flush()
        assert [place.keys(staff), place.keys(head)] == [["elder_week"], ["elder_week"]]
        (row,) = place.list(head)["rows"]
        assert (row["has_owner"], row["subject"]["label"]) == (False, "示**")


def test_a_visitor_has_it_while_on_duty_there(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        visitor = world.add_actor(session, place.made, Role.MEMBER, "G1", primary=False)
        other = world.add_actor(session, place.made, Role.MEMBER, "G2")
        assigned = AssignedVisitor(
            resident_id=place.person.id, kind="worker", worker_id=other.worker_id, valid_from=world.START
        )
        session.add(assigned)
        session.flush()
        # Who serves another grid could not even open the door's page.
        assert [place.keys(), place.keys(other)] == [["elder_week"], []]
        assigned.worker_id = visitor.worker_id
        session.flush()
        assert [place.keys(), place.keys(visitor)] == [[], ["elder_week"]]
        session.scalars(select(Duty).where(Duty.worker_id == visitor.worker_id)).one().valid_to = now
        session.flush()
        assert place.keys() == ["elder_week"]


def test_a_no_to_visits_is_no_task(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        asked = {"status": "refused", "text_version": "1", "asked_at": now}
        session.add(Consent(resident_id=place.person.id, purpose="elder_visits", **asked))
        session.flush()
        assert place.keys() == []


def test_a_task_is_put_off_once_and_no_longer_than_two_weeks(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        with pytest.raises(InvalidInput, match="2026-12-08"):
            place.note("postponed", until=date(2026, 12, 9))
        key = place.key()
        place.note("postponed", until=date(2026, 11, 26))
        assert place.keys() == []
        (row,) = place.list(day=date(2026, 11, 26))["rows"]
        assert (row["key"], row["state"], row["due"], row["postponed"]) == (key, "open", "2026-11-26", True)
        view = place.made.view(session, place.member, now=now)
        again = NoteInput(kind=TaskNoteKind.POSTPONED, until=date(2026, 11, 27))
        with pytest.raises(Conflict):
            note_task(view, key, again, now=now)


def test_what_is_impossible_needs_a_reason_and_comes_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        with pytest.raises(InvalidInput, match="reason"):
            place.note("impossible", reason=" ")
        note = place.note("impossible", reason="住院")
        assert session.get_one(TaskNote, note).reason == "住院"
        assert place.keys() == []
        assert [row["rule"] for row in place.list(day=TODAY + timedelta(days=7))["rows"]] == ["elder_week"]


def test_a_task_is_given_to_who_serves_there(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        colleague = world.add_actor(session, place.made, Role.MEMBER, "G1", primary=False)
        stranger = world.add_actor(session, place.made, Role.MEMBER, "G2")
        with pytest.raises(InvalidInput, match="on duty there"):
            place.note("given_to", worker=stranger.worker_id)
        place.note("given_to", worker=colleague.worker_id)
        assert [place.keys(), place.keys(colleague)] == [[], ["elder_week"]]


def test_tasks_of_others_are_none(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        stranger = world.add_actor(session, place.made, Role.MEMBER, "G2")
        with pytest.raises(NotFound):
            place.note("impossible", stranger, reason="x")
        view = place.made.view(session, world.add_actor(session, place.made, Role.LEADER), now=now)
        with pytest.raises(NotAllowed):
            list_work(view, now=now)
        for key in ("", "elder_week", "a|b", f"elder_week|{place.person.id}|2026-11-30"):
            view = place.made.view(session, place.member, now=now)
            with pytest.raises(NotFound):
                note_task(view, key, NoteInput(kind=TaskNoteKind.IMPOSSIBLE, reason="x"), now=now)


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 12, 26)])
def test_a_day_that_is_over_or_far_is_refused(database: Database, now: datetime, day: date) -> None:
    with database.write() as session, pytest.raises(InvalidInput):
        street(session, now).list(day=day)


def test_a_rule_that_changes_in_the_middle_of_a_month_asks_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        place.person.birth_date = date(1950, 1, 1)
        document = {
            "code": "elder_month", "form": "elder_visit", "subject": "person", "counts": "met",
            "priority": 3, "from": "2026-11-20", "who": "${age} >= 60 and ${living_alone}", "month": True,
        }  # fmt: skip
        row = {"code": "elder_month", "owner_area_id": place.made.community, "made_at": now}
        session.add(TaskRuleVersion(number=1, rule=document, valid_from=now - timedelta(days=4), **row))
        session.flush()
        (listed,) = place.list()["rows"]
        assert (listed["key"].split("|")[2], listed["opens"], listed["priority"]) == (
            "2026-11",
            "2026-11-01",
            3,
        )
        place.visit(met=True, days=10)
        assert place.keys() == []
        off = {"number": 2, "rule": document | {"is_on": False}, "valid_from": now}
        session.add(TaskRuleVersion(**off, **row))
        place.session.flush()
        assert place.keys() == []


def test_what_waits_at_a_door_stands_on_its_card(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)

        def told(actor: Actor, reason: str | None = None) -> list[str]:
            view = place.made.view(session, actor, now=now)
            rows = records_of_household(view, place.person.household_id, reason=reason, now=now)["tasks"]
            return [row["rule"] for row in rows]

        head = world.add_actor(session, place.made, Role.HEAD)
        assert "elder_week" in told(place.member)
        assert (told(head), "elder_week" in told(head, "复核")) == ([], True)
        leader = world.add_actor(session, place.made, Role.GRID_LEADER, "G1")
        assert told(leader) == []
        own = replace(place.member, role=Role.RESIDENT, household_id=place.person.household_id)
        assert told(own) == []
        place.visit(met=True)
        assert "elder_week" not in told(place.member)


def counts(place: Street, role: Role = Role.HEAD) -> dict[str, Any]:
    view = place.made.view(place.session, world.add_actor(place.session, place.made, role), now=place.now)
    rows = overdue_by_grid(view)
    assert all(
        row["overdue"] == row["nobody"] + row["impossible"] + row["not_met"] + row["waiting"] for row in rows
    )
    assert [row["code"] for row in rows] == ["G1", "G2", "G3", "G4"]
    return {name: value for name, value in rows[0].items() if value and name not in {"code", "name"}}


def test_what_is_late_is_counted_by_grid_with_the_reason(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        assert counts(place) == {"has_member": True, "overdue": 1, "waiting": 1}
        place.note("impossible", reason="住院")
        assert counts(place, Role.STAFF) == {"has_member": True, "overdue": 1, "impossible": 1}
        session.scalars(select(TaskNote)).one().rule_code = "another"
        for duty in session.scalars(select(Duty).where(Duty.worker_id == place.member.worker_id)):
            duty.valid_to = now - timedelta(days=1)
        session.flush()
        touch(session, [place.made.community])
        assert counts(place) == {"overdue": 1, "nobody": 1}


def test_who_said_no_or_moved_away_is_not_late(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        place.person.lived_to = TODAY - timedelta(days=3)
        session.flush()
        assert counts(place) == {"has_member": True}  # due in January, so that nothing of it is told any more
        place.person.lived_to = None
        asked = {"status": "withdrawn", "text_version": "1", "asked_at": now}
        session.add(Consent(resident_id=place.person.id, purpose="elder_visits", **asked))
        touch(session, [place.made.community])
        assert counts(place) == {"has_member": True, "refused": 1}


def test_counts_of_late_visits_are_for_staff_and_heads(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now)
        with pytest.raises(NotAllowed):
            overdue_by_grid(place.made.view(session, place.member, now=now))
