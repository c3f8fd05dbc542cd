"""Records are read by who serves their subjects today, as far as these agree; an oracle tells which."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.models import UnitCell
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.days import period
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.forms.tree import FormSettings, FormTree, Question
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import OF_PERSONS, SubjectKind
from gisgrid.records.core.subjects import subject_columns
from gisgrid.records.core.validity import is_valid
from gisgrid.records.entries.corrections import correct_record
from gisgrid.records.entries.service import write_record
from gisgrid.records.lists.card import record_of
from gisgrid.records.lists.places import record_places
from gisgrid.records.lists.queries import RecordFilter, list_records, listed
from gisgrid.records.lists.scope import is_agreed_to, record_rows, visible_records
from gisgrid.records.lists.timeline import records_of_household
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.fieldwork import add_form
from tests.gisgrid.records.test_bindings import BOUND, HOME, bound, sent, write
from tests.gisgrid.records.test_entries import VISIT, Field, stored
from tests.gisgrid.records.test_entries import field as one_field

PATROL = FormTree(
    code="patrol",
    title={"zh": "巡查"},
    languages=("zh",),
    settings=FormSettings(subject="building", duties=("building_steward", "grid_leader", "grid_member")),
    items=(Question(name="state", type="text"),),
)
NO = {"refused", "withdrawn"}
ROLES = (Role.HEAD, Role.STAFF, Role.MEMBER, Role.GRID_LEADER, Role.STEWARD, Role.LOCAL)


@dataclass
class Street:
    """Homes in two grids with people, answers and records, and who reads in each role of the first."""

    session: Session
    now: datetime
    views: dict[Role, View] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    homes: list[Household] = field(default_factory=list)
    people: list[Resident] = field(default_factory=list)
    purpose: dict[str, str | None] = field(default_factory=dict)


def street(session: Session, now: datetime, seed: int) -> Street:
    chance = random.Random(seed)
    made = world.found(session)
    trees = (VISIT, HOME, PATROL)
    install_forms(
        session, made.actor, [FormFile(tree=tree, workbook=tree.code.encode()) for tree in trees], now=now
    )
    place = Street(session, now, purpose={tree.code: tree.settings.purpose for tree in trees})
    buildings = [world.add_building(session, made, column, 0, number=str(column)) for column in (0, 2)]
    for building in buildings:
        for room in ("101", "102"):
            home = world.add_household(
                session, building, room, consent=chance.choice(["granted", "granted", "refused"])
            )
            place.homes.append(home)
            place.people += [
                world.add_resident(session, home, date(1940 + count, 1, 1)) for count in range(2)
            ]
    for person in place.people:
        person.consent = chance.choice(["granted", "not_asked", "withdrawn", "granted"])
        person.erased_at = now if chance.random() < 0.2 else None
    for _count in range(12):
        subject = chance.choice([*place.homes, *place.people])
        key = "household_id" if isinstance(subject, Household) else "resident_id"
        asked = {"asked_at": now - timedelta(days=chance.randrange(9)), "text_version": "1"}
        session.add(
            Consent(
                **{key: subject.id},
                purpose="elder_visits",
                status=chance.choice(["granted", "refused"]),
                **asked,
            )
        )
    for role in ROLES:
        areas = () if role == Role.STEWARD else ("G1",)
        place.views[role] = made.view(session, world.add_actor(session, made, role, *areas), now=now)
    digests = {sha_of(code): code for code in place.purpose}
    rows = session.execute(select(FormVersion.sha256, FormVersion.id).where(FormVersion.sha256.in_(digests)))
    versions = {digests[digest]: version for digest, version in rows}
    for _count in range(40):
        kind = chance.choice([SubjectKind.PERSON, SubjectKind.HOUSEHOLD, SubjectKind.BUILDING])
        subjects: dict[SubjectKind, list[Any]] = {
            SubjectKind.PERSON: place.people,
            SubjectKind.HOUSEHOLD: place.homes,
            SubjectKind.BUILDING: buildings,
        }
        code = {"person": "visit", "household": "bound_check", "building": "patrol"}[kind]
        filled = now - timedelta(days=chance.randrange(50))
        row = Record(
            id=new_id(),
            **subject_columns(kind, chance.choice(subjects[kind]).id),
            form_version_id=versions[code],
            form_code=code,
            community_id=made.community,
            cell_id=world.cell_id(session, 3, 3),
            day=filled.astimezone(world.TZ).date(),
            filled_at=filled,
            received_at=filled,
            author_account_id=place.views[chance.choice(ROLES)].actor.account_id,
            answers="{}",
            marks="{}",
            sent="",
            redacted_at=now if chance.random() < 0.1 else None,
        )
        former = chance.choice([None, None, *place.records]) if place.records else None
        taken = {known.corrects_id for known in place.records}
        if former is not None and former.id not in taken and former.form_code == code:
            row.corrects_id = former.id
        session.add(row)
        session.flush()
        place.records.append(row)
    return place


def sha_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def wanted(place: Street, role: Role, first: date) -> list[str]:
    """Which records somebody is told of, worked out one by one, the newest first."""
    view = place.views[role]
    corrected = {row.corrects_id for row in place.records}
    rows = [
        row
        for row in place.records
        if row.id not in corrected
        and row.redacted_at is None
        and row.day >= first
        and is_told(place, view, row)
    ]
    return [row.id for row in sorted(rows, key=lambda row: (row.day, row.filled_at, row.id), reverse=True)]


def is_told(place: Street, view: View, row: Record) -> bool:
    person = next((known for known in place.people if known.id == row.resident_id), None)
    home_id = person.household_id if person else row.household_id
    home = next((known for known in place.homes if known.id == home_id), None)
    role = view.actor.role
    if person is not None and person.erased_at is not None:
        return False
    if home is not None and not agrees(place, home, person, place.purpose[row.form_code] or ""):
        return False
    if role in {Role.GRID_LEADER, Role.STEWARD}:
        return home is None and row.author_account_id == view.actor.account_id
    if role in {Role.HEAD, Role.LOCAL}:
        return True
    if home is not None:
        return home.cell_id in view.own_cells
    cell = select(Building.cell_id).where(Building.id == row.building_id)
    return place.session.scalar(cell) in view.own_cells


def agrees(place: Street, home: Household, person: Resident | None, purpose: str) -> bool:
    if home.consent in NO or (person is not None and person.consent in NO):
        return False
    if purpose == "registration":
        return True
    answers = place.session.scalars(select(Consent).order_by(Consent.asked_at, Consent.id)).all()
    own = [row.status for row in answers if person is not None and row.resident_id == person.id]
    shared = [row.status for row in answers if row.household_id == home.id]
    return not any(said[-1:] and said[-1] in NO for said in (own, shared))


@pytest.mark.parametrize("seed", range(3))
def test_lists_tell_what_a_slow_program_does(database: Database, now: datetime, seed: int) -> None:
    with database.write() as session:
        place = street(session, now, seed)
        seen = 0
        for role in ROLES:
            first = place.views[role].when.day - timedelta(days=30)
            told = list_records(place.views[role], RecordFilter(), now=now)
            assert [row["id"] for row in told["rows"]] == wanted(place, role, first), role
            assert told["total"] == len(told["rows"])
            seen += told["total"]
            for row in place.records:
                if not is_told(place, place.views[role], row):
                    with pytest.raises(NotFound):
                        record_of(place.views[role], row.id, now=now)
        assert seen


def test_a_list_is_narrowed_by_form_grid_and_days(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = street(session, now, 1)
        view = place.views[Role.LOCAL]
        first = view.when.day - timedelta(days=60)
        every = list_records(view, RecordFilter(first=first), now=now)
        parts = [
            list_records(view, RecordFilter(first=view.when.day - timedelta(days=60), grid=code), now=now)[
                "total"
            ]
            for code in ("G1", "G2", "G3")
        ]
        assert (sum(parts), parts[2]) == (every["total"], 0)
        assert all(parts[:2])
        patrols = list_records(view, RecordFilter(form="patrol"), now=now)["rows"]
        assert {row["form"] for row in patrols} == {"patrol"}
        assert list_records(view, RecordFilter(), page=2, now=now)["rows"] == []
        for wrong in (RecordFilter(form="nothing"), RecordFilter(grid="G9")):
            with pytest.raises(NotFound):
                list_records(view, wrong, now=now)
        with pytest.raises(InvalidInput):
            list_records(view, RecordFilter(first=view.when.day, last=date(2020, 1, 1)), now=now)


@pytest.mark.parametrize("seed", range(2))
def test_the_places_of_a_map_hold_the_records_of_the_list(
    database: Database, now: datetime, seed: int
) -> None:
    with database.write() as session:
        place = street(session, now, seed)
        buildings = {row.id: row for row in session.scalars(select(Building))}
        for role in ROLES:
            view = place.views[role]
            listed = list_records(view, RecordFilter(), now=now)
            told = record_places(view, RecordFilter(), now=now)
            assert (told["total"], told["elsewhere"]) == (listed["total"], 0)
            for row in told["rows"]:
                building = buildings[row["id"]]
                lines = list_records(view, RecordFilter(place=row["id"]), now=now)["rows"]
                assert (row["label"], row["records"]) == (building.address, len(lines))
                assert row["last"] == max(line["day"] for line in lines)
                assert row["unmet"] == sum(line["met"] is False for line in lines)
                middle = building.footprint.centroid
                assert (row["lon"], row["lat"]) == pytest.approx((middle.x, middle.y))
            assert sum(row["records"] for row in told["rows"]) == listed["total"]
        with pytest.raises(NotAllowed):
            record_places(replace(view, actor=replace(view.actor, role=Role.LEADER)), RecordFilter(), now=now)


def as_role(place: Field, role: Role, **values: Any) -> View:
    return replace(place.view, actor=replace(place.view.actor, role=role, **values))


def test_a_record_is_opened_with_its_rows_and_its_chain(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        rows = [{"_id": place.person, "phone": "199-0000-0001"}]
        first = sent(place, HOME, {"kind": "owned", "people": rows})
        place.write(first)
        second = sent(place, HOME, {"kind": "rented", "people": rows})
        correct_record(place.view, first.id, second, "听错", now=now)
        told = record_of(place.view, second.id, now=now)
        assert told["answers"] == {"kind": "rented", "verified": False, "people": rows}
        assert [(link["id"], link["reason"]) for link in told["chain"]] == [
            (first.id, None),
            (second.id, "听错"),
        ]
        assert [link["changes"] for link in told["chain"]] == [
            [],
            [{"name": "kind", "before": "owned", "after": "rented"}],
        ]
        cell = session.get_one(Record, second.id).cell_id
        number = session.scalar(select(UnitCell.number).where(UnitCell.id == cell))
        assert told["place"] == {"cell": number, "grid": "G1", "grid_name": "第1网格"}
        assert (told["may_correct"], told["may_redact"], told["line"]["is_correction"]) == (True, False, True)
        assert not record_of(place.view, first.id, now=now)["may_correct"]
        withdrawn = {"asked_at": now + timedelta(seconds=1), "text_version": "1", "status": "withdrawn"}
        session.add(Consent(resident_id=place.person, purpose="contact", **withdrawn))
        session.flush()
        kept = record_of(place.view, second.id, now=now)["answers"] or {}
        assert kept["people"] == [{"_id": place.person}]
        session.get_one(Resident, place.person).erased_at = now
        session.flush()
        assert "people" not in (record_of(place.view, second.id, now=now)["answers"] or {})
        child = session.scalars(select(Record.id).where(Record.parent_id.is_not(None))).first()
        with pytest.raises(NotFound):
            record_of(place.view, child or "", now=now)


def test_a_head_reads_answers_after_a_reason_and_after_a_no(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = one_field(session, now, Role.HEAD)
        place.write(place.sent())
        row = stored(place)
        told = record_of(place.view, row.id, now=now)
        assert (told["is_shown"], told["answers"], told["photos"], told["marks"]) == (False, None, [], {})
        assert told["line"]["subject"]["label"] == "示**"
        opened = record_of(place.view, row.id, reason="复核", now=now)
        assert (opened["answers"] or {})["note"] == "好"
        assert opened["line"]["subject"]["label"] == "示例甲"
        no = {"asked_at": now + timedelta(seconds=1), "text_version": "1", "status": "withdrawn"}
        session.add(Consent(household_id=place.home, purpose="elder_visits", **no))
        session.flush()
        with pytest.raises(NotFound):
            record_of(place.view, row.id, now=now)
        assert record_of(place.view, row.id, reason="复核", now=now)["answers"]
        with pytest.raises(NotFound):
            record_of(as_role(place, Role.MEMBER, areas=place.view.actor.areas), row.id, reason="x", now=now)
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == row.id)).all()
        assert sorted(actions) == ["records:open", "records:open", "records:view", "records:write"]


def test_the_time_line_of_a_household_by_role(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = one_field(session, now)
        place.write(place.sent())
        lines = records_of_household(place.view, place.home, now=now)
        assert [(row["form"], row["by"]) for row in lines["rows"]] == [("visit", "member示例")]
        today = place.view.when.day.isoformat()
        assert lines["last_visit"] == {"day": today, "days": 0}
        leader = records_of_household(as_role(place, Role.GRID_LEADER), place.home, now=now)
        assert (leader["rows"], leader["last_visit"]) == ([], {"day": today, "days": 0})
        head = as_role(place, Role.HEAD)
        assert records_of_household(head, place.home, now=now)["rows"] == []
        assert len(records_of_household(head, place.home, reason="复核", now=now)["rows"]) == 1
        own = as_role(place, Role.RESIDENT, household_id=place.home)
        line = records_of_household(own, place.home, now=now)["rows"][0]
        assert (line["by"], line["met"], line["subject"]["label"]) == (
            *("member示例", None),
            line["subject"]["address"],
        )
        with pytest.raises(NotFound):
            records_of_household(as_role(place, Role.RESIDENT, household_id=new_id()), place.home, now=now)
        with pytest.raises(NotAllowed):
            record_of(own, stored(place).id, now=now)
        for role in (Role.LEADER, Role.EVALUATOR, Role.ADMIN, Role.PROPERTY, Role.ORG):
            with pytest.raises(NotAllowed):
                records_of_household(as_role(place, role), place.home, now=now)
        with pytest.raises(NotFound):
            records_of_household(as_role(place, Role.STEWARD), place.home, now=now)
        no = {"asked_at": now + timedelta(seconds=1), "text_version": "1", "status": "refused"}
        session.add(Consent(household_id=place.home, purpose="elder_visits", **no))
        session.flush()
        after = records_of_household(place.view, place.home, now=now)
        assert (after["rows"], after["last_visit"]) == ([], None)
        assert len(records_of_household(own, place.home, now=now)["rows"]) == 1


def test_who_was_erased_stands_in_no_list(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = bound(session, now, Role.MEMBER, "contact")
        write(place, BOUND, {"seen": "yes", "phone": "199-0000-0000"})
        assert list_records(place.view, RecordFilter(), now=now)["total"] == 1
        session.get_one(Resident, place.person).erased_at = now
        session.flush()
        assert list_records(place.view, RecordFilter(), now=now)["total"] == 0
        assert records_of_household(place.view, place.home, now=now)["rows"] == []
        assert json.loads(stored(place).answers)


def test_after_a_no_only_attempts_since_then_are_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = one_field(session, now)
        place.write(place.sent())
        open_card = records_of_household(place.view, place.home, now=now)
        assert (open_card["refused"], open_card["attempts"]) == ([], [])
        no = {"asked_at": now + timedelta(minutes=1), "text_version": "1", "status": "refused"}
        session.add(Consent(household_id=place.home, purpose="elder_visits", **no))
        session.flush()
        attempt = place.sent({"seen": "no"}, filled_at=now + timedelta(minutes=2))
        write_record(place.view, attempt, now=now + timedelta(minutes=3))
        told = records_of_household(place.view, place.home, now=now)
        day = place.view.when.day.isoformat()
        assert (told["rows"], told["refused"], told["tasks"]) == ([], ["elder_visits"], [])
        assert told["attempts"] == [
            {"day": day, "form": "visit", "title": {"zh": "探访"}, "by": "member示例"}
        ]
        head = as_role(place, Role.HEAD)
        assert records_of_household(head, place.home, now=now)["refused"] == []
        reasoned = records_of_household(head, place.home, reason="复核", now=now)
        assert (len(reasoned["rows"]), reasoned["attempts"]) == (2, [])
        leader = records_of_household(as_role(place, Role.GRID_LEADER), place.home, now=now)
        assert (leader["refused"], leader["attempts"], leader["tasks"]) == ([], [], [])


@pytest.mark.parametrize("role", [Role.HEAD, Role.STAFF, Role.MEMBER, Role.GRID_LEADER, Role.LOCAL])
def test_what_is_looked_at_first_leaves_no_record_out(database: Database, now: datetime, role: Role) -> None:
    with database.write() as session:
        made = world.found(session)
        actor = world.add_actor(session, made, role, "G1")
        add_of_every_kind(session, made, actor.account_id, now)
        view = made.view(session, actor, now=now)
        whole = record_rows().where(visible_records(view), is_agreed_to(), is_valid())
        everything = set(session.scalars(whole.with_only_columns(Record.id)))
        days = period(None, None, today=view.when.day, tz=view.tz, days=31)
        told = set(session.scalars(listed(view, RecordFilter(), days).with_only_columns(Record.id)))
        assert told == everything
        assert len(told) == {Role.GRID_LEADER: 5}.get(role, 7)


def add_of_every_kind(session: Session, made: world.World, author: str | None, now: datetime) -> None:
    """One record about each kind of subject in the first cell."""
    building = world.add_building(session, made, 0, 0)
    home = world.add_household(session, building, "101")
    person = world.add_resident(session, home, date(1940, 1, 1))
    place = {"community_id": made.community, "cell_id": building.cell_id}
    point = Facility(id=new_id(), type="service_station", name="示例点", position=world.middle(0, 0), **place)
    case = Case(
        id=new_id(),
        number="C-1",
        receipt=new_id(),
        category_code="garbage",
        severity="big",
        state="reported",
        source="patrol",
        description="示例",
        reported_at=now,
        **place,
    )
    session.add_all([point, case])
    session.flush()
    subjects = {
        SubjectKind.BUILDING: building.id,
        SubjectKind.FACILITY: point.id,
        SubjectKind.AREA: made.areas["G1"],
        SubjectKind.COMMUNITY: None,
        SubjectKind.PERSON: person.id,
        SubjectKind.HOUSEHOLD: home.id,
        SubjectKind.CASE: case.id,
    }
    for kind, subject in subjects.items():
        version = add_form(session, f"of_{kind.value}", at=now, subject=kind.value)
        form = session.get_one(FieldForm, session.get_one(FormVersion, version).form_id)
        form.purpose = "elder_visits" if kind in OF_PERSONS else None
        session.add(
            Record(
                id=new_id(),
                **subject_columns(kind, subject),
                author_account_id=author,
                form_version_id=version,
                form_code=f"of_{kind.value}",
                community_id=made.community,
                day=now.date(),
                filled_at=now,
                received_at=now,
                answers="{}",
                marks="{}",
                sent="",
            )
        )
    session.flush()
