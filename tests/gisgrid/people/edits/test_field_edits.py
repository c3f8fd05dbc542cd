"""Fields edited by hand: what is written, confirmed or clashes, who may, and what a no takes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.edit_models import FieldClash, RegisterEdit
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.core.phone_digests import phone_digests, same_phone
from gisgrid.people.edits.fields import FIELDS, FieldSubject, FieldType, fields_for
from gisgrid.people.edits.service import FieldEdit, edit_household, edit_person
from gisgrid.people.edits.values import as_json, base_of, check_value, from_json
from gisgrid.people.erasure.blanks import erase_resident
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.people.edits.home import Home, became


def test_two_who_change_different_fields_both_win_and_one_field_clashes(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        home = Home(session, now)
        seen = {"phone": "199-0000-0000", "name": "示例甲"}
        assert became(home.edit(home.first, "phone", "199-0000-0001", seen=seen["phone"])) == ["written"]
        other = world.add_actor(session, home.made, Role.STAFF, "G1")
        assert became(home.edit(home.first, "name", "示例丙", seen=seen["name"], actor=other)) == ["written"]
        answer = home.edit(home.first, "phone", "199-0000-0002", seen=seen["phone"], actor=other)
        assert became(answer) == ["clash"]
        assert became(home.edit(home.first, "phone", "199-0000-0001", seen="x", actor=other)) == ["confirmed"]
        session.expire_all()
        person = session.get_one(Resident, home.first.id)
        assert (person.name, person.phone) == ("示例丙", "199-0000-0001")
        assert person.phone_digest in same_phone(phone_digests(session), "+86 199 0000 0001")
        (clash,) = session.scalars(select(FieldClash))
        assert (clash.id, clash.answer) == (answer["fields"][0]["clash"], '"199-0000-0002"')
        history = session.execute(
            select(
                RegisterEdit.field, RegisterEdit.before, RegisterEdit.after, RegisterEdit.account_id
            ).order_by(RegisterEdit.id)
        ).all()
        assert history == [
            ("person.phone", '"199-0000-0000"', '"199-0000-0001"', home.member.account_id),
            ("person.name", '"示例甲"', '"示例丙"', other.account_id),
        ]


def test_a_digest_stands_for_what_was_seen(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        field = FIELDS["person.sex"]
        base = base_of(session, home.first.id, field, "f")
        assert "f" not in base.partition(":")[0]
        edit = FieldEdit(field=field.code, value="m", base=base)
        assert became(edit_person(home.view(), home.first.id, [edit], now=now)) == ["written"]
        again = FieldEdit(field=field.code, value=None, base=base)
        assert became(edit_person(home.view(), home.first.id, [again], now=now)) == ["clash"]
        other = FieldEdit(field=field.code, value="m", base=base)
        assert became(edit_person(home.view(), home.second.id, [other], now=now)) == ["clash"]


def test_a_household_says_who_lives_there_and_whether_that_agrees(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)

        def count(**values: Any) -> tuple[int | None, int, int, str]:
            seen = {name: getattr(home.household, name) for name in values}
            edits = [
                FieldEdit(field=f"household.{name}", value=value, seen=seen[name])
                for name, value in values.items()
            ]
            told = edit_household(home.view(), home.household.id, edits, now=now)["count"]
            return told["told"], told["persons"], told["minors"], told["why"]

        assert count(kind="owned") == (None, 2, 0, "not_said")
        assert count(people_told=4) == (4, 2, 0, "unregistered")
        assert count(minors=2) == (4, 2, 2, "agrees")
        assert count(people_told=3) == (3, 2, 2, "too_many")
        assert count(kind="vacant")[3] == "vacant_but_lived_in"
        assert home.household.vacated_at is None
        home.answer("registration", "refused", home.second)
        assert count(people_told=5, kind="second_home") == (5, 1, 2, "some_refused")


def test_every_fault_is_said_at_once_and_nothing_is_written(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now, registration="granted", contact="refused")
        head = world.add_actor(session, home.made, Role.HEAD, "C1")
        edits = [
            FieldEdit(field="person.name", value="示例丁", seen="示例甲"),
            FieldEdit(field="person.sex", value="x", seen="f"),
            FieldEdit(field="person.sex", value="m", seen="f"),
            FieldEdit(field="person.phone", value="199-0000-0009", seen=None),
            FieldEdit(field="person.birth_date", value="2020-01-01", seen="1950-01-01"),
            FieldEdit(field="person.residence_status", value=None, seen="registered_here"),
            FieldEdit(field="person.need.living_alone", value=None, seen=None),
            FieldEdit(field="person.lived_to", value={"day": "2009-01-01", "why": "moved"}, seen=None),
            FieldEdit(field="household.kind", value="owned", seen=None),
            FieldEdit(field="person.nothing", value="owned", seen=None),
        ]
        with pytest.raises(InvalidInput) as raised:
            edit_person(home.view(head), home.first.id, edits, now=now)
        faults = {(fault.field, fault.message) for fault in raised.value.faults}
        assert faults == {
            ("reason", "a reason is needed"),
            ("person.sex", "this field is edited twice"),
            ("person.sex", "one of these is needed: f, m"),
            ("person.phone", "consent to this was refused or withdrawn"),
            ("person.birth_date", "who is below 14 is counted with the household and has no entry"),
            ("person.residence_status", "this field can't be empty"),
            ("person.need.living_alone", "nobody has asked for consent to this yet: ask first"),
            ("person.lived_to", "who leaves has lived here before that day"),
            ("household.kind", "there is no such field here"),
            ("person.nothing", "there is no such field here"),
        }
        session.expire_all()
        assert session.get_one(Resident, home.first.id).name == "示例甲"
        assert session.scalars(select(RegisterEdit)).all() == []


@pytest.mark.parametrize(
    ("role", "areas", "error"),
    [
        (Role.MEMBER, ("G1",), None),
        (Role.STAFF, ("G1",), None),
        (Role.HEAD, ("C1",), None),
        (Role.MEMBER, ("G2",), NotFound),
        (Role.STAFF, ("G2",), NotFound),
        (Role.GRID_LEADER, ("G1",), NotAllowed),
        (Role.STEWARD, ("G1",), NotAllowed),
        (Role.LEADER, ("C1",), NotAllowed),
        (Role.ADMIN, ("C1",), NotAllowed),
        (Role.EVALUATOR, ("C1",), NotAllowed),
        (Role.RESIDENT, ("C1",), NotAllowed),
        (Role.PROPERTY, ("C1",), NotAllowed),
        (Role.ORG, ("C1",), NotAllowed),
    ],
)
def test_who_may_edit(
    spatialite: Database, now: datetime, role: Role, areas: tuple[str, ...], error: type[Exception] | None
) -> None:
    with spatialite.write() as session:
        home = Home(session, now)
        actor = world.add_actor(session, home.made, role, *areas, primary=False)
        kind = FieldEdit(field="household.kind", value="rented", seen=None)

        def edit_both() -> None:
            home.edit(home.first, "name", "示例丁", seen="示例甲", actor=actor)
            edit_household(home.view(actor), home.household.id, [kind], reason="核对", now=now)

        if error is None:
            edit_both()
            assert (home.first.name, home.household.kind) == ("示例丁", "rented")
            return
        with pytest.raises(error):
            home.edit(home.first, "name", "示例丁", seen="示例甲", actor=actor)
        with pytest.raises(error):
            edit_household(home.view(actor), home.household.id, [kind], reason="核对", now=now)
        assert (home.first.name, home.household.kind) == ("示例甲", None)


def test_the_trail_has_names_of_fields_and_no_values(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        home.edit(home.first, "phone", "199-0000-0001", seen="199-0000-0000")
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "persons:edit")).one()
        assert (entry.object_kind, entry.object_id, entry.fields, entry.reason) == (
            *("resident", home.first.id),
            *(["person.phone"], "核对"),
        )
        assert "0001" not in str(entry.details)


def test_a_withdrawn_purpose_takes_history_and_clashes_and_another_purpose_stays(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        home = Home(session, now)
        home.edit(home.first, "phone", "199-0000-0001", seen="199-0000-0000")
        home.edit(home.first, "phone", "199-0000-0002", seen="x")
        home.edit(home.second, "phone", "199-0000-0003", seen="199-0000-0000")
        home.edit(home.first, "sex", "m", seen="f")
        contact = FieldEdit(field="household.contact", value="199-0000-0005", seen=None)
        edit_household(home.view(), home.household.id, [contact], now=now)
        home.answer("contact", "withdrawn", home.first)
        assert _kept(session) == {
            ("person.phone", home.second.id): '"199-0000-0003"',
            ("person.sex", home.first.id): '"m"',
            ("household.contact", None): '"199-0000-0005"',
        }
        (clash,) = session.scalars(select(FieldClash))
        assert (clash.state, clash.answer) == ("gone", None)
        home.answer("contact", "refused")
        assert _kept(session) == {("person.sex", home.first.id): '"m"'}
        session.expire_all()
        phones = session.execute(select(Resident.phone, Resident.phone_digest)).all()
        assert (phones, home.household.contact) == ([(None, None)] * 2, None)
        home.answer("registration", "refused")
        assert _kept(session) == {}
        names = session.scalars(select(Resident.name)).all()
        assert names == [None, None]
        with pytest.raises(Conflict, match="has not agreed to be registered"):
            home.edit(home.first, "name", "示例丁", seen=None)


def _kept(session: Session) -> dict[tuple[str, str | None], str | None]:
    rows = session.execute(
        select(RegisterEdit.field, RegisterEdit.resident_id, RegisterEdit.after).where(
            RegisterEdit.after.is_not(None)
        )
    )
    return {(row[0], row[1]): row[2] for row in rows}


def test_an_erased_person_is_not_edited_and_leaves_no_value(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        home.edit(home.first, "phone", "199-0000-0001", seen="199-0000-0000")
        home.edit(home.first, "phone", "199-0000-0002", seen="x")
        erase_resident(session, home.first.id, at=now, tz=world.TZ)
        session.expire_all()
        assert session.get_one(Resident, home.first.id).phone_digest is None
        assert _kept(session) == {}
        assert session.scalars(select(FieldClash.answer)).all() == [None]
        with pytest.raises(Conflict, match="erased"):
            home.edit(home.first, "name", "示例丁", seen=None)


def test_a_need_begins_changes_and_ends_by_day(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        first = {"grade": 1, "since": "2026-01-01", "legal_basis": "评估"}
        second = first | {"grade": 2, "since": "2026-06-01"}
        name = "need.ability_grade"
        assert became(home.edit(home.first, name, first, seen=None)) == ["written"]
        assert became(home.edit(home.first, name, first, seen=None)) == ["confirmed"]
        assert became(home.edit(home.first, name, second, seen=first)) == ["written"]
        assert became(home.edit(home.first, name, first, seen=first)) == ["clash"]
        rows = session.execute(
            select(Need.grade, Need.valid_from, Need.valid_to).order_by(Need.valid_from)
        ).all()
        june = datetime.fromisoformat("2026-06-01T00:00:00+08:00")
        assert [row[0] for row in rows] == [1, 2]
        assert (rows[0][2], rows[1][1], rows[1][2]) == (june, june, None)
        assert became(home.edit(home.first, name, None, seen=second)) == ["written"]
        assert session.scalars(select(Need).where(Need.valid_to.is_(None))).all() == []


SOME_VALUES = st.one_of(
    st.none(),
    st.integers(-5, 200),
    st.text(max_size=60),
    st.sampled_from(["f", "owned", "1950-01-01", "199-0000-0000", "示例甲"]),
    st.dictionaries(
        st.sampled_from(["grade", "since", "legal_basis", "day", "why"]),
        st.one_of(st.none(), st.integers(0, 5), st.sampled_from(["2020-01-01", "moved", "评估"])),
    ),
)


@given(st.sampled_from(sorted(FIELDS)), SOME_VALUES)
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_that_is_taken_stays_as_it_is(code: str, value: Any) -> None:
    """Law: checking is idempotent, and what is kept comes back out of its text."""
    field, today = FIELDS[code], date(2026, 11, 24)
    try:
        checked = check_value(field, value, today=today)
    except InvalidInput:
        return
    assert check_value(field, checked, today=today) == checked
    assert from_json(as_json(checked)) == checked


def test_the_dictionary_covers_its_columns() -> None:
    for field in fields_for(FieldSubject.HOUSEHOLD):
        assert field.column in Household.__table__.columns
    for field in fields_for(FieldSubject.PERSON):
        assert field.type == FieldType.NEED or field.column in Resident.__table__.columns


def test_a_child_is_nobody_to_edit(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        home = Home(session, now)
        child = world.add_resident(session, home.household, (now - timedelta(days=900)).date())
        with pytest.raises(NotFound):
            home.edit(child, "name", "示例丁", seen="示例甲")
