"""A workbook is read as the form it says, or refused with every fault at its sheet, row and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.forms.bindings import RegisterColumn
from data.forms.standard_sentences import read_standard_fault
from data.forms.workbook import read_form
from gisgrid.errors import Fault, InvalidInput
from gisgrid.forms.answers.checks import check_answers
from gisgrid.forms.tree import Question, QuestionGroup, Repeat
from gisgrid.forms.tree_json import form_from_json, form_to_json
from tests.conftest import NOW
from tests.data.forms.books import CHOICES, SETTINGS, SURVEY, Rows, write_form

REGISTER = {
    "person.phone": RegisterColumn(types=frozenset({"text"}), purpose="contact"),
    "household.kind": RegisterColumn(
        types=frozenset({"select_one"}), purpose="registration", choices=("owned", "rented")
    ),
    "person.need.hardship": RegisterColumn(
        types=frozenset({"select_one"}), purpose="sensitive_needs", is_sensitive=True
    ),
}


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(InvalidInput) as raised:
        read_form(path, register=REGISTER)
    return list(raised.value.faults)


def with_row(**row: object) -> Rows:
    return [*SURVEY, row]


def test_a_workbook_is_the_form_it_says(tmp_path: Path) -> None:
    reading = read_form(write_form(tmp_path / "a.xlsx"), register=REGISTER)
    tree = reading.tree
    assert (tree.code, tree.languages, tree.title) == ("visit", ("zh", "en"), {"zh": "走访"})
    manner, met, state, medicine, _doses = tree.items
    assert isinstance(manner, Question)
    assert (manner.choices, manner.required, manner.no_consent) == ("manner", ["call", "true"], True)
    assert isinstance(met, Question)
    assert met.mark
    assert isinstance(state, QuestionGroup)
    assert state.relevant == ["ref", "met"]
    assert isinstance(medicine, Repeat)
    assert tree.choices["manner"][1].columns == {"far": "yes"}
    assert [str(remark) for remark in reading.remarks] == ["row 12 tells of the device and is left out"]
    assert form_from_json(form_to_json(tree)) == tree
    answers = {"manner": "home", "people": 2, "medicine": [{"what": "x", "times": 3}]}
    checked = check_answers(tree, answers, today=NOW.date(), is_granted=True, language="zh")
    assert checked.marks == {"met": True}
    assert checked.answers["doses"] == 3


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"type": "audio", "name": "x", "label": "x"}, "type", "the type audio is not taken here"),
        ({"type": "rank manner", "name": "x", "label": "x"}, "type", "is not taken"),
        ({"type": "text", "name": "1x", "label": "x"}, "name", "a name begins with a letter"),
        ({"type": "text", "name": "x", "label": "x", "relevant": "selected((("}, "relevant", "letter"),
        ({"type": "text", "name": "x", "label": "x", "relevant": "now() > 1"}, "relevant", "now()"),
        ({"type": "text", "name": "x", "label": "x", "required": "perhaps("}, "required", "letter"),
        ({"type": "text", "name": "x", "label": "x", "sensitive": "maybe"}, "sensitive", "yes or no"),
        ({"type": "text", "name": "x", "label": "x", "fresh_days": "-3"}, "fresh_days", "number of days"),
        ({"type": "text", "name": "x", "label": "身份证号"}, "label", "numbers of identity cards"),
        ({"type": "end_repeat"}, "type", "no repeat is open here"),
        ({"type": "begin_group", "name": "x"}, "type", "this group has no end"),
        ({"type": "text", "name": "x", "relevant": "${nobody} = 1"}, "x", "no question is called nobody"),
        ({"type": "text", "name": "x", "relevant": "${x} = 1"}, "x", "x waits for itself"),
        ({"type": "text", "name": "x", "relevant": "${times} > 1"}, "x", "times stands in a repeat"),
        ({"type": "text", "name": "manner", "label": "x"}, "manner", "two questions have this name"),
        ({"type": "select_one nowhere", "name": "x", "label": "x"}, "x", "no list of choices nowhere"),
        ({"type": "text", "name": "x", "register": "person.shoe"}, "x", "there is no field person.shoe"),
        ({"type": "date", "name": "x", "register": "person.phone"}, "x", "the field takes: text"),
        ({"type": "select_one manner", "name": "x", "register": "household.kind"}, "x", "those of the field"),
        ({"type": "select_one manner", "name": "x", "register": "person.need.hardship"}, "x", "legal basis"),
    ],
)
def test_what_is_not_taken_is_told_at_its_place(
    tmp_path: Path, row: dict[str, object], column: str, words: str
) -> None:
    faults = faults_of(
        write_form(tmp_path / "a.xlsx", with_row(**{"label": "x", **row} if "name" in row else row))
    )
    told = [fault for fault in faults if words in fault.message]
    assert told, faults
    assert told[0].file == "a.xlsx [survey]"
    assert told[0].field == column
    assert told[0].row in {2, 13}


def test_all_faults_come_together(tmp_path: Path) -> None:
    survey = [
        *SURVEY,
        {"type": "audio", "name": "a"},
        {"type": "text", "name": "b", "label": "b", "relevant": "'x"},
        {"type": "geoshape", "name": "c"},
    ]
    faults = faults_of(write_form(tmp_path / "a.xlsx", survey, settings=[{"form_id": "一"}]))
    assert {(fault.file, fault.row) for fault in faults} == {
        *(("a.xlsx [survey]", row) for row in (13, 14, 15)),
        ("a.xlsx [settings]", None),
    }


def test_the_standard_has_the_last_word(tmp_path: Path) -> None:
    survey = [
        *SURVEY,
        {"type": "text", "name": "x", "label::English (en)": "x", "appearance": "x", "label": ""},
    ]
    write_form(tmp_path / "a.xlsx", survey)
    read_form(tmp_path / "a.xlsx", register=REGISTER)
    nameless = [*CHOICES, {"list_name": "manner", "name": "phone", "label": "两次"}]
    (fault,) = faults_of(write_form(tmp_path / "b.xlsx", choices=nameless))
    assert "two choices have this name" in fault.message
    assert fault.file == "b.xlsx [choices]"


@pytest.mark.parametrize(
    ("row", "sentence", "column"),
    [
        ({"name": "meta"}, "the standard keeps the name meta for itself: choose another", "name"),
        ({"label": ""}, "the question x has neither a label nor a hint", None),
        ({"label": "${nix}"}, "no question is called nix", "label"),
        ({"label": "${ met"}, "a question is named as ${name}: the dollar sign", "label"),
        ({"parameters": "foo=1"}, "there is no parameter foo here; there are: rows", "parameters"),
        ({"parameters": "foo"}, "parameters are written key=value, with a blank", "parameters"),
        ({"type": "image", "parameters": "max-pixels=a"}, "the parameter max-pixels is a whole number", None),
        ({"type": "geopoint", "parameters": "capture-accuracy=a"}, "the parameter capture-accuracy is", None),
        ({"type": "select_one manner", "parameters": "seed=3"}, "a seed needs the parameter randomize", None),
        (
            {"relevance": "1=1", "relevant": "1=1"},
            "relevant and relevance are names of one column",
            None,
        ),
    ],
)
def test_the_commonest_faults_by_the_standard_have_sentences_of_ours(
    tmp_path: Path, row: dict[str, str], sentence: str, column: str | None
) -> None:
    asked = {"type": "text", "name": "x", "label": "x"} | row
    (fault,) = faults_of(write_form(tmp_path / "a.xlsx", [*SURVEY, asked]))
    assert fault.message.startswith(sentence)
    assert fault.file == "a.xlsx [survey]"
    assert fault.row == (13 if "label" in row or "name" in row else fault.row)
    assert column is None or fault.field == column


def test_what_the_standard_says_else_is_quoted() -> None:
    fault = read_standard_fault("[row : 7] On the 'choices' sheet, the 'label' value is odd.")
    assert str(fault.message) == "by the standard: On the 'choices' sheet, the 'label' value is odd."
    assert (fault.sheet, fault.row, fault.column) == ("choices", 7, "label")


def test_a_row_that_asks_nothing_is_a_comment_by_the_standard(tmp_path: Path) -> None:
    noted = [*SURVEY, {"_note": "从这里开始"}, {"type": "text", "name": "later", "label": "之后"}]
    reading = read_form(write_form(tmp_path / "a.xlsx", survey=noted), register=REGISTER)
    assert reading.tree.items[-1].name == "later"
    named = [*SURVEY, {"name": "later", "label": "之后"}]
    (fault,) = faults_of(write_form(tmp_path / "b.xlsx", survey=named))
    assert (fault.row, fault.field, str(fault.message)) == (13, "type", "a question needs a type")


def test_too_many_questions_are_counted(tmp_path: Path) -> None:
    survey = [{"type": "text", "name": f"q{number}", "label": "x"} for number in range(301)]
    assert any(
        "301 questions" in fault.message for fault in faults_of(write_form(tmp_path / "a.xlsx", survey))
    )
    huge = [{"type": "text", "name": f"q{number}", "label": "x"} for number in range(10_000)]
    assert faults_of(write_form(tmp_path / "b.xlsx", huge))


def break_it(sheet: Any) -> None:
    sheet["C2"] = "=A1"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * (2**20 + 1)])
def test_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert len(faults_of(path)) == 1


def test_a_formula_and_a_missing_sheet_are_refused(tmp_path: Path) -> None:
    path = write_form(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    break_it(book["survey"])
    book.save(path)
    assert any("formula" in fault.message and fault.row == 2 for fault in faults_of(path))
    book["survey"].title = "other"
    book.save(path)
    assert "no sheet 'survey'" in faults_of(path)[0].message


def test_settings_are_needed(tmp_path: Path) -> None:
    columns = {fault.field for fault in faults_of(write_form(tmp_path / "a.xlsx", settings=[]))}
    assert columns == {"form_id", "subject"}
    assert SETTINGS
