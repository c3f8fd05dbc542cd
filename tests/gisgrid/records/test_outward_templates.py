"""Workbooks of departments are kept as templates: what heads say by themselves, versions, what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.records.core.outward_models import OutwardForm
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward import templates
from gisgrid.records.outward.fields import read_fields
from gisgrid.records.outward.guesses import RememberedTitles, guess_sheet, plain_title
from gisgrid.records.outward.sheets import ROW_NUMBER, OutwardPeople, OutwardSheet
from gisgrid.records.outward.template_shapes import TemplateFile, TemplateHead, TemplateLead, TemplateSheet
from gisgrid.records.outward.templates import (
    TemplateInput,
    change_sheets,
    close_template,
    keep_template,
    template_bytes,
    template_of,
)
from gisgrid.storage.engine import Database
from tests import world

HEADS = ("序号", "姓 名", "年龄(周岁)", "是否独居", "备注")
SENT = TemplateInput(department="民政科", title="老年人登记表", legal_basis="老年人权益保障法")


def shape(heads: Sequence[str] = HEADS, title: str = "表一") -> TemplateSheet:
    return TemplateSheet(
        title=title,
        heads=[TemplateHead(column=chr(65 + at), title=head) for at, head in enumerate(heads)],
        head_row=3,
        foot_row=7,
        leads=[TemplateLead(cell="B2", label="填报单位"), TemplateLead(cell="D2", label="负责人")],
    )


FILE = TemplateFile(content=b"a workbook", sheets=(shape(),))


def opened(session: Session, now: datetime, role: Role = Role.STAFF) -> View:
    made = world.found(session)
    return made.view(session, world.add_actor(session, made, role, "G1"), now=now)


def test_heads_say_by_themselves_what_they_are(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = opened(session, now)
        form = keep_template(view, FILE, SENT, now=now)
        (sheet,) = template_of(view, form.code).sheets
        assert sheet == OutwardSheet(
            sheet="表一",
            rows=OutwardRows.PERSON,
            people=OutwardPeople.ELDERS,
            columns={"A": ROW_NUMBER, "B": "person.name", "C": "person.age", "D": "person.need.living_alone"},
            cells={"B2": "community.name"},
        )
        assert (form.code, form.number, form.rows, form.purpose) == ("B001", 1, "person", "elder_visits")
        assert template_bytes(view, form) == b"a workbook"
        entries = session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == form.id)).all()
        assert entries == ["outward:keep"]


@pytest.mark.parametrize(
    ("heads", "title", "rows", "people"),
    [
        (("网格", "户数", "60岁以上"), "月报", OutwardRows.GRID, OutwardPeople.EVERYONE),
        (("门牌地址", "单元", "住户类型", "联系人"), "核实", OutwardRows.HOUSEHOLD, OutwardPeople.EVERYONE),
        (("楼栋地址", "小区", "层数"), "楼栋", OutwardRows.BUILDING, OutwardPeople.EVERYONE),
        (("姓名", "住址"), "困难群众台账", OutwardRows.PERSON, OutwardPeople.IN_NEED),
        (("姓名", "住址"), "高龄津贴", OutwardRows.PERSON, OutwardPeople.ELDERS_80),
        (("甲", "乙"), "", OutwardRows.PERSON, OutwardPeople.EVERYONE),
    ],
)
def test_most_heads_say_what_a_row_is(
    spatialite: Database,
    now: datetime,
    heads: Sequence[str],
    title: str,
    rows: OutwardRows,
    people: OutwardPeople,
) -> None:
    with spatialite.write() as session:
        fields = read_fields(opened(session, now))
    guess = guess_sheet(shape(heads), fields, RememberedTitles(), title=title)
    assert (guess.rows, guess.people) == (rows, people)


def test_what_was_answered_is_remembered_for_the_next_template(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = opened(session, now)
        form = keep_template(view, FILE, SENT, now=now)
        (sheet,) = template_of(view, form.code).sheets
        columns = {**sheet.columns, "B": "household.address", "E": "grid.name"}
        told = replace(sheet, columns=columns, cells={"D2": "filler.name"})
        changed = change_sheets(view, form.code, [told], now=now + timedelta(minutes=1))
        assert (changed.number, changed.code) == (2, form.code)
        other = TemplateFile(content=b"another", sheets=(shape(("备 注", "姓名", "年龄")),))
        another = keep_template(view, other, SENT, now=now + timedelta(minutes=2))
        (again,) = template_of(view, another.code).sheets
    assert another.code == "B002"
    assert (again.columns["A"], again.columns["B"]) == ("grid.name", "household.address")
    assert again.cells == {"B2": "community.name", "D2": "filler.name"}


def test_each_change_is_a_new_version_and_none_is_none(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = opened(session, now)
        form = keep_template(view, FILE, SENT, now=now)
        kept = template_of(view, form.code)
        assert change_sheets(view, form.code, kept.sheets, now=now).id == form.id
        newer = replace(FILE, content=b"a newer one")
        again = keep_template(view, newer, replace(SENT, code=form.code, title="新表"), now=now)
        numbers = session.scalars(select(OutwardForm.number).order_by(OutwardForm.number)).all()
        assert (again.number, again.title, [*numbers]) == (2, "新表", [1, 2])
        assert template_bytes(view, template_of(view, form.code).form) == b"a newer one"


def test_what_is_closed_stays_so(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = opened(session, now)
        form = keep_template(view, FILE, SENT, now=now)
        close_template(view, form.code, now=now)
        for act in (
            lambda: close_template(view, form.code, now=now),
            lambda: change_sheets(view, form.code, [], now=now),
            lambda: keep_template(view, FILE, replace(SENT, code=form.code), now=now),
        ):
            with pytest.raises(Conflict, match="closed"):
                act()
        with pytest.raises(NotFound):
            template_of(view, "none")


def test_all_faults_of_a_plan_are_told_at_their_places(database: Database, now: datetime) -> None:
    bad = OutwardSheet(
        sheet="表一",
        rows=OutwardRows.PERSON,
        columns={"Z": "person.name", "B": "person.shoe", "C": "household.contact"},
        cells={"B2": "person.name"},
    )
    with database.write() as session:
        view = opened(session, now)
        form = keep_template(view, FILE, SENT, now=now)
        with pytest.raises(InvalidInput) as raised:
            change_sheets(view, form.code, [bad, bad, replace(bad, sheet="表二")], now=now)
        places = {(fault.file, fault.field) for fault in raised.value.faults}
        assert places == {
            *(("表一", f"columns.{column}") for column in "ZBC"),
            ("表一", "cells.B2"),
            (None, "sheet"),
        }
        assert len(template_of(view, form.code).sheets[0].columns) == 4


def test_what_is_missing_or_too_long_is_told_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = opened(session, now)
        sent = TemplateInput(department=" ", title="x" * 121, legal_basis="", code="../x")
        with pytest.raises(InvalidInput) as raised:
            keep_template(view, FILE, sent, now=now)
        assert {fault.field for fault in raised.value.faults} == {
            "department",
            "title",
            "legal_basis",
            "code",
        }
        assert session.scalars(select(OutwardForm.id)).all() == []


def test_there_are_not_more_than_there_may_be(
    spatialite: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "MOST_TEMPLATES", 1)
    with spatialite.write() as session:
        view = opened(session, now)
        keep_template(view, FILE, SENT, now=now)
        with pytest.raises(Conflict, match="at most 1"):
            keep_template(view, FILE, SENT, now=now)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.LEADER, Role.GRID_LEADER, Role.STEWARD, Role.ADMIN])
def test_staff_and_heads_alone_keep_templates(spatialite: Database, now: datetime, role: Role) -> None:
    with spatialite.write() as session:
        view = opened(session, now, role)
        for act in (
            lambda: keep_template(view, FILE, SENT, now=now),
            lambda: change_sheets(view, "B001", [], now=now),
            lambda: close_template(view, "B001", now=now),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_titles_are_compared_without_what_a_hand_varies() -> None:
    assert plain_title(" 年龄 (周岁)") == plain_title("年龄(周岁)")
    assert plain_title("户籍/常住") == plain_title("户籍/常住")
