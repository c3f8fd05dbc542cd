"""Needs that nobody serves and people without aid: by role and kind, by a plain program, in unlucky cases."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.care.need_lists import NeedFilter, unaided_people, unserved_needs
from gisgrid.care.need_services import NewNeedService, set_service
from gisgrid.care.servers import NewServer
from gisgrid.errors import InvalidInput, NotAllowed
from gisgrid.people.core.models import Consent, Resident, ServiceContract
from gisgrid.people.core.rules import ResidenceStatus
from gisgrid.people.edits.fields import NEEDS
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.care.elders import LONG_AGO, OLD, Elders

AGREED = {"elder_visits": "granted", "sensitive_needs": "granted"}
EVERYWHERE = ("G1", "G2", "G3", "G4")


def unserved(elders: Elders, role: Role = Role.STAFF, *grids: str, **wanted: str) -> list[tuple[str, str]]:
    """Person and kind of each need that is listed, in the order of the list."""
    actor = world.add_actor(elders.session, elders.made, role, *(grids or EVERYWHERE))
    answer = unserved_needs(elders.view(actor), NeedFilter(**wanted), reason="核对", now=elders.now)
    assert answer.total == len(answer.rows)
    return [(row["person"], row["kind"]) for row in answer.rows]


def unaided(elders: Elders, role: Role = Role.STAFF, *grids: str) -> list[str]:
    actor = world.add_actor(elders.session, elders.made, role, *(grids or EVERYWHERE))
    answer = unaided_people(elders.view(actor), NeedFilter(), reason="核对", now=elders.now)
    return [row["person"] for row in answer.rows]


def serve(elders: Elders, person: Resident, kind: str) -> None:
    new = NewNeedService(
        server=NewServer(kind="volunteer", name="示例志愿者"), since=elders.today.isoformat()
    )
    assert set_service(elders.view(), person.id, kind, new, now=elders.now)


def contract(elders: Elders, person: Resident, **days: date) -> None:
    org = world.add_actor(elders.session, elders.made, Role.ORG)
    row = ServiceContract(
        id=new_id(),
        account_id=org.account_id,
        resident_id=person.id,
        service="meals",
        from_day=days.get("first", LONG_AGO),
        until_day=days.get("last"),
        made_at=elders.now,
    )
    elders.session.add(row)
    elders.session.flush()


def test_each_way_of_being_served_takes_its_needs_off_the_list(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        person = elders.elder(elders.home(**AGREED), *NEEDS, grade=2)
        assert {kind for _person, kind in unserved(elders)} == set(NEEDS)
        elders.visitor(person)
        left = set(NEEDS) - {"living_alone", "empty_nest"}
        assert {kind for _person, kind in unserved(elders)} == left
        contract(elders, person, last=elders.today - timedelta(days=1))
        contract(elders, person)
        assert {kind for _person, kind in unserved(elders)} == left  # nobody agreed to pass anything on
        elders.answer("contracted_services", "granted", person=person.id)
        left -= {"ability_grade", "disabled"}
        assert (
            {kind for _person, kind in unserved(elders)} == left == {"no_income", "min_allowance", "hardship"}
        )
        serve(elders, person, "hardship")
        assert {kind for _person, kind in unserved(elders)} == left - {"hardship"}
        elders.answer("contracted_services", "withdrawn", person=person.id, at=now)
        assert "disabled" in {kind for _person, kind in unserved(elders)}


def test_who_manages_alone_needs_no_care(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        for grade in (0, 1, 4):
            elders.elder(elders.home(**AGREED), "ability_grade", grade=grade)
        answer = unserved_needs(elders.view(), NeedFilter(), now=now)
        assert sorted(row["grade"] for row in answer.rows) == [1, 4]
        assert answer.counts == {"ability_grade": 2}


@pytest.mark.parametrize("kind", list(NEEDS))
def test_a_need_is_known_by_its_own_purpose_alone(database: Database, now: datetime, kind: str) -> None:
    own = NEEDS[kind].purpose.value
    other = ({"elder_visits", "sensitive_needs"} - {own}).pop()
    with database.write() as session:
        elders = Elders(session, now)
        agreed = elders.elder(elders.home(**{own: "granted"}), kind, grade=2)
        by_law = elders.elder(elders.home(**{own: "statutory_duty"}), kind, grade=2)
        elders.elder(elders.home(**{other: "granted"}), kind, grade=2)
        elders.elder(elders.home(**AGREED | {own: "refused"}), kind, grade=2)
        taken_back = elders.elder(elders.home(**AGREED), kind, grade=2)
        elders.answer(own, "withdrawn", person=taken_back.id, at=now)
        assert set(unserved(elders)) == {(agreed.id, kind), (by_law.id, kind)}
        with pytest.raises(InvalidInput):
            unserved_needs(elders.view(), NeedFilter(kind="wealth"), now=now)


@pytest.mark.parametrize("kind", list(NEEDS))
def test_each_role_has_each_kind_in_its_own_grids(database: Database, now: datetime, kind: str) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        near = elders.elder(elders.home(**AGREED), kind, grade=2)
        far = elders.elder(elders.home(3, 0, **AGREED), kind, grade=2)
        for role in (Role.MEMBER, Role.STAFF):
            assert unserved(elders, role, "G1") == [(near.id, kind)]
            assert unserved(elders, role, "G2") == [(far.id, kind)]
            assert unserved(elders, role, "G3") == []
        assert {person for person, _kind in unserved(elders, Role.HEAD, "G3")} == {near.id, far.id}
        assert unserved(elders, Role.HEAD, grid="G2") == [(far.id, kind)]
        head = elders.view(world.add_actor(session, elders.made, Role.HEAD))
        masked = unserved_needs(head, NeedFilter(), reason=" ", now=now)
        assert (masked.rows, masked.total, masked.counts, masked.is_shown) == ([], 2, {kind: 2}, False)
        for role in set(Role) - {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LOCAL}:
            actor = elders.view(world.add_actor(session, elders.made, role))
            for call in (unserved_needs, unaided_people):
                with pytest.raises(NotAllowed):
                    call(actor, NeedFilter(), reason="核对", now=now)


def test_the_trail_says_who_read_it_and_why(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        elders.elder(elders.home(**AGREED), "no_income")
        head = elders.view(world.add_actor(session, elders.made, Role.HEAD))
        for reason in (None, "核对"):
            for call in (unserved_needs, unaided_people):
                call(head, NeedFilter(), reason=reason, now=now)
        session.flush()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "persons:list")).all()
        told = sorted((entry.reason or "", entry.count, len(entry.fields)) for entry in entries)
        assert told == [("", 0, 0), ("", 0, 0), ("核对", 1, 3), ("核对", 1, 3)]


def test_aid_counts_for_a_year_and_only_what_was_handed_over(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        names = ("never", "handed", "old", "promised", "corrected", "other form")
        people = {name: elders.elder(elders.home(**AGREED), "no_income") for name in names}
        given, promised = {"delivered": True}, {"delivered": False}
        for name, ago, marks in (
            ("handed", 365, given),
            ("old", 366, given),
            ("promised", 3, promised),
            ("corrected", 3, given),
        ):
            elders.visit(people[name], ago, met=None, form="care_visit", marks=marks)
        elders.visit(people["other form"], 3, form="elder_visit", marks=given)
        wrong = elders.visit(people["corrected"], 2, met=None, form="care_visit", marks=given)
        elders.visit(people["corrected"], 2, met=None, form="care_visit", marks=promised, corrects_id=wrong)
        expected = {people[name].id for name in names} - {people["handed"].id, people["corrected"].id}
        assert set(unaided(elders)) == expected
        serve(elders, people["old"], "no_income")
        elders.need(people["old"], "min_allowance")
        rows = {row["person"]: row for row in unaided_people(elders.view(), NeedFilter(), now=now).rows}
        row = rows[people["old"].id]
        assert (row["server"], row["server_name"], row["allowance"]) == ("volunteer", "示例志愿者", True)
        assert row["last_aid"] == (elders.today - timedelta(days=366)).isoformat()
        assert rows[people["never"].id]["last_aid"] is None
        assert unaided(elders, Role.STAFF, "G2") == []


def test_who_is_not_here_is_on_no_list(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        moved, absent, erased, child, refused, ended = (
            elders.elder(elders.home(**AGREED), "no_income", birth=birth)
            for birth in (OLD, OLD, OLD, date(2015, 1, 1), OLD, OLD)
        )
        moved.lived_to = elders.today
        absent.residence_status = ResidenceStatus.ABSENT
        erased.erased_at = now
        refused.consent = "refused"
        session.flush()
        assert unserved(elders) == [(ended.id, "no_income")]
        assert unaided(elders) == [ended.id]
        assert child.id


def test_pages_hold_every_need_once_the_longest_first(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        home = elders.home(**AGREED)
        for number in range(53):
            person = elders.elder(home)
            elders.need(person, "hardship", since=LONG_AGO + timedelta(days=number))
        view = elders.view()
        pages = [unserved_needs(view, NeedFilter(), page=page, now=now) for page in (1, 2, 3)]
        assert [len(page.rows) for page in pages] == [50, 3, 0]
        assert {page.total for page in pages} == {53}
        days = [row["days"] for page in pages for row in page.rows]
        assert days == sorted(days, reverse=True)
        assert len(set(days)) == 53
        assert len(unserved_needs(view, NeedFilter(), page=None, now=now).rows) == 53


def test_the_lists_are_what_a_plain_program_says(database: Database, now: datetime) -> None:
    dice = random.Random(11)
    with database.write() as session:
        elders = Elders(session, now)
        wanted: set[tuple[str, str]] = set()
        for _ in range(40):
            answers = {
                purpose: status
                for purpose in ("elder_visits", "sensitive_needs", "contracted_services")
                if (status := dice.choice(["granted", "refused", None, "statutory_duty"]))
            }
            kinds = dice.sample(sorted(NEEDS), 3)
            grade = dice.choice([0, 1, 2])
            person = elders.elder(elders.home(dice.randrange(4), 0, **answers), *kinds, grade=grade)
            is_visited, is_contracted = dice.random() < 0.4, dice.random() < 0.4
            if is_visited:
                elders.visitor(person)
            if is_contracted:
                contract(elders, person)
            wanted |= {
                (person.id, kind)
                for kind in kinds
                if answers.get(NEEDS[kind].purpose.value) in {"granted", "statutory_duty"}
                and (kind != "ability_grade" or grade)
                and not (is_visited and kind in {"living_alone", "empty_nest"})
                and not (
                    is_contracted
                    and answers.get("contracted_services") == "granted"
                    and kind in {"living_alone", "empty_nest", "ability_grade", "disabled"}
                )
            }
        assert set(unserved(elders)) == wanted
        assert session.scalars(select(Consent.id)).first()


def test_the_statements_do_not_grow_with_the_needs(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        counts = []
        for more in (2, 30):
            _some(session, elders, more)
            asked: list[str] = []
            listen = lambda *said: asked.append(said[2])  # noqa: B023, E731
            event.listen(database.engine, "before_cursor_execute", listen)
            unserved_needs(elders.view(), NeedFilter(), now=now)
            unaided_people(elders.view(), NeedFilter(), now=now)
            event.remove(database.engine, "before_cursor_execute", listen)
            counts.append(len(asked))
        assert counts[0] == counts[1]


def _some(session: Session, elders: Elders, number: int) -> None:
    home = elders.home(**AGREED)
    for _ in range(number):
        elders.elder(home, "no_income", "min_allowance")
    session.flush()
