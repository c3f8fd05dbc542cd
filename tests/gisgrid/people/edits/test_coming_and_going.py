"""People added, gone, back; births; new doors; needs; and what is undone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from gisgrid.access.models import Role
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.edit_models import RegisterEdit
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.edits.history import household_changes
from gisgrid.people.edits.household_moves import move_household_out
from gisgrid.people.edits.households import Birth, NewHousehold, add_birth, add_household
from gisgrid.people.edits.needs import end_need, set_need
from gisgrid.people.edits.persons import NewPerson, add_person, come_back, leave
from gisgrid.people.edits.queries import doors_of, household_fields, person_fields
from gisgrid.people.edits.undo import undo_change
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.people.edits.home import Home, became


def person(**values: Any) -> NewPerson:
    usual = {"birth_date": "1980-05-01", "residence_status": "floating", "name": "示例丙", "sex": "m"}
    return NewPerson(**({"id": new_id()} | usual | values))


def test_a_person_is_added_once_and_the_same_again_is_the_same_answer(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        home = Home(session, now)
        home.household.kind = "vacant"
        new = person(phone="199-0000-0007", lived_from="2026-11-01")
        answer = add_person(home.view(), home.household.id, new, now=now)
        assert add_person(home.view(), home.household.id, new, now=now) == answer
        assert (answer["person"], answer["count"]["persons"], home.household.kind) == (new.id, 3, None)
        row = session.get_one(Resident, new.id)
        assert (row.name, row.phone, row.consent, row.residence_status) == (
            *("示例丙", "199-0000-0007"),
            *("granted", "floating"),
        )
        assert row.phone_digest is not None
        for other in (person(id=new.id, name="示例丁"), person(id=home.first.id)):
            with pytest.raises(Conflict, match="something else was sent"):
                add_person(home.view(), home.household.id, other, now=now)
        assert session.scalar(select(func.count()).select_from(Resident)) == 3


def test_all_faults_of_a_new_person_are_said_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now, registration="granted")
        new = person(
            id="X",
            birth_date="2020-01-01",
            residence_status="y",
            sex="z",
            phone="199-0000-0007",
            lived_from="2030-01-01",
            name="9999",
        )
        with pytest.raises(InvalidInput) as raised:
            add_person(home.view(), home.household.id, new, now=now)
        assert {fault.field for fault in raised.value.faults} == {
            *("id", "person.birth_date", "person.residence_status", "person.sex", "person.phone"),
            *("lived_from", "person.name"),
        }
        home.answer("registration", "refused")
        with pytest.raises(InvalidInput, match="refused or withdrawn"):
            add_person(home.view(), home.household.id, person(), now=now)
        assert session.scalar(select(func.count()).select_from(Resident)) == 2


def test_who_moves_out_comes_back_and_who_died_does_not(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        answer = leave(home.view(), home.first.id, "2026-11-20", "moved", now=now)
        assert (answer["count"]["persons"], home.household.vacated_at) == (1, None)
        again = leave(home.view(), home.first.id, "2026-11-20", "moved", now=now)
        assert again["change"] is None
        with pytest.raises(Conflict, match="has left already"):
            leave(home.view(), home.first.id, "2026-11-21", "moved", now=now)
        leave(home.view(), home.second.id, "2026-11-24", "died", now=now)
        session.refresh(home.household)
        assert home.household.vacated_at == now
        assert come_back(home.view(), home.first.id, now=now)["count"]["persons"] == 1
        session.refresh(home.household)
        assert home.household.vacated_at is None
        with pytest.raises(Conflict, match="noted as dead"):
            come_back(home.view(), home.second.id, now=now)
        for day, why in (("2026-11-25", "moved"), ("2009-01-01", "moved"), ("2026-11-24", "gone")):
            with pytest.raises(InvalidInput):
                leave(home.view(), home.first.id, day, why, now=now)


def test_a_birth_raises_the_counts_and_makes_no_entry(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        home.household.people_told = 2
        birth = Birth(id=new_id(), day="2026-11-20")
        answer = add_birth(home.view(), home.household.id, birth, now=now)
        add_birth(home.view(), home.household.id, birth, now=now)
        assert (home.household.minors, home.household.people_told) == (1, 3)
        assert (answer["count"]["agrees"], answer["count"]["minors"]) == (True, 1)
        assert session.scalar(select(func.count()).select_from(Resident)) == 2
        with pytest.raises(Conflict):
            add_birth(home.view(), home.household.id, Birth(id=birth.id, day="2026-11-21"), now=now)
        for change in answer["changes"][1:]:
            undo_change(home.view(), change, now=now)
        assert (home.household.minors, home.household.people_told) == (None, 2)


def test_a_door_is_added_as_an_address(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        building = home.household.building_id
        new = NewHousehold(id=new_id(), unit="1", room="102", kind="vacant")
        answer = add_household(home.view(), building, new, now=now)
        assert add_household(home.view(), building, new, now=now) == answer
        row = session.scalars(select(Household).where(Household.id == new.id)).one()
        assert (row.std_address, row.cell_id, row.consent) == (
            *(home.household.std_address.replace("101", "102"), home.household.cell_id),
            None,
        )
        assert row.vacated_at == now
        doors = doors_of(home.view(), building, now=now)
        assert [(door["room"], door["persons"], door["kind"]) for door in doors] == [
            ("101", 2, None),
            ("102", 0, "vacant"),
        ]
        twin = NewHousehold(id=new_id(), unit="1", room="102")
        with pytest.raises(Conflict, match="has this address"):
            add_household(home.view(), building, twin, now=now)
        with pytest.raises(Conflict, match="something else"):
            add_household(home.view(), building, NewHousehold(id=new.id, room="103"), now=now)
        wrong = NewHousehold(id="1", room=" ", unit="1" * 21, kind="owned")
        with pytest.raises(InvalidInput) as raised:
            add_household(home.view(), building, wrong, now=now)
        assert [fault.field for fault in raised.value.faults] == ["id", "unit", "room", "household.kind"]


def test_needs_are_set_and_ended(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        value = {"grade": 2, "since": "2026-03-01", "legal_basis": "评估"}
        assert became(set_need(home.view(), home.first.id, "ability_grade", value, now=now)) == ["written"]
        assert became(set_need(home.view(), home.first.id, "ability_grade", value, now=now)) == ["confirmed"]
        with pytest.raises(InvalidInput, match="ask first"):
            set_need(home.view(), home.first.id, "living_alone", value, now=now)
        with pytest.raises(InvalidInput, match="no such need"):
            set_need(home.view(), home.first.id, "nothing", value, now=now)
        home.answer("sensitive_needs", "withdrawn")
        assert became(end_need(home.view(), home.first.id, "ability_grade", now=now)) == ["written"]
        assert session.scalars(select(Need).where(Need.valid_to.is_(None))).all() == []


def test_a_change_is_undone_for_a_day_where_nobody_changed_the_field_since(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        home = Home(session, now)
        first = home.edit(home.first, "sex", "m", seen="f")["fields"][0]["change"]
        second = home.edit(home.first, "sex", None, seen="m")["fields"][0]["change"]
        assert first is not None
        assert second is not None
        with pytest.raises(Conflict, match="changed since"):
            undo_change(home.view(), first, now=now)
        undone = undo_change(home.view(), second, now=now)["fields"][0]["change"]
        assert home.first.sex == "m"
        assert session.get_one(RegisterEdit, undone).undoes_id == second
        undo_change(home.view(), first, now=now)
        assert home.first.sex == "f"
        late = now + timedelta(days=1, seconds=1)
        view = home.made.view(session, home.member, now=late)
        assert person_fields(view, home.first.id, now=late)["changes"] == []
        with pytest.raises(Conflict, match="older than a day"):
            undo_change(view, first, now=late)
        gone = leave(home.view(), home.first.id, "2026-11-20", "moved", now=now)["change"]
        undo_change(home.view(), str(gone), now=now)
        assert (home.first.lived_to, home.first.leaving) == (None, None)
        added = add_person(home.view(), home.household.id, person(), now=now)["change"]
        with pytest.raises(Conflict, match="is not undone"):
            undo_change(home.view(), str(added), now=now)


def test_what_a_reader_is_told_goes_by_role_reason_and_consent(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now, registration="granted", contact="refused")
        rows = {row["field"]: row for row in person_fields(home.view(), home.first.id, now=now)["fields"]}
        assert (rows["person.name"]["state"], rows["person.name"]["value"]) == ("open", "示例甲")
        assert (rows["person.phone"]["state"], rows["person.phone"]["value"]) == ("refused", None)
        assert rows["person.need.empty_nest"]["state"] == "not_asked"
        head = world.add_actor(session, home.made, Role.HEAD, "C1")
        masked = household_fields(home.view(head), home.household.id, now=now)
        assert [row["name"] for row in masked["persons"]] == ["示**", "示**"]
        assert {row["value"] for row in masked["fields"]} == {None}
        shown = household_fields(home.view(head), home.household.id, reason="核对", now=now)
        assert {row["name"] for row in shown["persons"]} == {"示例甲", "示例乙"}
        other = world.add_actor(session, home.made, Role.MEMBER, "G2")
        steward = world.add_actor(session, home.made, Role.STEWARD, "G1")
        for actor, error in ((other, NotFound), (steward, NotAllowed)):
            for read in (
                lambda view: household_fields(view, home.household.id, now=now),
                lambda view: person_fields(view, home.first.id, now=now),
                lambda view: doors_of(view, home.household.building_id, now=now),
                lambda view: add_person(view, home.household.id, person(), now=now),
                lambda view: leave(view, home.first.id, "2026-11-20", "moved", now=now),
                lambda view: come_back(view, home.first.id, now=now),
                lambda view: add_birth(
                    view, home.household.id, Birth(id=new_id(), day="2026-11-20"), now=now
                ),
                lambda view: set_need(view, home.first.id, "disabled", None, now=now),
                lambda view: end_need(view, home.first.id, "disabled", now=now),
            ):
                with pytest.raises(error):
                    read(home.view(actor))


def test_a_household_moves_out_in_one_act_and_each_leaving_is_undone(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        home = Home(session, now)
        home.household.people_told, home.household.minors = 3, 1
        left = person()
        add_person(home.view(), home.household.id, left, now=now - timedelta(days=9))
        leave(home.view(), left.id, "2026-11-20", "moved", now=now)
        for day, why in (("2026-12-24", "future"), ("1900-01-01", "lived here")):
            with pytest.raises(InvalidInput):
                move_household_out(home.view(), home.household.id, day, now=now)
            assert home.first.lived_to is None, why
        answer = move_household_out(home.view(), home.household.id, "2026-11-23", now=now)
        ends = {row.id: row.lived_to for row in session.scalars(select(Resident))}
        assert ends == {
            home.first.id: date(2026, 11, 23),
            home.second.id: date(2026, 11, 23),
            left.id: date(2026, 11, 20),
        }
        assert (answer["count"]["persons"], answer["count"]["minors"], answer["count"]["told"]) == (0, 0, 0)
        assert home.household.vacated_at is not None
        assert len(answer["changes"]) == 4
        with pytest.raises(Conflict, match="nobody who is registered"):
            move_household_out(home.view(), home.household.id, "2026-11-23", now=now)
        rows = household_changes(home.view(), home.household.id, now=now)
        assert [row["id"] for row in rows[:4]] == answer["changes"][::-1]
        assert {row["field"] for row in rows} >= {"person.lived_to", "household.minors", "person.added"}
        for change in answer["changes"]:
            undo_change(home.view(), change, now=now)
        count = household_fields(home.view(), home.household.id, now=now)["count"]
        assert (count["persons"], count["minors"], count["told"]) == (2, 1, 3)
        assert (home.first.lived_to, home.household.vacated_at) == (None, None)


def test_the_whole_history_is_told_to_heads_without_values_until_they_say_why(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        home = Home(session, now)
        home.edit(home.first, "name", "示例乙乙", seen="示例甲")
        head = world.add_actor(session, home.made, Role.HEAD)
        later = home.made.view(session, head, now=now + timedelta(days=400))
        told = [household_changes(later, home.household.id, reason=why, now=now) for why in (None, "复核")]
        assert [[row["before"] for row in rows] for rows in told] == [[None], ["示例甲"]]
        outside = world.add_actor(session, home.made, Role.MEMBER, "G2")
        with pytest.raises(NotFound):
            household_changes(home.view(outside), home.household.id, now=now)
        home.answer("registration", "refused")
        rows = household_changes(home.view(), home.household.id, now=now)
        assert all(row["before"] is None for row in rows)
