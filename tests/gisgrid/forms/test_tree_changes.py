"""What changed between two versions of a form: found whatever it is, and nothing else is."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.forms.tree import Choice, FormSettings, FormTree, Question, QuestionGroup, Repeat, walk_items
from gisgrid.forms.tree_changes import FormPart, ItemPart, form_changes

FORM = FormTree(
    code="visit",
    title={"zh": "走访"},
    languages=("zh",),
    settings=FormSettings(subject="household", purpose="visit_notes"),
    items=(
        Question(name="manner", type="select_one", label={"zh": "方式"}, choices="manner"),
        QuestionGroup(name="state", items=(Question(name="people", type="integer"),)),
        Repeat(name="medicine", items=(Question(name="drug", type="text"),)),
        Question(name="note", type="text"),
    ),
    choices={"manner": (Choice(name="home", label={"zh": "上门"}), Choice(name="phone"))},
)
NONE = {"added": [], "taken": [], "changed": [], "settings": []}
VALUES: dict[str, tuple[ItemPart, Any]] = {
    "label": (ItemPart.WORDS, {"zh": "另一题"}),
    "hint": (ItemPart.WORDS, {"zh": "小字"}),
    "required_message": (ItemPart.WORDS, {"zh": "要填"}),
    "constraint_message": (ItemPart.WORDS, {"zh": "不对"}),
    "type": (ItemPart.TYPE, "integer"),
    "appearance": (ItemPart.LOOKS, "multiline"),
    "read_only": (ItemPart.LOOKS, True),
    "relevant": (ItemPart.CONDITION, ["call", "true"]),
    "choice_filter": (ItemPart.CONDITION, ["call", "true"]),
    "required": (ItemPart.REQUIRED, ["call", "true"]),
    "constraint": (ItemPart.RULE, ["call", "true"]),
    "calculation": (ItemPart.CALCULATION, ["num", 1.0]),
    "default": (ItemPart.CALCULATION, ["num", 1.0]),
    "register": (ItemPart.REGISTER, "household.contact"),
    "fresh_days": (ItemPart.REGISTER, 30),
    "sensitive": (ItemPart.CARE, True),
    "no_consent": (ItemPart.CARE, True),
    "mark": (ItemPart.MARK, True),
    "choices": (ItemPart.CHOICES, "manner"),
}


def with_items(*items: Any) -> FormTree:
    return replace(FORM, items=items)


def test_every_property_of_a_question_is_held() -> None:
    assert {field.name for field in fields(Question)} == {*VALUES, "name"}


@pytest.mark.parametrize("name", VALUES)
def test_a_question_that_differs_says_in_what(name: str) -> None:
    part, value = VALUES[name]
    *others, note = FORM.items
    changes = form_changes(FORM, with_items(*others, replace(note, **{name: value})))
    assert [(row["name"], row["parts"]) for row in changes["changed"]] == [("note", [part])]
    assert changes == {**NONE, "changed": changes["changed"]}


def test_questions_are_added_and_taken() -> None:
    manner, state, medicine, note = FORM.items
    more = Question(name="more", type="text", label={"zh": "还有"})
    changes = form_changes(FORM, with_items(manner, more, state, medicine))
    assert changes == {
        **NONE,
        "added": [{"name": "more", "label": {"zh": "还有"}}],
        "taken": [{"name": "note", "label": note.label}],
    }


def test_a_question_that_moves_is_named_alone() -> None:
    manner, state, medicine, note = FORM.items
    changes = form_changes(FORM, with_items(note, manner, state, medicine))
    assert [(row["name"], row["parts"]) for row in changes["changed"]] == [("note", [ItemPart.PLACE])]


def test_a_question_that_goes_into_a_group_has_another_place() -> None:
    manner, state, medicine, note = FORM.items
    assert isinstance(state, QuestionGroup)
    changes = form_changes(FORM, with_items(manner, replace(state, items=(*state.items, note)), medicine))
    assert [(row["name"], row["parts"]) for row in changes["changed"]] == [("note", [ItemPart.PLACE])]


def test_choices_count_and_not_the_name_of_their_list() -> None:
    manner, *others = FORM.items
    renamed = with_items(replace(manner, choices="manners"), *others)
    assert form_changes(FORM, replace(renamed, choices={"manners": FORM.choices["manner"]})) == NONE
    fewer = replace(FORM, choices={"manner": FORM.choices["manner"][:1]})
    assert form_changes(FORM, fewer)["changed"][0]["parts"] == [ItemPart.CHOICES]


@pytest.mark.parametrize(
    ("other", "part"),
    [
        (replace(FORM, title={"zh": "入户"}), FormPart.TITLE),
        (replace(FORM, languages=("zh", "en")), FormPart.LANGUAGES),
        (replace(FORM, settings=replace(FORM.settings, purpose="contact")), FormPart.PURPOSE),
        (replace(FORM, settings=replace(FORM.settings, legal_basis="law")), FormPart.LEGAL_BASIS),
        (replace(FORM, settings=replace(FORM.settings, duties=("grid_leader",))), FormPart.DUTIES),
    ],
)
def test_settings_that_differ_are_named(other: FormTree, part: FormPart) -> None:
    assert form_changes(FORM, other) == {**NONE, "settings": [part]}


@given(st.permutations(range(6)), st.permutations(range(6)), st.integers(0, 6), st.integers(0, 6))
def test_what_is_added_one_way_is_taken_the_other(
    before: list[int], after: list[int], least: int, most: int
) -> None:
    former = with_items(*(Question(name=f"q{n}", type="text") for n in before[:most]))
    tree = with_items(*(Question(name=f"q{n}", type="text") for n in after[least:]))
    there, back = form_changes(former, tree), form_changes(tree, former)
    names = {row["name"] for row in there["added"]}
    assert names == {row["name"] for row in back["taken"]}
    assert names == {item.name for item in walk_items(tree.items)} - {
        item.name for item in walk_items(former.items)
    }
    assert form_changes(tree, tree) == NONE
