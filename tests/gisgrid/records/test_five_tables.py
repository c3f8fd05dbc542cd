"""One visit to an elder and the register fill the tables of five departments: cells are counted, not guessed.

A cell that a person would type is every cell of a row but its number, every single cell after a lead word
(填报单位:), and every sum below a column of counts. The words by which heads are known were written after
these five tables had been read; nothing is mapped by hand here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.forms.built_in.forms import built_in_forms
from data.outward.template import template_file
from data.outward.workbooks import WrittenTemplate, write_workbook
from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.people.core.models import Consent, Need
from gisgrid.people.core.purposes import Purpose
from gisgrid.places.models import Facility, FacilityType
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.service import write_record
from gisgrid.records.outward.approvals import ask_approval, decide_approval, needs_approval
from gisgrid.records.outward.runs import read_fill
from gisgrid.records.outward.scope import OutwardRequest
from gisgrid.records.outward.template_queries import open_template
from gisgrid.records.outward.templates import TemplateInput, keep_template
from gisgrid.records.publication.built_in import install_forms
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from gisgrid.welfare.models import AssignedVisitor
from tests import world

TITLES: Final = {
    "1_elders_register": "老年人基本信息登记表",
    "2_visit_record": "特殊困难老年人探访关爱记录表",
    "3_households_check": "实有人口入户核实表",
    "4_hardship_screening": "困难群众排查救助台账",
    "5_community_month": "社区网格工作月报表",
}
VISIT: Final = {
    "seen": "yes",
    "manner": "home",
    "signs": ["none"],
    "hazards": ["gas"],
    "needs": ["meal"],
    "taker": "canteen",
    "next_day": "2026-12-01",
}
CARE: Final = {"occasion": "hardship", "aid_kind": "goods", "given_by": "街道民政科"}
WHY: Final = OutwardRequest(grid="G1", reason="示例")


@dataclass
class Desk:
    """A grid with one elder whom the register knows well, a member who visits, and a head."""

    session: Session
    made: world.World
    now: datetime
    member: Actor
    head: Actor
    person: str

    def view(self, actor: Actor) -> View:
        return self.made.view(self.session, actor, now=self.now)

    def note(self, form: str, answers: Mapping[str, object]) -> None:
        """Fill a form that comes with the program about the elder, as a phone sends it."""
        version = select(FormVersion.id).join(FieldForm).where(FieldForm.code == form)
        sent = RecordInput(
            id=new_id(),
            version_id=self.session.scalars(version).one(),
            subject=SubjectKind.PERSON,
            subject_id=self.person,
            day=day_of(self.now, world.TZ),
            filled_at=self.now - timedelta(minutes=5),
            answers=answers,
        )
        write_record(self.view(self.member), sent, now=self.now)

    def fill(self, name: str, content: bytes) -> tuple[int, int, WrittenTemplate]:
        """Places with a field of all places of a table, by its heads alone, and the table filled."""
        said = TemplateInput(department="示例", title=TITLES[name], legal_basis="示例")
        form = keep_template(self.view(self.head), template_file(content, f"{name}.xlsx"), said, now=self.now)
        opened = open_template(self.view(self.head), form.code, now=self.now)
        if needs_approval(form):
            for asked in ask_approval(self.view(self.member), form.code, WHY, now=self.now):
                decide_approval(self.view(self.head), form.code, asked.id, is_approved=True, now=self.now)
        written = write_workbook(read_fill(self.view(self.member), form.code, WHY, now=self.now))
        return opened["planned"], opened["places"], written


@pytest.fixture(scope="session")
def templates(real_data: Path) -> Path:
    folder = real_data.parent / "templates"
    if not folder.is_dir():
        pytest.skip("the tables of five departments are not here")
    return folder


@pytest.fixture
def desk(database: Database, now: datetime) -> Iterator[Desk]:
    with database.write() as session:
        yield furnished(session, now)


def furnished(session: Session, now: datetime) -> Desk:
    made = world.found(session)
    install_forms(session, made.actor, built_in_forms(), now=now)
    home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
    home.unit, home.kind, home.contact = "1", "owned", "199-0000-0001"
    home.people_told, home.last_verified_at = 1, now
    person = world.add_resident(session, home, date(1940, 3, 1), name="示例一")
    person.phone, person.sex, person.residence_status = "199-0000-0001", "f", "registered_here"
    since = {"valid_from": world.START, "legal_basis": "示例"}
    needs = {"living_alone": None, "hardship": None, "min_allowance": None, "ability_grade": 2}
    for kind, grade in needs.items():
        session.add(Need(resident_id=person.id, kind=kind, grade=grade, **since))
    for purpose in set(Purpose) - {Purpose.REGISTRATION}:
        answer = {"purpose": purpose, "status": "granted", "text_version": "1", "asked_at": now}
        session.add(Consent(household_id=home.id, **answer))
    member = world.add_actor(session, made, Role.MEMBER, "G1")
    at = {"valid_from": world.START}
    session.add(AssignedVisitor(resident_id=person.id, kind="worker", worker_id=member.worker_id, **at))
    station = {"type": FacilityType.HOME_CARE_STATION, "name": "示例服务站", "position": home.position}
    session.add(Facility(id=new_id(), community_id=made.community, **station))
    session.flush()
    return Desk(session, made, now, member, world.add_actor(session, made, Role.HEAD), person.id)


@dataclass(frozen=True)
class Measure:
    """Of a table: places that its heads explain, all its places, cells filled, cells to type."""

    planned: int
    places: int
    filled: int
    cells: int


def measure(desk: Desk, templates: Path, name: str) -> Measure:
    planned, places, written = desk.fill(name, (templates / f"{name}.xlsx").read_bytes())
    counts = written.counts
    assert counts.rows == 1
    assert counts.no_consent == 0
    return Measure(planned, places, counts.prefilled, counts.cells)


def test_one_visit_and_the_register_fill_four_fifths_of_five_tables(desk: Desk, templates: Path) -> None:
    desk.note("elder_visit", VISIT)
    measured = {name: measure(desk, templates, name) for name in TITLES}
    assert measured == {
        "1_elders_register": Measure(16, 18, 15, 17),  # a remark, and who is in charge
        "2_visit_record": Measure(17, 17, 16, 16),
        "3_households_check": Measure(15, 15, 12, 14),  # why unregistered (it is registered), who checked
        "4_hardship_screening": Measure(15, 15, 11, 14),  # which help, by whom and when: see below
        "5_community_month": Measure(16, 16, 29, 29),
    }
    filled, cells = sum(row.filled for row in measured.values()), sum(row.cells for row in measured.values())
    assert (filled, cells) == (83, 90)
    assert [name for name, row in measured.items() if row.filled < 0.8 * row.cells] == [
        "4_hardship_screening"
    ]


def test_help_stands_in_the_table_of_hardship_once_a_visit_of_care_tells_it(
    desk: Desk, templates: Path
) -> None:
    desk.note("elder_visit", VISIT)
    desk.note("care_visit", CARE)
    assert measure(desk, templates, "4_hardship_screening") == Measure(15, 15, 14, 14)


def test_without_a_visit_the_table_of_visits_lists_nobody(desk: Desk, templates: Path) -> None:
    _planned, _places, written = desk.fill("2_visit_record", (templates / "2_visit_record.xlsx").read_bytes())
    assert written.counts.rows == 0
