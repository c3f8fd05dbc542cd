"""Answers that stand for fields of the register reach it as hand edits do, and tell what came of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.errors import InvalidInput
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import Choice, FormSettings, FormTree, Question, Repeat
from gisgrid.people.core.edit_models import FieldClash, RegisterEdit
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.people.edits.fields import FIELDS
from gisgrid.people.edits.values import Value, base_of
from gisgrid.places.models import Household
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.record_models import Record, RecordField
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.entries.corrections import correct_record
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.outcomes import WrittenRecord
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests.gisgrid.records.test_entries import Field, field

YES_NO = (Choice(name="yes"), Choice(name="no"))
BOUND = FormTree(
    code="bound_visit",
    title={"zh": "探访"},
    languages=("zh",),
    settings=FormSettings(subject="person", purpose="elder_visits", legal_basis="探访关爱"),
    choices={"yes_no": YES_NO, "grade": tuple(Choice(name=str(grade)) for grade in range(5))},
    items=(
        Question(name="seen", type="select_one", choices="yes_no", no_consent=True),
        Question(name="alone", type="select_one", choices="yes_no", register="person.need.living_alone"),
        Question(name="grade", type="select_one", choices="grade", register="person.need.ability_grade"),
        Question(name="phone", type="text", register="person.phone", required=parse("true()")),
        Question(name="met", type="calculate", calculation=parse("${seen} = 'yes'"), mark=True),
    ),
)
HOME = FormTree(
    code="bound_check",
    title={"zh": "核实"},
    languages=("zh",),
    settings=FormSettings(subject="household", purpose="registration"),
    choices={"kind": (Choice(name="owned"), Choice(name="rented")), "status": (Choice(name="resident"),)},
    items=(
        Question(name="kind", type="select_one", choices="kind", register="household.kind"),
        Question(name="there", type="select_one", choices="kind"),
        Question(name="verified", type="calculate", calculation=parse("${there} = 'owned'"), mark=True),
        Repeat(
            name="people",
            register="household.persons",
            items=(
                Question(name="name", type="text", register="person.name"),
                Question(name="born", type="date", register="person.birth_date"),
                Question(
                    name="status", type="select_one", choices="status", register="person.residence_status"
                ),
                Question(name="phone", type="text", register="person.phone"),
                Question(name="left_on", type="date", register="person.lived_to"),
            ),
        ),
    ),
)


def bound(session: Session, now: datetime, role: Role = Role.MEMBER, *purposes: str) -> Field:
    place = field(session, now, role=role)
    files = [FormFile(tree=tree, workbook=tree.code.encode()) for tree in (BOUND, HOME)]
    install_forms(session, place.view.actor, files, now=now)
    for purpose in purposes:
        asked = {"asked_at": now, "text_version": "1", "status": "granted"}
        session.add(Consent(household_id=place.home, purpose=purpose, **asked))
    session.flush()
    return place


def sent(place: Field, tree: FormTree, answers: Mapping[str, object], **values: Any) -> RecordInput:
    digest = hashlib.sha256(tree.code.encode()).hexdigest()
    version = place.session.scalars(select(FormVersion.id).where(FormVersion.sha256 == digest)).one()
    usual = place.sent(answers)
    subject = tree.settings.subject
    usual = replace(usual, version_id=version, subject=SubjectKind(subject))
    return replace(usual, subject_id=place.person if subject == "person" else place.home, **values)


def write(place: Field, tree: FormTree, answers: Mapping[str, object], **values: Any) -> WrittenRecord:
    return place.write(sent(place, tree, answers, **values))


def became(written: WrittenRecord) -> dict[str, str]:
    return {row.field: row.became.value for row in written.became}


def person(place: Field) -> Resident:
    return place.session.get_one(Resident, place.person)


def home(place: Field) -> Household:
    return place.session.scalars(select(Household).where(Household.id == place.home)).one()


def base(place: Field, code: str, value: Value, subject: str | None = None) -> str:
    return base_of(place.session, subject or place.person, FIELDS[code], value)


def test_an_answer_confirms_writes_or_meets_a_changed_register(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact", "sensitive_needs")
        old, new = "199-0000-0000", "199-0000-0001"
        bases = {"phone": base(place, "person.phone", old)}
        same = write(place, BOUND, {"seen": "yes", "phone": old}, bases=bases)
        assert became(same) == {"person.phone": "confirmed"}
        assert became(write(place, BOUND, {"phone": new}, bases=bases)) == {"person.phone": "written"}
        assert person(place).phone == new
        late = write(place, BOUND, {"phone": "199-0000-0002"}, bases=bases)
        assert became(late) == {"person.phone": "clash"}
        assert person(place).phone == new
        assert [clash.field for clash in session.scalars(select(FieldClash))] == ["person.phone"]
        assert json.loads(session.get_one(Record, late.id).answers)["phone"] == "199-0000-0002"
        kept = session.scalars(select(RecordField).where(RecordField.record_id == late.id)).one()
        assert (kept.resident_id, kept.household_id, kept.at) == (
            place.person,
            None,
            now - timedelta(minutes=5),
        )


def test_a_need_is_set_with_the_forms_basis_and_ended(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact", "sensitive_needs")
        answers = {"alone": "yes", "grade": "2", "phone": "199-0000-0000"}
        first = write(place, BOUND, answers)
        assert became(first)["person.need.living_alone"] == "written"
        needs = {need.kind: need for need in session.scalars(select(Need))}
        assert (needs["ability_grade"].grade, needs["living_alone"].legal_basis) == (2, "探访关爱")
        again = write(place, BOUND, answers)
        assert set(became(again).values()) == {"confirmed"}
        value = {"grade": None, "since": "2026-01-05", "legal_basis": "x"}
        unseen = {"alone": base(place, "person.need.living_alone", value)}
        assert became(write(place, BOUND, {**answers, "alone": "no"}, bases=unseen))[
            "person.need.living_alone"
        ] == ("clash")


def test_what_nobody_agreed_to_is_neither_asked_nor_kept(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now)
        answers = {"seen": "yes", "alone": "yes", "grade": "4", "phone": "199-0000-0009"}
        written = write(place, BOUND, answers)
        assert became(written) == {
            "person.need.living_alone": "written",
            "person.need.ability_grade": "refused",
            "person.phone": "refused",
        }
        assert json.loads(session.get_one(Record, written.id).answers) == {
            "seen": "yes",
            "alone": "yes",
            "met": True,
        }
        assert person(place).phone == "199-0000-0000"
        assert not session.scalars(select(Need).where(Need.kind == "ability_grade")).all()


def test_after_consent_was_withdrawn_nothing_reaches_the_register(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        bases = {"phone": base(place, "person.phone", "199-0000-0000")}
        asked = {"asked_at": now + timedelta(seconds=1), "text_version": "1", "status": "withdrawn"}
        session.add(Consent(household_id=place.home, purpose="elder_visits", **asked))
        session.flush()
        written = write(place, BOUND, {"seen": "yes", "phone": "199-0000-0003"}, bases=bases)
        assert (written.is_attempt, became(written)) == (True, {"person.phone": "refused"})
        assert person(place).phone == "199-0000-0000"
        assert json.loads(session.get_one(Record, written.id).answers) == {"seen": "yes"}


def test_a_record_confirms_the_household_it_is_about(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now)
        write(place, HOME, {"there": "rented"})
        assert home(place).last_verified_at is None
        write(place, HOME, {"there": "owned"})
        at = now - timedelta(minutes=5)
        assert home(place).last_verified_at == at
        write(place, HOME, {"kind": "rented"}, filled_at=now - timedelta(hours=1))
        assert (home(place).kind, home(place).last_verified_at) == ("rented", at)
        home(place).last_verified_at = None
        assert became(write(place, HOME, {"kind": "rented"})) == {"household.kind": "confirmed"}
        assert home(place).last_verified_at == at


def test_rows_of_people_add_edit_and_let_go(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        added = new_id()
        rows = [
            {"_id": place.person, "name": "改名", "left_on": "2026-01-02"},
            {"_id": added, "name": "新人", "born": "1990-01-01", "status": "resident"},
            {"name": "无号", "born": "1991-01-01", "status": "resident"},
        ]
        bases = {f"{place.person}.name": base(place, "person.name", "示例甲")}
        request = sent(place, HOME, {"people": rows}, bases=bases)
        written = place.write(request)
        assert person(place).name == "改名"
        assert (person(place).lived_to, person(place).leaving) == (date(2026, 1, 2), "moved")
        names = {row.name for row in session.scalars(select(Resident)) if row.id != place.person}
        assert names == {"新人", "无号"}
        told = {(row.person == place.person, row.field, row.became.value) for row in written.became}
        assert (False, "person.birth_date", "written") in told
        assert (True, "person.lived_to", "written") in told
        assert not place.write(request).is_new
        assert len(session.scalars(select(Resident)).all()) == 3
        children = session.scalars(select(Record).where(Record.parent_id == written.id)).all()
        assert {child.resident_id for child in children} >= {place.person, added}


def test_faults_of_the_register_stand_at_their_questions_and_nothing_is_kept(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        rows = [{"_id": place.person, "phone": "x", "left_on": "2009-01-01"}]
        with pytest.raises(InvalidInput) as refused:
            write(place, HOME, {"people": rows})
        assert {fault.field for fault in refused.value.faults} == {
            "answers.people[0].phone",
            "answers.people[0].left_on",
        }
        rows = [{"name": "小人", "born": "2025-01-01", "status": "resident"}]
        with pytest.raises(InvalidInput) as refused:
            write(place, HOME, {"people": rows})
        assert [fault.field for fault in refused.value.faults] == ["answers.people[0].born"]


def test_a_correction_writes_again_over_what_the_record_wrote(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        bases = {"phone": base(place, "person.phone", "199-0000-0000")}
        first = sent(place, BOUND, {"phone": "199-0000-0001"}, bases=bases)
        place.write(first)
        second = sent(place, BOUND, {"phone": "199-0000-0002"})
        written = correct_record(place.view, first.id, second, "听错", now=now)
        assert (became(written), person(place).phone) == ({"person.phone": "written"}, "199-0000-0002")
        assert len(session.scalars(select(RegisterEdit)).all()) == 2


def test_two_visits_running_without_meeting_anybody_are_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        seen = [{"seen": "no"}, {"seen": "yes", "note": "好"}, {"seen": "no"}, {"seen": "no"}]
        counts = []
        for minutes, answers in enumerate(seen):
            filled = now - timedelta(minutes=30 - minutes)
            counts.append(place.write(place.sent(answers, filled_at=filled)).not_met)
        assert counts == [1, 0, 1, 2]


def test_the_form_is_the_reason_of_a_head(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.HEAD, "contact")
        write(
            place,
            BOUND,
            {"phone": "199-0000-0001"},
            bases={"phone": base(place, "person.phone", "199-0000-0000")},
        )
        assert session.scalars(select(RegisterEdit)).one().reason == "探访"
