"""The survey as a tree of questions, groups and repeats; every row that can't be so is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from data.forms.cells import SurveyRow
from data.forms.question_types import RowType, type_of
from data.forms.sheets import FormSheetRow, FormSheets
from data.forms.texts import texts_of
from gisgrid.errors import say
from gisgrid.forms.tree import QUESTION_TYPES, Item, Question, QuestionGroup, Repeat

_TAKEN: Final = ", ".join(sorted(QUESTION_TYPES))


@dataclass(slots=True)
class _Open:
    """A group or repeat whose end has not come yet."""

    what: str
    row: SurveyRow
    name: str
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Survey:
    """What was read: the items, the row of each name, and the rows that were left out."""

    items: tuple[Item, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    left_out: list[int] = field(default_factory=list)


def read_survey(sheets: FormSheets) -> Survey:
    """The items of the survey in their order; what is wrong is kept with the sheets."""
    survey, stack = Survey(), [_Open("form", SurveyRow(sheets, FormSheetRow(number=1, cells={})), "")]
    for row in sheets.rows["survey"]:
        if _is_comment(row):
            continue
        _take(SurveyRow(sheets, row), type_of(row.text("type")), survey, stack)
    for open_item in stack[:0:-1]:
        open_item.row.fault("type", say("this {what} has no end", what=open_item.what))
    survey.items = tuple(stack[0].items)
    return survey


def _is_comment(row: FormSheetRow) -> bool:
    """Whether a row asks nothing: by the standard one without type, name and label is a note."""
    return not row.text("type") and not row.text("name") and not texts_of(row, "label")


def _take(row: SurveyRow, kind: RowType, survey: Survey, stack: list[_Open]) -> None:
    match kind.what:
        case "question":
            row.check_no_identity_number()
            _keep(row, _question(row, kind), survey, stack)
        case "opens":
            stack.append(_Open(kind.name, row, row.name()))
        case "closes":
            _close(row, kind, survey, stack)
        case "left_out":
            survey.left_out.append(row.row.number)
        case _ if not kind.name:
            row.fault("type", say("a question needs a type"))
        case _:
            row.fault("type", say("the type {type} is not taken here: {types}", type=kind.name, types=_TAKEN))


def _close(row: SurveyRow, kind: RowType, survey: Survey, stack: list[_Open]) -> None:
    if len(stack) == 1 or stack[-1].what != kind.name:
        row.fault("type", say("no {what} is open here", what=kind.name))
        return
    done = stack.pop()
    item = _group(done) if done.what == "group" else _repeat(done)
    _keep(done.row, item, survey, stack)


def _keep(row: SurveyRow, item: Item, survey: Survey, stack: list[_Open]) -> None:
    stack[-1].items.append(item)
    survey.rows.setdefault(item.name, row.row.number)


def _question(row: SurveyRow, kind: RowType) -> Question:
    text = row.row.text
    return Question(
        name=row.name(),
        type=kind.name,
        label=texts_of(row.row, "label"),
        hint=texts_of(row.row, "hint"),
        appearance=text("appearance"),
        choices=kind.choices,
        relevant=row.expression("relevant"),
        required=row.condition("required"),
        required_message=texts_of(row.row, "required_message"),
        constraint=row.expression("constraint"),
        constraint_message=texts_of(row.row, "constraint_message"),
        calculation=row.expression("calculation"),
        default=row.default(kind.name),
        choice_filter=row.expression("choice_filter", has_columns=True),
        read_only=row.truth("read_only") or row.truth("readonly"),
        register=text("register") or None,
        sensitive=row.truth("sensitive"),
        mark=row.truth("mark"),
        no_consent=row.truth("no_consent"),
        fresh_days=row.days("fresh_days"),
    )


def _group(done: _Open) -> QuestionGroup:
    row = done.row
    return QuestionGroup(
        name=done.name,
        items=tuple(done.items),
        label=texts_of(row.row, "label"),
        relevant=row.expression("relevant"),
        sensitive=row.truth("sensitive"),
    )


def _repeat(done: _Open) -> Repeat:
    row = done.row
    return Repeat(
        name=done.name,
        items=tuple(done.items),
        label=texts_of(row.row, "label"),
        relevant=row.expression("relevant"),
        count=row.expression("repeat_count"),
        register=row.row.text("register") or None,
        sensitive=row.truth("sensitive"),
        no_consent=row.truth("no_consent"),
    )


def repeats_of(items: tuple[Item, ...], within: str | None = None) -> Iterator[tuple[Item, str | None]]:
    """Every item with the repeat around it, if any."""
    for item in items:
        yield item, within
        if not isinstance(item, Question):
            yield from repeats_of(item.items, item.name if isinstance(item, Repeat) else within)


def repeat_of_names(items: tuple[Item, ...]) -> Mapping[str, str | None]:
    """The repeat around each name."""
    return {item.name: within for item, within in repeats_of(items)}
