"""A form is read to the last key, written without what says nothing, and read as the same form again."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from gisgrid.errors import InvalidInput
from gisgrid.forms.limits import QUESTIONS
from gisgrid.forms.tree import Question, QuestionGroup, Repeat, questions_of, text_in
from gisgrid.forms.tree_json import form_from_json, form_to_json
from tests.gisgrid.forms.trees import VISIT

Change = Callable[[dict[str, Any]], object]


def test_a_form_is_the_same_after_json() -> None:
    form = form_from_json(VISIT)
    written = json.loads(json.dumps(form_to_json(form)))
    assert written == VISIT
    assert form_from_json(written) == form


def test_items_are_what_they_say() -> None:
    form = form_from_json(VISIT)
    kinds = {type(item) for item in form.items}
    assert kinds == {Question, QuestionGroup, Repeat}
    signs = next(question for question in questions_of(form.items) if question.name == "signs")
    assert signs.sensitive
    assert signs.type == "select_multiple"
    assert text_in(signs.label, "en") == "Signs"
    assert text_in(signs.label, "fr") == "异常情况"
    assert form.settings.duties == ("grid_member",)


def put(path: str, value: object) -> Change:
    """A change that puts a value at a path of keys and places."""

    def change(tree: dict[str, Any]) -> None:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = tree
        for step in steps:
            place = place[step]
        place[last] = value

    return change


BROKEN: dict[str, tuple[Change, str]] = {
    "format": (put("format", 2), "this is no form of format 1"),
    "a key": (put("surprise", 1), "surprise is not known here"),
    "a key of a question": (put("items.0.colour", "red"), "colour is not known here"),
    "a missing key": (lambda tree: tree.pop("title"), "title is missing"),
    "a kind": (put("items.0.kind", "loop"), "this is no question, group or repeat"),
    "a type": (put("items.0.type", "audio"), "audio is not known here"),
    "a subject": (put("settings.subject", "dog"), "dog is not known here"),
    "an operator": (put("items.0.relevant", ["xor", ["self"], ["self"]]), "this is no expression"),
    "a function": (put("items.0.relevant", ["call", "now"]), "this is no expression"),
    "values of a function": (put("items.0.relevant", ["call", "today", ["self"]]), "this is no expression"),
    "no number": (put("items.0.relevant", ["num", float("nan")]), "this is no expression"),
    "a truth as number": (put("items.0.relevant", ["num", True]), "this is no expression"),
    "text as truth": (put("items.0.sensitive", "yes"), "this is neither true nor false"),
    "days": (put("items.0.fresh_days", -1), "this is no number of days"),
    "a name": (put("items.0.name", "a b"), "this is no name"),
    "two of a name": (put("items.0.name", "signs"), "two questions have this name"),
    "a name nobody has": (put("items.0.relevant", ["ref", "gone"]), "no question is called gone"),
    "a list nobody has": (put("items.0.choices", "gone"), "there is no list of choices gone"),
    "two choices": (put("choices.manner.1.name", "door"), "two choices have this name"),
    "a language": (put("title.fr", "x"), "the form has no language fr"),
    "no question": (put("items", []), "a form needs a question"),
    "a mark that is asked": (put("items.0.mark", True), "only a calculation can be a mark"),
    "a calculation that is asked": (
        put("items.0.calculation", ["num", 1]),
        "a calculation belongs to a question of the type calculate",
    ),
    "a label that is no text": (put("items.0.label.zh", 1), "this is no text"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_broken_is_refused(broken: str) -> None:
    change, message = BROKEN[broken]
    tree = copy.deepcopy(VISIT)
    change(tree)
    with pytest.raises(InvalidInput, match=message):
        form_from_json(tree)


def test_a_repeat_within_a_repeat_and_too_many_questions_are_refused() -> None:
    row = {"kind": "question", "name": "n", "type": "text"}
    inner = {"kind": "repeat", "name": "inner", "items": [row]}
    tree = {**VISIT, "items": [{"kind": "repeat", "name": "outer", "items": [inner]}]}
    with pytest.raises(InvalidInput, match="a repeat within a repeat is not taken"):
        form_from_json(tree)
    many = [{**row, "name": f"n{number}"} for number in range(QUESTIONS + 1)]
    with pytest.raises(InvalidInput, match="301 questions; at most 300 are taken"):
        form_from_json({**VISIT, "items": many})


def test_an_expression_that_is_too_deep_is_refused() -> None:
    deep: list[Any] = ["self"]
    for _layer in range(40):
        deep = ["call", "not", deep]
    with pytest.raises(InvalidInput, match="too deeply nested or too long"):
        form_from_json({**VISIT, "items": [{**VISIT["items"][0], "relevant": deep}, *VISIT["items"][1:]]})
