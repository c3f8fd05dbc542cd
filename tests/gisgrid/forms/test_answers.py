"""Answers of a record: what is asked, what is dropped, what is worked out, and every fault at once."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from gisgrid.errors import InvalidInput
from gisgrid.forms.answers.checks import AnsweredPhoto, CheckedAnswers, check_answers
from gisgrid.forms.tree import FormTree
from gisgrid.forms.tree_json import form_from_json
from tests.gisgrid.forms.trees import VISIT

TODAY = date(2026, 12, 1)
DIGEST = "ab" * 32
WHOLE: dict[str, Any] = {
    "manner": "door",
    "day": "2026-12-01",
    "signs": ["fall"],
    "fall_place": " 卫生间 ",
    "pulse": 72,
    "warmth": 18.5,
    "medicine": [{"drug": "阿司匹林", "times": 1}, {"drug": "二甲双胍", "times": 3}],
    "needs": ["meal"],
    "who": "canteen",
    "phone": "0527-8432 1000",
    "photo": DIGEST,
    "place": {"lon": 118.3, "lat": 33.9, "accuracy": 25},
    "hour": "09:30",
}


@pytest.fixture(scope="module")
def form() -> FormTree:
    return form_from_json(VISIT)


def check(
    form: FormTree, *, is_granted: bool = True, language: str = "zh", **answers: object
) -> CheckedAnswers:
    """Answers checked on the day of the tests."""
    return check_answers(form, answers, today=TODAY, is_granted=is_granted, language=language)


def faults(form: FormTree, *, language: str = "zh", **answers: object) -> dict[str, str]:
    """The faults by field."""
    with pytest.raises(InvalidInput) as refused:
        check(form, language=language, **answers)
    return {str(fault.field): str(fault.message) for fault in refused.value.faults}


def test_whole_answers_are_kept_and_worked_out(form: FormTree) -> None:
    checked = check(form, **WHOLE)
    assert checked.marks == {"met": True, "fell": True}
    assert checked.photos == (AnsweredPhoto(question="photo", digest=DIGEST),)
    assert checked.answers == {**WHOLE, "fall_place": "卫生间", "met": True, "fell": True, "doses": 4}


def test_what_was_sent_for_a_calculation_is_not_believed(form: FormTree) -> None:
    checked = check(form, **{**WHOLE, "met": False, "fell": False, "doses": 99, "thanks": "x"})
    assert checked.answers["doses"] == 4
    assert checked.marks["met"]
    assert "thanks" not in checked.answers


def test_what_is_not_relevant_is_dropped_with_all_that_hangs_on_it(form: FormTree) -> None:
    checked = check(form, **{**WHOLE, "manner": "nobody", "pulse": "no number"})
    kept = {"manner": "nobody", "day": "2026-12-01", "met": False, "doses": 0}
    assert checked.answers == {
        **kept,
        "phone": WHOLE["phone"],
        "photo": DIGEST,
        "place": WHOLE["place"],
        "hour": "09:30",
    }
    assert checked.marks == {"met": False, "fell": False}
    without_fall = check(form, **{**WHOLE, "signs": ["ill"]})
    assert "fall_place" not in without_fall.answers


def test_all_faults_come_at_once_with_the_sentences_of_the_workbook(form: FormTree) -> None:
    answers = copy.deepcopy(WHOLE)
    answers |= {"day": "2026-12-02", "signs": ["none", "fall"], "fall_place": "", "pulse": 7, "who": "helper"}
    answers["medicine"][1] = {"drug": " ", "times": 9}
    assert faults(form, **answers) == {
        "answers.day": "日期不能晚于今天",
        "answers.signs": "“无异常”不能与其他同选",
        "answers.fall_place": "an answer is needed",
        "answers.pulse": "this answer is not taken",
        "answers.medicine[1].drug": "an answer is needed",
        "answers.medicine[1].times": "每天 1 至 8 次",
        "answers.who": "this choice is not offered here",
    }
    assert faults(form, language="en", **answers)["answers.medicine[1].times"] == "1 to 8 times a day"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("manner", 3, "this is no choice"),
        ("manner", "window", "this choice is not offered here"),
        ("signs", "fall", "these are no choices"),
        ("signs", ["fall", "fall"], "these are no choices"),
        ("signs", ["fall", 1], "these are no choices"),
        ("signs", ["gone"], "this choice is not offered here"),
        ("pulse", 70.5, "this is no whole number"),
        ("pulse", "70", "this is no number"),
        ("pulse", True, "this is no number"),
        ("warmth", float("nan"), "this is no number"),
        ("warmth", 10**400, "this is no number"),
        ("day", "2026-02-30", "this is no day"),
        ("day", "2026-12-01T08:00", "this is no day"),
        ("hour", "24:00", "this is no time of the day"),
        ("phone", "x" * 2001, "2001 letters; at most 2000 are taken"),
        ("phone", "\ud83d", "this is no text"),
        ("phone", {"a": 1}, "this is no text"),
        ("photo", "ab", "this is no photo"),
        ("place", {"lon": 181, "lat": 0}, "this is no position"),
        ("place", {"lon": 1}, "this is no position"),
        ("place", {"lon": 1, "lat": True}, "this is no position"),
    ],
)
def test_an_answer_of_another_kind_is_refused(form: FormTree, name: str, value: object, message: str) -> None:
    assert faults(form, **{**WHOLE, name: value})[f"answers.{name}"] == message


def test_names_nobody_asked_for_and_broken_rows_are_refused(form: FormTree) -> None:
    rows: list[object] = [{"drug": "a", "colour": 1, "_id": 7}]
    assert faults(form, **{**WHOLE, "colour": 1, "medicine": rows}) == {
        "answers": "no question is called colour",
        "answers.medicine[0]": "no question is called colour",
        "answers.medicine[0]._id": "this is no name",
    }
    assert faults(form, **{**WHOLE, "medicine": "x"}) == {"answers.medicine": "these are no rows"}
    many = faults(form, **{**WHOLE, "medicine": [{"drug": "a"}] * 51})
    assert many == {"answers.medicine": "51 rows; at most 50 are taken"}
    assert "answers" in faults(form, **{**WHOLE, "medicine": [{"drug": "药" * 1_000}] * 30})


def test_without_consent_only_what_needs_none_is_taken(form: FormTree) -> None:
    checked = check(form, is_granted=False, **WHOLE)
    assert checked.answers == {"manner": "door", "day": "2026-12-01", "met": True}
    assert checked.marks == {"met": True}
    assert checked.photos == ()


def test_rows_keep_whom_they_are_about(form: FormTree) -> None:
    rows = [{"_id": "p1", "drug": "a"}, {"drug": "b", "times": 2}]
    assert check(form, **{**WHOLE, "medicine": rows}).answers["medicine"] == rows


def test_as_many_rows_are_asked_as_the_form_says() -> None:
    items = [
        {"kind": "question", "name": "people", "type": "integer"},
        {
            "kind": "repeat",
            "name": "person",
            "count": ["ref", "people"],
            "items": [
                {"kind": "question", "name": "age", "type": "integer", "required": ["call", "true"]},
                {
                    "kind": "question",
                    "name": "place",
                    "type": "calculate",
                    "calculation": ["call", "position"],
                },
            ],
        },
        {
            "kind": "question",
            "name": "oldest",
            "type": "calculate",
            "calculation": ["call", "max", ["ref", "age"]],
        },
    ]
    counted = form_from_json({**VISIT, "items": items})
    checked = check(counted, people=2, person=[{"age": 8}, {"age": 80}, {"age": 9}])
    assert checked.answers == {
        "people": 2,
        "person": [{"age": 8, "place": 1}, {"age": 80, "place": 2}],
        "oldest": 80,
    }
    assert list(faults(counted, people=2, person=[{"age": 8}])) == ["answers.person[1].age"]
    assert check(counted, person=[{"age": 8}]).answers == {}


def test_a_calculation_can_not_grow_without_end() -> None:
    first = {"kind": "question", "name": "c0", "type": "text"}
    later = [
        {
            "kind": "question",
            "name": f"c{number}",
            "type": "calculate",
            "calculation": ["call", "concat", *[["ref", f"c{number - 1}"]] * 9],
        }
        for number in range(1, 200)
    ]
    growing = form_from_json({**VISIT, "items": [first, *later]})
    assert len(str(check(growing, c0="x" * 2_000).answers["c199"])) == 2_000
