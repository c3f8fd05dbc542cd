"""Answers as values of the register, and values of the register as answers that a form begins with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from gisgrid.forms.tree import FormTree
from gisgrid.people.core.rules import Leaving
from gisgrid.people.edits.fields import FieldType, RegisterField
from gisgrid.people.edits.values import Value
from gisgrid.records.bindings.questions import Binding

YES: Final = "yes"
NO: Final = frozenset({"no", "none"})
_GRADE: Final = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """What a need that a form writes has beside its grade: since when, and on which legal basis."""

    day: date
    legal_basis: str


def says_something(binding: Binding, answer: object) -> bool:
    """Whether an answer says anything of the register: a blank one doesn't, nor does "not known"."""
    if answer is None or answer == "":
        return False
    is_plain_need = binding.field.type == FieldType.NEED and binding.field.grades is None
    return not is_plain_need or (isinstance(answer, str) and answer in {YES, *NO})


def value_for(field: RegisterField, answer: object, current: Value, filled: FilledForm) -> Value:
    """The value of a field that an answer stands for; what the answer can't tell stays as it is."""
    if field.type == FieldType.NEED:
        return _need(answer, current, filled)
    if field.type == FieldType.LEAVING:
        why = current["why"] if isinstance(current, Mapping) else Leaving.MOVED.value
        return {"day": str(answer), "why": why}
    return answer if isinstance(answer, (str, int)) else str(answer)


def _need(answer: object, current: Value, filled: FilledForm) -> Value:
    if str(answer) in NO:
        return None
    grade = int(str(answer)) if _GRADE.fullmatch(str(answer)) else None
    if isinstance(current, Mapping) and current["grade"] == grade:
        return current
    return {"grade": grade, "since": filled.day.isoformat(), "legal_basis": filled.legal_basis}


def answer_for(tree: FormTree, binding: Binding, value: Value, *, was_confirmed: bool) -> str | int | None:
    """What a form begins with; nothing where the register holds nothing, or no choice of the form.

    That a need doesn't hold is known only where somebody confirmed it once.
    """
    answer = _plain(binding.field, value, was_confirmed=was_confirmed)
    if binding.question.choices is None or answer is None:
        return answer
    offered = {choice.name for choice in tree.choices.get(binding.question.choices, ())}
    return answer if str(answer) in offered else None


def _plain(field: RegisterField, value: Value, *, was_confirmed: bool) -> str | int | None:
    if field.type == FieldType.NEED and value is None:
        return "no" if was_confirmed else None
    if not isinstance(value, Mapping):
        return value
    if field.type == FieldType.LEAVING:
        return value["day"]
    return YES if field.grades is None else str(value["grade"])
