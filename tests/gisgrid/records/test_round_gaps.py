"""What is empty in a table becomes a round for those whom a form can ask, and for nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from data.outward.template import template_file
from gisgrid.access.models import Role
from gisgrid.errors import InvalidInput
from gisgrid.people.core.models import Consent, Resident
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.approvals import ask_approval, decide_approval
from gisgrid.records.outward.runs import OutwardFill, read_fill
from gisgrid.records.outward.sheets import OutwardSheet
from gisgrid.records.outward.templates import TemplateInput, change_sheets, keep_template
from gisgrid.records.rounds.drafts import draft_round
from gisgrid.records.rounds.gaps import gap_forms, gap_round
from gisgrid.records.rounds.queries import one_round
from gisgrid.storage.engine import Database
from tests import world
from tests.data.outward.sheets import write_template
from tests.gisgrid.records.test_five_tables import VISIT, WHY, Desk, furnished

SHEET = OutwardSheet(
    sheet="表一",
    rows=OutwardRows.PERSON,
    columns={"B": "person.name", "C": "last.elder_visit.day", "D": "person.phone", "F": "person.visitor"},
)


def filled(desk: Desk, folder: Path, sheet: OutwardSheet) -> OutwardFill:
    content = write_template(folder / "a.xlsx").read_bytes()
    said = TemplateInput(department="示例", title="登记表", legal_basis="示例依据")
    form = keep_template(desk.view(desk.head), template_file(content, "a.xlsx"), said, now=desk.now)
    change_sheets(desk.view(desk.head), form.code, [sheet], now=desk.now)
    for asked in ask_approval(desk.view(desk.member), form.code, WHY, now=desk.now):
        decide_approval(desk.view(desk.head), form.code, asked.id, is_approved=True, now=desk.now)
    return read_fill(desk.view(desk.member), form.code, WHY, now=desk.now)


def add_neighbour(session: Session, desk: Desk, *, visits: str) -> str:
    """Another elder, whom nobody visited, with an answer to visits."""
    building = world.add_building(session, desk.made, 0, 1, number="2" if visits == "granted" else "3")
    home = world.add_household(session, building, "101")
    person = world.add_resident(session, home, date(1945, 1, 1), name="示例二")
    for purpose, status in (("elder_visits", visits), ("contact", "granted")):
        answer = {"purpose": purpose, "status": status, "text_version": "1", "asked_at": desk.now}
        session.add(Consent(household_id=home.id, **answer))
    session.flush()
    return person.id


def test_who_lacks_what_a_form_asks_is_in_the_round(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as session:
        desk = furnished(session, now)
        desk.note("elder_visit", VISIT)
        neighbour = add_neighbour(session, desk, visits="granted")
        add_neighbour(session, desk, visits="refused")
        staff = world.add_actor(session, desk.made, Role.STAFF, "G1")
        sent = gap_round(desk.view(staff), filled(desk, tmp_path, SHEET))
        assert (sent.form, sent.title, sent.legal_basis) == ("elder_visit", "登记表 · 补采", "示例依据")
        assert sent.selector.ids == (neighbour,), "nobody is asked again who said no"
        assert sent.last_day - sent.first_day == timedelta(days=14)
        row = one_round(desk.view(staff), draft_round(desk.view(staff), sent, now=now))
        assert (row["state"], row["is_list"]) == ("draft", True)


def test_where_no_form_asks_for_it_there_is_no_round(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as session:
        desk = furnished(session, now)
        desk.note("elder_visit", VISIT)
        with pytest.raises(InvalidInput, match="no form asks"):
            gap_round(desk.view(desk.head), filled(desk, tmp_path, SHEET))


def test_each_form_that_asks_for_an_empty_cell_can_be_chosen(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    columns = {"B": "person.name", "C": "last.elder_visit.day", "D": "last.elder_visit.manner"}
    sheet = replace(SHEET, columns=columns | {"E": "last.care_visit.day", "F": "person.phone"})
    with database.write() as session:
        desk = furnished(session, now)
        desk.note("elder_visit", VISIT)
        neighbour = add_neighbour(session, desk, visits="granted")
        person = session.get_one(Resident, neighbour)
        agreed = {"purpose": "sensitive_needs", "status": "granted", "text_version": "1", "asked_at": now}
        session.add(Consent(household_id=person.household_id, **agreed))
        session.flush()
        fill = filled(desk, tmp_path, sheet)
        forms = {row.form: row for row in gap_forms(desk.view(desk.head), fill)}
        visit, care = forms["elder_visit"], forms["care_visit"]
        assert len(forms) == 2
        empty = [row for row in fill.content.rows["表一"] if row.get("person.phone") is None]
        assert visit.cells == 2 + len(empty), "two of the last visit, and phones, which both forms ask for"
        assert neighbour in visit.subjects
        assert care.cells == len(care.subjects) + len(empty)
        assert neighbour in care.subjects
        for form in forms.values():
            sent = gap_round(desk.view(desk.head), fill, form=form.form)
            assert (sent.form, sent.selector.ids) == (form.form, form.subjects)
        assert gap_round(desk.view(desk.head), fill).form == max(forms, key=lambda form: forms[form].cells)
        with pytest.raises(InvalidInput, match="one of these is needed: "):
            gap_round(desk.view(desk.head), fill, form="household_check")
