"""Forms handed in over HTTP: every fault at its cell, published by another, what changed hostile books."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from data.forms.built_in.forms import blank_workbook, workbook_of
from gisgrid.access.models import Role
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from tests import world
from tests.data.forms.books import SETTINGS, SURVEY, write_form
from tests.gisgrid.records.test_entries import VISIT
from tests.web.browsing import add_account, add_token, services_of

PATROL = [{**SETTINGS[0], "form_id": "stairs", "subject": "building", "purpose": ""}]


class Desk:
    """A community with staff, two heads, a member and an administrator, and one built-in form."""

    def __init__(self, app: OpenAPI, folder: Path) -> None:
        self.app, self.folder = app, folder
        found = services_of(app)
        with found.database.write() as session:
            made = world.found(session)
            install_forms(session, made.actor, [FormFile(tree=VISIT, workbook=b"visit")], now=found.clock())
            grid = made.areas["G1"]
        roles = {"staff": Role.STAFF, "head": Role.HEAD, "second": Role.HEAD, "admin": Role.ADMIN}
        for name, role in roles.items():
            add_account(app, name, role, area_id=None if role == Role.ADMIN else made.community)
        add_account(app, "member", Role.MEMBER, area_id=grid)
        self.tokens = {name: add_token(app, name) for name in (*roles, "member")}

    def book(self, survey: Sequence[Mapping[str, object]] = SURVEY, **more: Any) -> bytes:
        return write_form(self.folder / "form.xlsx", survey, **more).read_bytes()

    def hand_in(self, workbook: bytes, who: str = "staff") -> Any:
        # Written out: the test client leaves the file open that it puts larger ones into.
        head = 'Content-Disposition: form-data; name="workbook"; filename="form.xlsx"'
        body = b"--xx\r\n%s\r\n\r\n%s\r\n--xx--\r\n" % (head.encode(), workbook)
        return self.app.test_client().post(
            "/api/v1/forms",
            data=body,
            headers=self.tokens[who],
            content_type="multipart/form-data; boundary=xx",
        )

    def ask(self, method: str, path: str, who: str = "head") -> Any:
        return self.app.test_client().open(f"/api/v1/{path}", method=method, headers=self.tokens[who])

    def versions(self, code: str, who: str = "staff") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.ask("GET", f"forms/{code}/versions", who).json["rows"]
        return rows


@pytest.fixture
def desk(app: OpenAPI, tmp_path: Path) -> Desk:
    return Desk(app, tmp_path)


@pytest.fixture
def lite_desk(lite_app: OpenAPI, tmp_path: Path) -> Desk:
    return Desk(lite_app, tmp_path)


def test_a_form_goes_from_draft_to_published_to_retired(desk: Desk) -> None:
    workbook = desk.book(settings=[{**SETTINGS[0], "form_id": "round"}])
    drafted = desk.hand_in(workbook)
    assert drafted.status_code == 201, drafted.text
    assert drafted.json == {
        "code": "round",
        "version": 1,
        "state": "draft",
        "remarks": ["第 12 行读取的是设备信息,已略去"],
    }
    assert desk.ask("GET", "forms/round", "member").status_code == 404
    assert desk.ask("GET", "forms/round?version=1", "staff").json["tree"]["code"] == "round"
    published = desk.ask("POST", "forms/round/versions/1/publish")
    assert published.json == {"code": "round", "version": 1, "state": "published"}
    assert desk.ask("GET", "forms/round", "member").json["version"] == 1
    assert desk.ask("POST", "forms/round/versions/1/publish").status_code == 409
    kept = desk.ask("GET", "forms/round/versions/1/workbook", "staff")
    assert kept.data == workbook
    assert kept.headers["Content-Disposition"] == "attachment; filename=round-1.xlsx"
    assert desk.ask("DELETE", "forms/round/versions/1", "staff").status_code == 409
    assert desk.ask("POST", "forms/round/versions/1/retire").json["state"] == "retired"
    assert desk.ask("GET", "forms/round", "member").status_code == 404
    listed = {row["code"]: row for row in desk.ask("GET", "forms", "staff").json["rows"]}
    assert (listed["round"]["version"], listed["round"]["draft"]) == (None, None)
    assert "round" not in {row["code"] for row in desk.ask("GET", "forms", "member").json["rows"]}


def test_every_fault_stands_at_its_cell(lite_desk: Desk) -> None:
    survey = [
        {"type": "select_one manner", "name": "manner", "label": "方式", "required": "perhaps"},
        {"type": "video", "name": "film", "label": "录像"},
        {"type": "text", "name": "1st", "label": "说明", "relevant": "selected((("},
    ]
    answer = lite_desk.hand_in(lite_desk.book(survey, settings=[{**SETTINGS[0], "subject": "dog"}]))
    assert answer.status_code == 422
    places = {(fault["sheet"], fault.get("row"), fault["field"]) for fault in answer.json["faults"]}
    assert places >= {
        ("survey", 2, "required"),
        ("survey", 3, "type"),
        ("survey", 4, "name"),
        ("survey", 4, "relevant"),
        ("settings", None, "subject"),
    }
    assert all(re.search("[\u4e00-\u9fff]", fault["message"]) for fault in answer.json["faults"])
    assert "表 survey" in answer.json["detail"]


def test_what_a_community_may_not_ask_stands_in_its_settings(lite_desk: Desk) -> None:
    book = lite_desk.book(settings=[{**SETTINGS[0], "purpose": "", "form_id": "x" * 41}])
    answer = lite_desk.hand_in(book)
    assert [(fault["sheet"], fault["row"], fault["field"]) for fault in answer.json["faults"]] == [
        ("settings", 2, "form_id"),
        ("settings", 2, "purpose"),
    ]


def test_nothing_of_a_form_with_faults_is_kept(lite_desk: Desk) -> None:
    assert lite_desk.hand_in(lite_desk.book([{"type": "video", "name": "film"}])).status_code == 422
    with services_of(lite_desk.app).database.read() as session:
        assert session.scalar(select(func.count()).select_from(FieldForm)) == 1


def test_another_publishes_what_holds_personal_data(desk: Desk) -> None:
    book = desk.book(settings=[{**SETTINGS[0], "form_id": "round"}])
    assert desk.hand_in(book, "head").status_code == 201
    assert desk.ask("POST", "forms/round/versions/1/publish", "staff").status_code == 403
    (own,), (others,) = desk.versions("round", "head"), desk.versions("round", "second")
    assert (own["steps"], own["needs_another"]) == (["discard"], True)
    assert (others["steps"], others["needs_another"]) == (["publish", "discard"], False)
    assert desk.ask("POST", "forms/round/versions/1/publish", "head").status_code == 409
    assert desk.ask("POST", "forms/round/versions/1/publish", "second").status_code == 200
    assert desk.versions("round", "staff")[0]["steps"] == []


def test_a_head_publishes_an_own_draft_without_personal_data(desk: Desk) -> None:
    assert desk.hand_in(desk.book(settings=PATROL), "head").status_code == 201
    assert desk.ask("POST", "forms/stairs/versions/1/publish", "head").status_code == 200


def test_a_newer_version_says_what_changed_and_retires_the_older(desk: Desk) -> None:
    desk.hand_in(desk.book(settings=PATROL))
    desk.ask("POST", "forms/stairs/versions/1/publish")
    again = desk.hand_in(desk.book(settings=PATROL))
    assert again.status_code in {201, 409}
    survey = [row for row in SURVEY if row["name" if "name" in row else "type"] != "people"] + [
        {"type": "text", "name": "more", "label": "还有什么"}
    ]
    assert desk.hand_in(desk.book(survey, settings=PATROL)).json["version"] == 2
    newest, first = desk.versions("stairs")
    assert first["changes"] is None
    assert [row["name"] for row in newest["changes"]["added"]] == ["more"]
    assert [row["name"] for row in newest["changes"]["taken"]] == ["people"]
    desk.ask("POST", "forms/stairs/versions/2/publish")
    assert [row["state"] for row in desk.versions("stairs")] == ["published", "retired"]


def test_a_workbook_that_is_published_is_no_draft_again(desk: Desk) -> None:
    book = desk.book(settings=PATROL)
    desk.hand_in(book)
    desk.ask("POST", "forms/stairs/versions/1/publish")
    answer = desk.hand_in(book)
    assert (answer.status_code, answer.json["detail"]) == (409, "这份工作簿已经发布")


def test_a_draft_is_thrown_away_with_its_form(desk: Desk) -> None:
    desk.hand_in(desk.book(settings=PATROL))
    assert desk.ask("DELETE", "forms/stairs/versions/1", "member").status_code == 403
    assert desk.ask("DELETE", "forms/stairs/versions/1", "staff").json == {"code": "stairs", "version": 1}
    assert desk.ask("GET", "forms/stairs/versions", "staff").status_code == 404
    with services_of(desk.app).database.read() as session:
        assert session.scalar(select(func.count()).select_from(FormVersion)) == 1


def test_a_built_in_form_is_not_changed(desk: Desk) -> None:
    book = desk.book(settings=[{**SETTINGS[0], "form_id": VISIT.code}])
    assert desk.hand_in(book).status_code == 409
    assert desk.ask("POST", f"forms/{VISIT.code}/versions/1/retire").status_code == 409
    assert desk.ask("DELETE", f"forms/{VISIT.code}/versions/1", "staff").status_code == 409
    assert desk.versions(VISIT.code, "head")[0]["steps"] == []


def test_an_administrator_learns_only_which_forms_there_are(lite_desk: Desk) -> None:
    assert lite_desk.ask("GET", "forms", "admin").status_code == 200
    for path in (f"forms/{VISIT.code}", f"forms/{VISIT.code}/versions", "form-template"):
        assert lite_desk.ask("GET", path, "admin").status_code == 403
    assert lite_desk.hand_in(blank_workbook(), "admin").status_code == 403


def test_the_blank_form_is_taken_as_it_is(lite_desk: Desk) -> None:
    answer = lite_desk.ask("GET", "form-template", "staff")
    assert answer.data == blank_workbook()
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["说明", "survey", "choices", "settings"]
    heads = {str(cell.value) for cell in book["survey"][1]}
    said = {str(word) for cell in book["说明"]["B"] for word in re.split("[、,]", str(cell.value))}
    assert {head.partition("::")[0] for head in heads} <= {word.partition("::")[0] for word in said}
    assert lite_desk.hand_in(answer.data).json == {
        "code": "my_form",
        "version": 1,
        "state": "draft",
        "remarks": [],
    }
    assert lite_desk.ask("POST", "forms/my_form/versions/1/publish").status_code == 200


def packed(parts: Mapping[str, bytes], whole: bytes | None = None) -> bytes:
    """An archive of some parts, those of a whole workbook beside them."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        if whole is not None:
            with zipfile.ZipFile(io.BytesIO(whole)) as kept:
                for name in set(kept.namelist()) - set(parts):
                    archive.writestr(name, kept.read(name))
        for name, content in parts.items():
            archive.writestr(name, content)
    return sink.getvalue()


HOSTILE = {
    "nothing": b"",
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "another archive": packed({"a.txt": b"a"}),
    "a bomb": packed({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 40_000_000}),
    "too large": b"PK" + b"\0" * (1024 * 1024),
    "cut off": blank_workbook()[:3000],
    "another office file": packed({"word/document.xml": b"<a/>"}),
    "entities": packed(
        {
            "xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        },
        blank_workbook(),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_form_is_refused_with_a_sentence(lite_desk: Desk, name: str) -> None:
    answer = lite_desk.hand_in(HOSTILE[name])
    assert answer.status_code == 422, answer.text
    assert answer.json["faults"][0]["message"]
    assert "tmp" not in answer.text


def test_macros_are_never_run_and_formulas_are_no_texts(lite_desk: Desk) -> None:
    with_macro = packed({"xl/vbaProject.bin": b"macro"}, blank_workbook())
    assert lite_desk.hand_in(with_macro).status_code in {201, 422}
    book = openpyxl.load_workbook(io.BytesIO(blank_workbook()))
    book["survey"]["C2"] = '=HYPERLINK("http://example.org","x")'
    sink = io.BytesIO()
    book.save(sink)
    answer = lite_desk.hand_in(sink.getvalue())
    assert (answer.status_code, answer.json["faults"][0]["row"]) == (422, 2)
    assert "example.org" not in answer.text


def test_ten_thousand_questions_are_refused(lite_desk: Desk) -> None:
    survey = [{"type": "text", "name": f"q{number}", "label": "题"} for number in range(10_000)]
    answer = lite_desk.hand_in(lite_desk.book(survey, settings=PATROL))
    assert answer.status_code == 422
    few = [{"type": "text", "name": f"q{number}", "label": "题"} for number in range(301)]
    assert lite_desk.hand_in(lite_desk.book(few, settings=PATROL)).status_code == 422


def test_labels_are_kept_as_the_texts_they_are(lite_desk: Desk) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    survey = [{"type": "text", "name": "q", "label": hostile}]
    assert lite_desk.hand_in(lite_desk.book(survey, choices=[], settings=PATROL)).status_code == 201
    tree = lite_desk.ask("GET", "forms/stairs?version=1", "staff").json["tree"]
    assert tree["items"][0]["label"] == {"zh": hostile}


def test_the_workbooks_of_the_program_can_be_had(lite_desk: Desk) -> None:
    assert workbook_of("elder_visit").exists()
    assert lite_desk.ask("GET", f"forms/{VISIT.code}/versions/1/workbook", "staff").data == b"visit"
    assert lite_desk.ask("GET", f"forms/{VISIT.code}/versions/9/workbook", "staff").status_code == 404
