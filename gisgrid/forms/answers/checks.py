"""Whether answers may be kept: every fault at once, each with the path of its question."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.forms.answers.kinds import AnswerJson, FormAnswer
from gisgrid.forms.answers.state import ROW_ID, FormRow, FormState
from gisgrid.forms.expressions.evaluation import holds
from gisgrid.forms.expressions.values import ChoiceSet, is_blank, truth_of
from gisgrid.forms.limits import ANSWER_BYTES, PHOTOS, REPEAT_ROWS
from gisgrid.forms.tree import FormTree, Item, Question, Repeat, questions_of, text_in, walk_items

ClosedRows: TypeAlias = Mapping[str, Mapping[str, frozenset[str]]]
"""By repeat and id of a row the questions that may not be asked there; ``""``: in rows of any other id."""
RowAnswers: TypeAlias = Mapping[str, AnswerJson]
Answers: TypeAlias = Mapping[str, "AnswerJson | list[RowAnswers]"]
"""What is kept of a record: answers by question, rows of a repeat as a list."""


_NONE_CLOSED: Final[ClosedRows] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredPhoto:
    """A photo that a record holds: its question, the digest of its bytes, the row of a repeat from 0."""

    question: str
    digest: str
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAnswers:
    """Answers that may be kept, with the marks worked out from them and the photos they need."""

    answers: Answers
    marks: Mapping[str, bool]
    photos: tuple[AnsweredPhoto, ...]


def check_answers(
    form: FormTree,
    answers: Mapping[str, object],
    *,
    today: date,
    is_granted: bool,
    language: str,
    closed: ClosedRows = _NONE_CLOSED,
) -> CheckedAnswers:
    """Check what was sent and work out the rest; raises `InvalidInput` with every fault.

    ``today`` is the day on which the form was filled. Without consent (``is_granted``) only questions marked
    ``no_consent`` are taken. What is not relevant is dropped; calculations are worked out here, whatever was
    sent. Faults have fields such as ``answers.medicine[2].times``, rows counted from 0, and the sentences of
    the workbook in ``language`` where it has any. What may not be asked in a row (``closed``) is not missing
    there.
    """
    state = FormState(form, answers, today=today, is_granted=is_granted)
    faults = [*_shape_faults(form, answers), *_answer_faults(state, language, closed), *_photo_faults(state)]
    if faults:
        raise InvalidInput(faults)
    return CheckedAnswers(answers=_kept(state), marks=_marks(state), photos=tuple(_photos(state)))


def _answer_faults(state: FormState, language: str, closed: ClosedRows) -> Iterator[Fault]:
    for question in questions_of(state.form.items):
        rows = closed.get(state.repeat_of(question) or "", {})
        for row in state.rows_of(question):
            fault = _fault_of(state, question, row, language) if row.relevant[question.name] else None
            if fault and not (_is_closed(rows, question, row) and is_blank(row.answers[question.name].value)):
                yield Fault(message=fault, field=_path(state, question, row))


def _is_closed(rows: Mapping[str, frozenset[str]], question: Question, row: FormRow) -> bool:
    return question.name in rows.get(str(row.sent.get(ROW_ID)), rows.get("", frozenset()))


def _fault_of(state: FormState, question: Question, row: FormRow, language: str) -> str | None:
    answer = row.answers[question.name]
    if answer.fault:
        return answer.fault
    if is_blank(answer.value):
        return _missing(state, question, row, language)
    return _unlisted(state, question, row, answer) or _broken_rule(state, question, row, language)


def _missing(state: FormState, question: Question, row: FormRow, language: str) -> str | None:
    if question.required is None or question.type in ("note", "calculate"):
        return None
    if not holds(question.required, state.context(row)):
        return None
    return text_in(question.required_message, language) or say("an answer is needed")


def _broken_rule(state: FormState, question: Question, row: FormRow, language: str) -> str | None:
    own = row.values[question.name]
    if question.constraint is None or holds(question.constraint, state.context(row, own)):
        return None
    return text_in(question.constraint_message, language) or say("this answer is not taken")


def _unlisted(state: FormState, question: Question, row: FormRow, answer: FormAnswer) -> Sentence | None:
    """A choice that is not offered here."""
    if question.choices is None:
        return None
    chosen = answer.value.names if isinstance(answer.value, ChoiceSet) else (answer.kept,)
    offered = offered_choices(state, question, row)
    return None if set(chosen) <= offered else say("this choice is not offered here")


def offered_choices(state: FormState, question: Question, row: FormRow) -> set[str]:
    """The names of the choices that the filter leaves."""
    choices = state.form.choices.get(question.choices or "", ())
    return {
        choice.name
        for choice in choices
        if question.choice_filter is None
        or holds(question.choice_filter, state.context(row, columns={"name": choice.name, **choice.columns}))
    }


def _path(state: FormState, item: Item, row: FormRow) -> str:
    repeat = state.repeat_of(item)
    return f"answers.{repeat}[{row.position - 1}].{item.name}" if repeat else f"answers.{item.name}"


def _shape_faults(form: FormTree, answers: Mapping[str, object]) -> Iterator[Fault]:
    if _bytes_of(answers) > ANSWER_BYTES:
        yield Fault(message=say("the answers are too long together"), field="answers")
    repeats = {item.name: item for item in walk_items(form.items) if isinstance(item, Repeat)}
    within = {question.name for repeat in repeats.values() for question in questions_of(repeat.items)}
    known = {question.name for question in questions_of(form.items)} - within
    yield from _unknown_names("answers", set(answers) - known - set(repeats))
    for name in sorted(set(repeats) & set(answers)):
        yield from _row_faults(repeats[name], answers[name])


def _bytes_of(answers: Mapping[str, object]) -> int:
    return len(json.dumps(answers, default=str, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _row_faults(repeat: Repeat, rows: object) -> Iterator[Fault]:
    place = f"answers.{repeat.name}"
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        yield Fault(message=say("these are no rows"), field=place)
        return
    if len(rows) > REPEAT_ROWS:
        yield Fault(
            message=say("{count} rows; at most {most} are taken", count=len(rows), most=REPEAT_ROWS),
            field=place,
        )
    known = {question.name for question in questions_of(repeat.items)}
    for index, row in enumerate(rows):
        yield from _unknown_names(f"{place}[{index}]", set(row) - known - {ROW_ID})
        if not isinstance(row.get(ROW_ID, ""), str) or len(row.get(ROW_ID, "")) > 64:
            yield Fault(message=say("this is no name"), field=f"{place}[{index}].{ROW_ID}")


def _unknown_names(place: str, names: set[str]) -> Iterator[Fault]:
    for name in sorted(map(str, names)):
        yield Fault(message=say("no question is called {name}", name=name[:60]), field=place)


def _photo_faults(state: FormState) -> Iterator[Fault]:
    photos = list(_photos(state))
    if len(photos) > PHOTOS:
        message = say("{count} photos; at most {most} are taken", count=len(photos), most=PHOTOS)
        yield Fault(message=message, field=f"answers.{photos[-1].question}")


def _photos(state: FormState) -> Iterator[AnsweredPhoto]:
    for question in questions_of(state.form.items):
        for row in state.rows_of(question) if question.type == "image" else ():
            digest = row.answers[question.name].kept
            place = row.position - 1 if state.repeat_of(question) else None
            if isinstance(digest, str):
                yield AnsweredPhoto(question=question.name, digest=digest, row=place)


def _kept(state: FormState) -> Answers:
    rows = {name: [_kept_row(row) for row in rows] for name, rows in state.rows.items() if rows}
    return {**_kept_row(state.top), **rows}


def _kept_row(row: FormRow) -> RowAnswers:
    kept = {name: answer.kept for name, answer in row.answers.items() if answer.kept is not None}
    row_id = row.sent.get(ROW_ID) if ROW_ID in row.sent else None
    return {ROW_ID: row_id, **kept} if isinstance(row_id, str) and row_id else kept


def _marks(state: FormState) -> dict[str, bool]:
    """The truth of each mark that may be worked out here; what was not asked is not so."""
    marks = [question for question in questions_of(state.form.items) if question.mark]
    return {
        question.name: truth_of(state.top.values[question.name])
        for question in marks
        if state.may_ask(question)
    }
