"""The list of elders to visit: by a plain program, by role, and in unlucky cases."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.care.worklist import ElderFilter, list_elders
from gisgrid.errors import NotAllowed
from gisgrid.figures.elder_visits import ElderState
from gisgrid.forms.tasks.next_dues import due_after
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Facility
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.care.elders import OLD, VERY_OLD, Elders
from tests.gisgrid.care.visit_oracle import VisitFacts, rule_of, visit_rule

AGREED = {"elder_visits": "granted", "sensitive_needs": "granted"}


def states(elders: Elders, role: Role = Role.STAFF, *grids: str, **wanted) -> dict[str, str]:
    """The state of each person that is listed, in the order of the list."""
    actor = world.add_actor(elders.session, elders.made, role, *(grids or ("G1", "G2", "G3", "G4")))
    view = elders.view(actor)
    answer = list_elders(view, ElderFilter(**wanted), reason="核对", now=elders.now)
    return {row["person"]: str(row["state"]) for row in answer.rows}


def test_the_longest_overdue_stand_first_and_then_the_addresses(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        alone = elders.elder(elders.home(**AGREED), "living_alone", birth=VERY_OLD)
        seen = elders.elder(elders.home(**AGREED), "living_alone", birth=VERY_OLD)
        late = elders.elder(elders.home(**AGREED), "living_alone", birth=VERY_OLD)
        plain = elders.elder(elders.home(**AGREED))
        asked, refused = elders.elder(elders.home()), elders.elder(elders.home(elder_visits="refused"))
        elders.visit(seen, 1)
        elders.visit(late, 20)
        assert list(states(elders).items()) == [
            (alone.id, ElderState.OVERDUE),
            (late.id, ElderState.OVERDUE),
            (seen.id, ElderState.SOON),
            (plain.id, ElderState.NO_RULE),
            (asked.id, ElderState.NOT_ASKED),
            (refused.id, ElderState.REFUSED),
        ]


def test_filters_leave_out_who_refused(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        visited = elders.elder(elders.home(**AGREED))
        lonely = elders.elder(elders.home(**AGREED))
        elders.elder(elders.home(elder_visits="refused"))
        elders.visitor(visited)
        elders.visit(lonely, 29)
        elders.visit(lonely, 3, met=False)
        assert set(states(elders, without_visitor=True)) == {lonely.id}
        assert set(states(elders, unseen_days=30)) == {visited.id}
        assert set(states(elders, unseen_days=29)) == {visited.id, lonely.id}
        assert set(states(elders, grid="G2")) == set()
        assert set(states(elders, state=ElderState.OVERDUE)) == {visited.id}


def test_a_no_hides_what_was_noted_before(database: Database, now: datetime) -> None:
    """Whose consent was taken back is shown as such: neither the last visit nor the visitor."""
    with database.write() as session:
        elders = Elders(session, now)
        person = elders.elder(elders.home(**AGREED), "living_alone", name="示例乙")
        elders.visitor(person)
        elders.visit(person, 2)
        elders.answer("elder_visits", "withdrawn", person=person.id, at=now - timedelta(days=1))
        staff = world.add_actor(session, elders.made, Role.STAFF, "G1")
        view = elders.view(staff)
        (row,) = list_elders(view, ElderFilter(), now=now).rows
        assert row["state"] == ElderState.REFUSED
        hidden = ("met", "due", "visitor", "visitor_kind", "living", "rule")
        assert [row[name] for name in hidden] == [None] * len(hidden)


def test_nobody_is_due_before_the_new_yes(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        person = elders.elder(elders.home(elder_visits="refused"), "living_alone", birth=VERY_OLD)
        elders.answer("elder_visits", "granted", person=person.id, at=now - timedelta(days=1))
        assert states(elders)[person.id] == ElderState.REFUSED  # the household's no speaks for everybody
        household = session.get_one(Resident, person.id).household_id
        elders.answer("elder_visits", "granted", household=household, at=now - timedelta(days=1))
        assert states(elders)[person.id] == ElderState.SOON


def test_each_role_sees_its_own(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        near = elders.elder(elders.home(**AGREED), "living_alone", name="示例甲")
        far = elders.elder(elders.home(3, 0, **AGREED), name="示例丙")
        assert set(states(elders, Role.MEMBER, "G1")) == {near.id}
        assert set(states(elders, Role.STAFF, "G2")) == {far.id}
        assert set(states(elders, Role.HEAD, "G2")) == {near.id, far.id}
        head = elders.view(world.add_actor(session, elders.made, Role.HEAD))
        masked, shown = (
            list_elders(head, ElderFilter(grid="G1"), reason=reason, now=now) for reason in (" ", "核对")
        )
        assert [(row["name"], row["age"], row["living"]) for row in masked.rows] == [("示**", None, None)]
        assert [(row["name"], row["living"]) for row in shown.rows] == [("示例甲", "living_alone")]
        assert (masked.is_shown, shown.is_shown) == (False, True)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "persons:list")).all()
        assert [entry.reason for entry in entries if entry.account_id == head.actor.account_id] == [
            None,
            "核对",
        ]
        for role in set(Role) - {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LOCAL}:
            actor = world.add_actor(session, elders.made, role)
            with pytest.raises(NotAllowed):
                list_elders(elders.view(actor), ElderFilter(), now=now)


def test_who_moved_to_another_grid_is_in_the_list_of_that_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        person = elders.elder(elders.home(**AGREED), "living_alone")
        elders.visit(person, 10)
        home, elsewhere = elders.home(3, 0, **AGREED), session.get_one(Resident, person.id)
        elsewhere.household_id = home.id
        session.flush()
        assert not states(elders, Role.MEMBER, "G1")
        assert set(states(elders, Role.MEMBER, "G2")) == {person.id}


def test_stations_in_reach_are_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        elders.elder(elders.home(**AGREED))
        view = elders.view()
        assert [row["station_m"] for row in list_elders(view, ElderFilter(), now=now).rows] == [None]
        session.add(_station(elders))
        session.flush()
        (row,) = list_elders(elders.view(), ElderFilter(), now=now).rows
        assert row["reached"]
        assert row["station_m"] is not None


def _station(elders: Elders) -> Facility:
    return Facility(
        id=new_id(),
        community_id=elders.made.community,
        type="home_care_station",
        name="示例站",
        position=world.middle(0.2, 0),
    )


def test_pages_hold_everybody_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        home = elders.home(**AGREED)
        people = {elders.elder(home).id for _ in range(53)}
        view = elders.view()
        first, second = (list_elders(view, ElderFilter(), page=page, now=now) for page in (1, 2))
        assert [len(first.rows), len(second.rows), first.total] == [50, 3, 53]
        assert {row["person"] for row in (*first.rows, *second.rows)} == people
        assert len(list_elders(view, ElderFilter(), page=None, now=now).rows) == 53


def test_the_list_is_what_a_plain_program_says(database: Database, now: datetime) -> None:
    dice = random.Random(7)
    with database.write() as session:
        elders = Elders(session, now)
        wanted = {}
        for _ in range(40):
            visits, needs = (dice.choice(["granted", "refused", None, "statutory_duty"]) for _ in range(2))
            answers = {"elder_visits": visits, "sensitive_needs": needs}
            home = elders.home(
                dice.randrange(4), 0, **{key: value for key, value in answers.items() if value}
            )
            kinds = dice.sample(["living_alone", "empty_nest", "ability_grade", "hardship", "no_income"], 2)
            birth = dice.choice([OLD, VERY_OLD])
            person = elders.elder(home, *kinds, birth=birth, grade=dice.choice([0, 1, 2]))
            days = [dice.randrange(1, 200) for _ in range(dice.randrange(3))]
            for ago in days:
                elders.visit(person, ago)
            wanted[person.id] = plain_state(session, elders, person, answers, days)
        assert states(elders) == wanted


def plain_state(session: Session, elders: Elders, person: Resident, answers, days) -> ElderState:
    """How it stands with an elder, worked out one by one."""
    if answers["elder_visits"] is None:
        return ElderState.NOT_ASKED
    if answers["elder_visits"] == "refused":
        return ElderState.REFUSED
    rows = (
        session.connection()
        .exec_driver_sql(
            f"SELECT kind, grade FROM need WHERE resident_id = '{person.id}'"  # noqa: S608 - an id of our own
        )
        .all()
    )
    sensitive = answers["sensitive_needs"] != "refused"  # as tasks go: before somebody is asked needs hold
    known = {kind: grade for kind, grade in rows if sensitive or kind in {"living_alone", "empty_nest"}}
    age = 86 if person.birth_date == VERY_OLD else 76
    facts = VisitFacts(age=age, needs=frozenset(known), grade=known.get("ability_grade"), has_visitor=False)
    rule = visit_rule(facts)
    if rule is None:
        return ElderState.NO_RULE
    last = elders.today - timedelta(days=min(days)) if days else None
    due = due_after(rule_of(rule).schedule, since=rule_of(rule).valid_from, last=last)
    if due < elders.today:
        return ElderState.OVERDUE
    return ElderState.SOON if due <= elders.today + timedelta(days=7) else ElderState.LATER


def test_what_was_found_at_a_visit_is_due_too(database: Database, now: datetime) -> None:
    """Who fell is due within three days, by a rule that holds for anybody and asks for no need."""
    with database.write() as session:
        elders = Elders(session, now)
        person = elders.elder(elders.home(**AGREED))
        elders.visit(person, 1, marks={"met": True, "fell": True})
        staff = world.add_actor(session, elders.made, Role.STAFF, "G1")
        (row,) = list_elders(elders.view(staff), ElderFilter(), now=now).rows
        due = (elders.today + timedelta(days=2)).isoformat()
        assert (row["rule"], row["due"], row["state"]) == ("after_fall", due, ElderState.SOON)


def test_the_statements_do_not_grow_with_the_elders(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        counts = []
        for more in (2, 30):
            home = elders.home(**AGREED)
            for _ in range(more):
                elders.elder(home, "living_alone")
            asked: list[str] = []
            listen = lambda *said: asked.append(said[2])  # noqa: B023, E731
            event.listen(database.engine, "before_cursor_execute", listen)
            list_elders(elders.view(), ElderFilter(), now=now)
            event.remove(database.engine, "before_cursor_execute", listen)
            counts.append(len(asked))
        assert counts[0] == counts[1]
