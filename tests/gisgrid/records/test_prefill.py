"""A form begins with what the register holds, as far as people agreed; what is fresh isn't confirmed anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gisgrid.access.models import AuditEntry, Role
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import Repeat
from gisgrid.people.core.models import Consent, Resident
from gisgrid.records.core.record_models import RecordField
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.entries.corrections import correct_record
from gisgrid.records.prefill.queries import Prefill, prefill
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.records.test_bindings import BOUND, HOME, base, became, bound, home, person, sent, write
from tests.gisgrid.records.test_entries import Field

PHONE = "199-0000-0000"


def opened(place: Field, form: str = "bound_visit", **values: Any) -> Prefill:
    kind = SubjectKind.HOUSEHOLD if form == "bound_check" else SubjectKind.PERSON
    subject = place.home if form == "bound_check" else place.person
    return prefill(place.view, kind, subject, form, **{"now": place.now, **values})


def answer(place: Field, status: str, purpose: str = "elder_visits") -> None:
    asked = {"asked_at": place.now + timedelta(seconds=1), "text_version": "1", "status": status}
    place.session.add(Consent(household_id=place.home, purpose=purpose, **asked))
    place.session.flush()


def later(place: Field, days: int) -> None:
    """Let days pass for the view."""
    at = place.now + timedelta(days=days)
    when = type(place.view.when)(at=at, day=place.view.when.day + timedelta(days=days), is_past=False)
    object.__setattr__(place.view, "when", when)
    place.now = at


def test_values_come_with_what_is_sent_back(database: Database, now: Any) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        told = opened(place)
        assert (told["form"], told["version"], told["consent"], told["is_granted"]) == (
            *("bound_visit", 1, "open"),
            True,
        )
        assert told["closed"] == ["grade"]
        assert told["values"]["phone"] == {
            "value": PHONE,
            "base": base(place, "person.phone", PHONE),
            "confirmed_at": None,
            "is_fresh": False,
        }
        assert list(told["values"]) == ["alone", "phone"]
        assert told["subject"]["label"] == person(place).name
        bases = {name: value["base"] for name, value in told["values"].items()}
        new = write(place, BOUND, {"phone": "199-0000-0001", "alone": "no"}, bases=bases)
        assert set(became(new).values()) == {"written", "confirmed"}
        assert opened(place)["values"]["alone"]["value"] == "no"


def test_only_what_was_asked_is_confirmed(database: Database, now: Any) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        bases = {"phone": base(place, "person.phone", PHONE)}
        assert became(write(place, BOUND, {"phone": PHONE}, bases=bases)) == {"person.phone": "confirmed"}
        first = opened(place)["values"]["phone"]
        assert first["is_fresh"]
        later(place, 179)
        told = opened(place)["values"]["phone"]
        assert (told["is_fresh"], told["confirmed_at"]) == (True, first["confirmed_at"])
        carried = {"day": place.view.when.day, "filled_at": place.now, "bases": bases}
        assert became(write(place, BOUND, {"phone": PHONE}, **carried)) == {}
        assert opened(place)["values"]["phone"]["confirmed_at"] == first["confirmed_at"]
        later(place, 1)
        assert not opened(place)["values"]["phone"]["is_fresh"]
        carried = {"day": place.view.when.day, "filled_at": place.now, "bases": bases}
        assert became(write(place, BOUND, {"phone": PHONE}, **carried)) == {"person.phone": "confirmed"}
        assert opened(place)["values"]["phone"]["is_fresh"]


def test_what_is_carried_along_verifies_no_household(database: Database, now: Any) -> None:
    with database.write() as session:
        place = bound(session, now)
        write(place, HOME, {"kind": "rented"})
        home(place).last_verified_at = None
        bases = {"kind": base(place, "household.kind", "rented", place.home)}
        assert became(write(place, HOME, {"kind": "rented"}, bases=bases)) == {}
        assert home(place).last_verified_at is None
        assert became(write(place, HOME, {"kind": "owned"}, bases=bases)) == {"household.kind": "written"}
        assert len(session.scalars(select(RecordField)).all()) == 2


def test_what_somebody_refused_is_not_asked_in_the_row_and_not_missing(database: Database, now: Any) -> None:
    people = HOME.items[-1]
    assert isinstance(people, Repeat)
    needed = replace(
        people, items=tuple(replace(item, required=parse("true()")) for item in people.items[:4])
    )
    tree = replace(HOME, code="needed", items=(*HOME.items[:-1], needed))
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        install_forms(session, place.view.actor, [FormFile(tree=tree, workbook=tree.code.encode())], now=now)
        row = {"_id": place.person, "name": "示例甲", "born": "1940-01-01", "status": "resident"}
        assert opened(place, "bound_check")["closed_rows"] == {"people": {place.person: [], "": []}}
        with pytest.raises(InvalidInput, match="answer is needed"):
            write(place, tree, {"people": [row]})
        refused = {"asked_at": now, "text_version": "1", "status": "refused"}
        session.add(Consent(resident_id=place.person, purpose="contact", **refused))
        session.flush()
        assert opened(place, "bound_check")["closed_rows"] == {"people": {place.person: ["phone"], "": []}}
        assert write(place, tree, {"people": [row]}).is_new
        with pytest.raises(InvalidInput, match="answer is needed"):
            write(place, tree, {"people": [{**row, "_id": new_id()}]})


def test_people_of_a_household_come_as_rows_as_far_as_each_agreed(database: Database, now: Any) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        of_home = home(place)
        child = world.add_resident(session, of_home, date(2020, 1, 1))
        gone = world.add_resident(session, of_home, date(1960, 1, 1))
        gone.lived_to = date(2025, 1, 1)
        silent = world.add_resident(session, of_home, date(1970, 1, 1))
        refused = world.add_resident(session, of_home, date(1971, 1, 1))
        refused.consent = "refused"
        asked = {"asked_at": now, "text_version": "1", "status": "refused"}
        session.add(Consent(resident_id=silent.id, purpose="contact", **asked))
        session.flush()
        rows = opened(place, "bound_check")["rows"]["people"]
        assert [row["_id"] for row in rows] == [place.person, silent.id]
        assert child.id not in {row["_id"] for row in rows}
        assert set(rows[0]["values"]) == {"name", "born", "status", "phone", "left_on"}
        assert set(rows[1]["values"]) == {"name", "born", "status", "left_on"}
        assert rows[0]["values"]["born"]["value"] == "1940-01-01"
        answers = {"people": [{"_id": place.person, "name": rows[0]["values"]["name"]["value"]}]}
        bases = {f"{place.person}.name": rows[0]["values"]["name"]["base"]}
        assert became(write(place, HOME, answers, bases=bases)) == {"person.name": "confirmed"}
        assert became(write(place, HOME, answers, bases=bases)) == {}


@pytest.mark.parametrize(("status", "state"), [("refused", "refused"), ("withdrawn", "refused")])
def test_after_a_no_nothing_is_told(database: Database, now: Any, status: str, state: str) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        write(place, BOUND, {"phone": PHONE})
        answer(place, status)
        told = opened(place)
        assert (told["consent"], told["is_granted"], told["values"], told["rows"]) == (state, False, {}, {})
        assert told["closed"] == ["alone", "grade", "phone"]


def test_a_head_sees_values_after_a_reason_alone(database: Database, now: Any) -> None:
    with database.write() as session:
        place = bound(session, now, Role.HEAD, "contact")
        name = person(place).name or ""
        told = opened(place)
        assert (told["is_shown"], told["values"], told["rows"]) == (False, {}, {})
        assert name not in str(told)
        shown = opened(place, reason="复核")
        assert (shown["values"]["phone"]["value"], shown["subject"]["label"]) == (PHONE, name)
        entries = select(AuditEntry).where(AuditEntry.action == "records:prefill")
        kept = session.scalars(entries.order_by(AuditEntry.id)).all()
        assert [(entry.object_kind, entry.object_id, entry.reason) for entry in kept] == [
            ("resident", place.person, None),
            ("resident", place.person, "复核"),
        ]
        assert PHONE not in str([entry.details for entry in kept])


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        (Role.GRID_LEADER, NotAllowed),
        (Role.STEWARD, NotAllowed),
        (Role.LEADER, NotAllowed),
        (Role.RESIDENT, NotAllowed),
        (Role.ADMIN, NotAllowed),
        (Role.PROPERTY, NotAllowed),
        (Role.EVALUATOR, NotAllowed),
        (Role.HEAD, None),
        (Role.STAFF, None),
        (Role.MEMBER, None),
    ],
)
def test_who_fills_a_form_may_begin_it(
    database: Database, now: Any, role: Role, refusal: type[Exception] | None
) -> None:
    with database.write() as session:
        place = bound(session, now, role)
        if refusal is None:
            assert opened(place)["form"] == "bound_visit"
        else:
            with pytest.raises(refusal):
                opened(place)


def test_nothing_is_told_of_who_is_not_there(database: Database, now: Any) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        with pytest.raises(NotFound):
            prefill(place.view, SubjectKind.PERSON, new_id(), "bound_visit", now=now)
        with pytest.raises(InvalidInput):
            prefill(place.view, SubjectKind.HOUSEHOLD, place.home, "bound_visit", now=now)
        with pytest.raises(NotFound):
            opened(place, "nothing")
        session.get_one(Resident, place.person).erased_at = now
        with pytest.raises(NotFound):
            opened(place)


def test_a_correction_that_says_the_same_confirms_nothing(database: Database, now: Any) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        first = sent(place, BOUND, {"phone": PHONE, "seen": "yes"})
        place.write(first)
        second = sent(place, BOUND, {"phone": PHONE, "seen": "no"})
        assert became(correct_record(place.view, first.id, second, "听错", now=now)) == {}
