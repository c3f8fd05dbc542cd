"""The forms that come with the program: what people answer at a door, and which marks follow from it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hatchling.builders.wheel import WheelBuilder

from data.forms.built_in.forms import CODES, built_in_forms, rows_of, workbook_of
from gisgrid.errors import InvalidInput
from gisgrid.forms.answers.checks import CheckedAnswers, check_answers
from gisgrid.forms.tasks.shipped import shipped_rules
from gisgrid.forms.tree import FormTree, questions_of
from gisgrid.records.publication.drafts import form_faults

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 12, 2)
EVERY = {"zh", "en"}


@pytest.fixture(scope="module")
def trees() -> dict[str, FormTree]:
    return {file.tree.code: file.tree for file in built_in_forms()}


def checked(tree: FormTree, answers, *, is_granted: bool = True) -> CheckedAnswers:
    return check_answers(tree, answers, today=TODAY, is_granted=is_granted, language="zh")


def marks(tree: FormTree, answers, *, is_granted: bool = True) -> set[str]:
    truths = checked(tree, answers, is_granted=is_granted).marks
    return {name for name, is_so in truths.items() if is_so}


def fields_of(tree: FormTree, answers) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        checked(tree, answers)
    return [str(fault.field) for fault in refused.value.faults]


def test_the_workbooks_say_what_the_rows_say() -> None:
    for code in CODES:
        book = openpyxl.load_workbook(workbook_of(code))
        assert book.sheetnames == ["survey", "choices", "settings"]
        for name, rows in rows_of(code).items():
            cells = [[cell or "" for cell in row] for row in book[name].iter_rows(values_only=True)]
            assert cells == rows, (code, name)


def test_every_form_is_taken_by_its_own_code() -> None:
    files = built_in_forms()
    assert [file.tree.code for file in files] == list(CODES)
    assert [form_faults(file) for file in files] == [[]] * len(files)


def test_a_form_that_is_there_already_is_not_read_again() -> None:
    first, *others = built_in_forms()
    assert built_in_forms(known={file.sha256 for file in others}) == [first]


def test_the_wheel_holds_workbooks_and_rows() -> None:
    files = {Path(file.distribution_path) for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    folder = Path("data/forms/built_in")
    wanted = {folder / f"{code}.xlsx" for code in CODES}
    wanted |= {
        folder / code / f"{sheet}.csv" for code in CODES for sheet in ("survey", "choices", "settings")
    }
    assert wanted <= files


def test_everything_is_said_in_both_languages(trees) -> None:
    for tree in trees.values():
        assert set(tree.title) == EVERY
        assert [row for rows in tree.choices.values() for row in rows if set(row.label) != EVERY] == []
        asked = [question for question in questions_of(tree.items) if question.type != "calculate"]
        assert [question.name for question in asked if set(question.label) != EVERY] == []
        for question in asked:
            assert all(set(text) == EVERY for text in (question.hint, question.constraint_message) if text)


def test_the_marks_of_shipped_rules_are_in_their_forms(trees) -> None:
    for row in shipped_rules():
        rule, tree = row.rule, trees[row.rule.form]
        assert rule.subject == tree.settings.subject
        assert rule.counts is None or rule.counts in mark_names(tree)
    waited = {rule.rule.schedule.mark for rule in shipped_rules() if hasattr(rule.rule.schedule, "mark")}
    assert waited <= {name for tree in trees.values() for name in mark_names(tree)}


def mark_names(tree: FormTree) -> set[str]:
    return {question.name for question in questions_of(tree.items) if question.mark}


def test_nobody_has_to_hand_in_a_position_or_a_photo_and_reads_what_it_is_for(trees) -> None:
    asked = [
        question
        for tree in trees.values()
        for question in questions_of(tree.items)
        if question.type in {"geopoint", "image"}
    ]
    assert len(asked) == 8
    for question in asked:
        assert question.required is None
        assert "只用于" in question.hint["zh"]
        assert "删除" in question.hint["zh"]


def test_what_a_no_leaves_of_a_form(trees) -> None:
    left = {
        code: {question.name for question in questions_of(tree.items) if question.no_consent}
        for code, tree in trees.items()
        if tree.settings.purpose
    }
    assert left == {
        "elder_visit": {"seen", "met", "not_met", "manner", "day"},
        "household_check": {"outcome", "met", "verified"},
        "visit5": {"manner", "met"},
        "visit5_feedback": set(),
        "care_visit": set(),
    }


def test_forms_without_persons_have_no_purpose_and_name_who_may_fill_them(trees) -> None:
    for code in ("patrol_point", "dispute_screen"):
        assert trees[code].settings.purpose is None
        assert {"grid_leader", "building_steward"} <= set(trees[code].settings.duties)
    assert [q.name for q in questions_of(trees["dispute_screen"].items) if q.type == "text"] == []


def test_an_elder_who_is_well_needs_two_answers(trees) -> None:
    tree = trees["elder_visit"]
    done = checked(tree, {"seen": "yes", "signs": ["none"]})
    assert {name for name, is_so in done.marks.items() if is_so} == {"met"}
    assert fields_of(tree, {}) == ["answers.seen"]
    assert fields_of(tree, {"seen": "yes"}) == ["answers.signs"]


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ({"seen": "no"}, {"not_met"}),
        ({"seen": "no", "signs": ["fall"], "aid": "yes"}, {"not_met"}),
        ({"seen": "yes", "signs": ["fall", "mood"], "changed": "no"}, {"met", "fell"}),
        (
            {
                "seen": "yes",
                "manner": "home",
                "day": "2026-12-01",
                "signs": ["ill"],
                "signs_note": "住院后刚回家",
                "changed": "yes",
                "living_alone": "yes",
                "ability_grade": "2",
                "eats": "canteen",
                "hazards": ["heating", "gas"],
                "medicine": [{"drug": "降压药", "times": 2, "taken": "yes"}],
                "needs": ["meal", "medical"],
                "taker": "canteen",
                "aid": "yes",
                "phone": "0527-88886666",
                "next_day": "2026-12-09",
            },
            {"met", "grave_change", "wants_aid"},
        ),
    ],
)
def test_marks_of_a_visit_to_an_elder(trees, answers, wanted) -> None:
    assert marks(trees["elder_visit"], answers) == wanted


def test_faults_of_a_visit_to_an_elder(trees) -> None:
    answers = {
        "seen": "yes",
        "signs": ["none", "fall"],
        "day": "2026-12-03",
        "needs": ["clean"],
        "taker": "canteen",
        "next_day": "2026-11-30",
        "medicine": [{"drug": "", "times": 9}],
    }
    assert set(fields_of(trees["elder_visit"], answers)) == {
        *("answers.signs", "answers.day", "answers.taker", "answers.next_day"),
        *("answers.medicine[0].drug", "answers.medicine[0].times"),
    }


def test_an_elder_who_said_no_leaves_the_attempt_alone(trees) -> None:
    answers = {"seen": "yes", "manner": "home", "signs": ["fall"], "phone": "123456"}
    done = checked(trees["elder_visit"], answers, is_granted=False)
    assert set(done.answers) == {"seen", "manner", "met", "not_met"}
    assert done.marks == {"met": True, "not_met": False}


CHECK = {
    "outcome": "met",
    "kind": "rented",
    "contact": "13800000000",
    "people_told": 4,
    "minors": 1,
    "persons": [
        {"_id": "a", "name": "赵甲", "sex": "f", "birth_date": "1950-02-03", "residence_status": "resident"},
        {"_id": "b", "still_here": "no", "left_on": "2026-11-20"},
    ],
}


def test_a_household_that_was_met_is_verified_and_what_is_missing_is_counted(trees) -> None:
    done = checked(trees["household_check"], CHECK)
    assert done.marks == {"met": True, "verified": True}
    # Four live there, one of them a child; of the other three one is registered and still here.
    assert done.answers["unregistered"] == 2


def test_a_birthday_decides_who_is_registered(trees) -> None:
    born = {
        "2012-12-02": [],
        "2012-12-03": ["answers.persons[0].birth_date"],
    }
    for day, wanted in born.items():
        person = {"birth_date": day, "residence_status": "resident"}
        answers = {"outcome": "met", "persons": [person]}
        if wanted:
            assert fields_of(trees["household_check"], answers) == wanted
        else:
            assert marks(trees["household_check"], answers) == {"met", "verified"}


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [("nobody", set()), ("refused", set()), ("moved", set()), ("vacant", {"verified"})],
)
def test_a_door_that_stays_shut(trees, outcome, wanted) -> None:
    done = checked(trees["household_check"], {**CHECK, "kind": "vacant", "outcome": outcome})
    assert {name for name, is_so in done.marks.items() if is_so} == wanted
    assert set(done.answers) - {"kind"} == {"outcome", "met", "verified"}


def test_a_dwelling_without_people_is_not_let(trees) -> None:
    assert fields_of(trees["household_check"], {"outcome": "vacant", "kind": "rented"}) == ["answers.kind"]


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ({"manner": "nobody"}, set()),
        ({"manner": "phone", "spoken_with": 1}, {"met"}),
        ({"manner": "home", "opinion": "电梯常坏", "coordination": "settled"}, {"met"}),
        (
            {
                "manner": "home",
                "spoken_with": 2,
                "topic_groups": ["compound", "welfare"],
                "topics": ["corridor_clutter", "elder_help"],
                "wishes": ["repair"],
                "urgency": "soon",
                "coordination": "somebody",
                "promise_day": "2026-12-09",
            },
            {"met", "needs_feedback"},
        ),
        ({"manner": "home", "wishes": ["job"], "coordination": "case", "case_number": "A1"}, {"met"}),
    ],
)
def test_marks_of_the_five_steps(trees, answers, wanted) -> None:
    assert marks(trees["visit5"], answers) == wanted


def test_who_was_told_something_says_how_it_is_settled(trees) -> None:
    assert fields_of(trees["visit5"], {"manner": "home", "wishes": ["meal"]}) == ["answers.coordination"]
    wrong = {"manner": "home", "topic_groups": ["order"], "topics": ["litter"], "coordination": "none"}
    assert fields_of(trees["visit5"], wrong) == ["answers.topics"]


def test_topics_are_the_categories_of_cases(trees) -> None:
    with (ROOT / "data/reference/case_categories.csv").open(encoding="utf-8") as file:
        categories = [(row["code"], row["name"], row["group"]) for row in csv.DictReader(file)]
    groups = {choice.name: choice.label["zh"] for choice in trees["visit5"].choices["topic_group"]}
    topics = trees["visit5"].choices["topic"]
    assert [(row.name, row.label["zh"], groups[row.columns["group"]]) for row in topics] == categories


def test_an_answer_after_a_visit(trees) -> None:
    tree = trees["visit5_feedback"]
    answers = {"answered_by": "member", "channel": "phone", "result": "done"}
    assert marks(tree, answers) == set()
    assert checked(tree, {**answers, "content": "fair"}).answers["content"] == "fair"
    assert fields_of(tree, {}) == ["answers.answered_by", "answers.channel", "answers.result"]


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ({"occasion": "festival", "aid_kind": "goods", "value": 200, "handed_over": "yes"}, {"delivered"}),
        ({"occasion": "illness", "aid_kind": "money", "handed_over": "no"}, set()),
        (
            {
                "occasion": "hardship",
                "no_income": "yes",
                "aid_kind": "none",
                "handed_over": "yes",
                "applied_for": ["temporary_relief"],
                "application_answer": "waiting",
                "aid_wanted": "yes",
            },
            {"wants_aid"},
        ),
    ],
)
def test_marks_of_care(trees, answers, wanted) -> None:
    assert marks(trees["care_visit"], answers) == wanted


def test_a_point_that_is_in_order_needs_one_answer(trees) -> None:
    tree = trees["patrol_point"]
    assert set(checked(tree, {"state": "normal", "findings": ["gas"]}).answers) == {"state"}
    assert fields_of(tree, {"state": "abnormal"}) == ["answers.findings"]
    answers = {"state": "abnormal", "findings": ["escape_route"], "settled": "yes", "case_made": "yes"}
    assert set(checked(tree, answers).answers) == {"state", "findings", "settled"}


def test_a_building_without_disputes_and_one_with(trees) -> None:
    tree = trees["dispute_screen"]
    assert marks(tree, {"kinds": ["none"]}) == {"nothing_found"}
    assert marks(tree, {"kinds": ["noise"], "parties": 2, "grade": "general", "clue_made": "yes"}) == set()
    assert fields_of(tree, {"kinds": ["none", "noise"]}) == ["answers.kinds"]
