"""What was answered in the records of a form as a layer: a column for each question, one for each choice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from data.exporters.layer import Column, ColumnKind, ExportRequest, Geometry, Layer, Row
from data.exporters.layers import LAYERS
from data.exporters.run import Ask, Made, export
from data.exporters.texts import safe_text
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import View
from gisgrid.forms.tree import Texts, text_in
from gisgrid.records.lists.answer_rows import ID, ROW, answer_rows, check_reason
from gisgrid.records.lists.answer_tables import AnswerColumn, AnswerTable, answer_table
from gisgrid.records.lists.openings import require_reading
from gisgrid.records.lists.queries import RecordFilter

FORMATS: Final = ("xlsx", "csv", "gpkg")
"""The forms of file it is written in: names of questions are longer than those of a shapefile's."""
_LEFT_OUT: Final = frozenset({"form", "title"})
_ZH: Final = "zh"
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_MOST_TITLE: Final = 28
_KINDS: Final[Mapping[str, ColumnKind]] = {
    "integer": ColumnKind.WHOLE,
    "decimal": ColumnKind.NUMBER,
    "date": ColumnKind.DAY,
    "acknowledge": ColumnKind.YES_NO,
    "image": ColumnKind.YES_NO,
}
_SEVERAL: Final = "select_multiple"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersRequest:
    """Which answers: of a form or one of its repeats, of which records, with what is sensitive, and why."""

    form: str
    repeat: str | None
    records: RecordFilter
    with_sensitive: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class _CellColumn:
    """A column of the file, and how its value is made of an answer."""

    column: Column
    source: str
    read: Callable[[Any], Any]


def export_answers(
    view: View, asked: AnswersRequest, ask: ExportRequest, out: Path, *, crs: str | None, in_chinese: bool
) -> Made:
    """Write what was answered in the records of a form that the actor may see, in the form the ending names.

    Where people are told of, or what is sensitive, a reason is asked for; it is kept with the names of the
    columns in the trail.

    Raises
    ------
    NotAllowed
        The role lacks the right to export, or sees no list of records.
    NotFound
        The community has no such form, repeat or grid.
    InvalidInput
        There is no reason, no such form of file, or the CRS is unknown or doesn't reach there.
    """
    require(view.actor, Action.EXPORTS_MAKE)
    require_reading(view.actor)
    table = answer_table(view, asked.form, repeat=asked.repeat, with_sensitive=asked.with_sensitive)
    reason = check_reason(table, asked.reason, with_sensitive=asked.with_sensitive)
    layer = answers_layer(table, asked.records, in_chinese=in_chinese)
    return export(view, Ask(layer=layer, wish=ask, crs=crs, in_chinese=in_chinese), out, reason=reason)


def answers_layer(table: AnswerTable, records: RecordFilter, *, in_chinese: bool) -> Layer:
    """The layer of a table: what stands in a list, then the answers."""
    cells = list(_cells(table, in_chinese=in_chinese))
    listed = [
        replace(column, name=f"_{column.name}")
        for column in LAYERS["records"].columns
        if column.name not in _LEFT_OUT
    ]
    heads = [Column(ID, "记录标识"), *([Column(ROW, "行", ColumnKind.WHOLE)] if table.repeat else [])]
    columns = (*heads, *listed, *(cell.column for cell in cells))

    def read(view: View, _wish: ExportRequest) -> Iterator[Row]:
        for point, row in answer_rows(view, table, records):
            head = {column.name: row[column.name] for column in (*heads, *listed)}
            yield point, head | {cell.column.name: cell.read(row[cell.source]) for cell in cells}

    return Layer(
        name="answers",
        title=_sheet_title(text_in(table.title, _ZH)),
        title_en=_sheet_title(text_in(table.title, "en")),
        action=Action.RECORDS_VIEW,
        columns=columns,
        read=read,
        geometry=Geometry.POINT,
        is_personal=True,
    )


def _cells(table: AnswerTable, *, in_chinese: bool) -> Iterator[_CellColumn]:
    """The columns of the questions, no two of one name whatever its letters' case, nor of one title."""
    names, titles = {ID, ROW}, set[str]()
    for question in table.columns:
        for cell in _cells_of(question):
            name = _free(cell.column.name, names)
            title = _free(cell.column.title if in_chinese else name, titles)
            yield replace(cell, column=replace(cell.column, name=name, title=title))


def _free(wish: str, taken: set[str]) -> str:
    """A wish, with a number where it is taken; it is taken then."""
    chosen, number = wish, 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{wish}_{number}"
    taken.add(chosen.casefold())
    return chosen


def _cells_of(question: AnswerColumn) -> Iterator[_CellColumn]:
    name, title = question.name, _word(question.label, question.name)
    if question.type == _SEVERAL:
        for choice, label in question.choices.items():
            column = Column(
                f"{name}/{choice}", safe_text(f"{title}:{_word(label, choice)}"), ColumnKind.YES_NO
            )
            yield _CellColumn(column, name, _has(choice))
        return
    kind = _KINDS.get(question.type, ColumnKind.TEXT)
    words = {choice: _word(label, choice) for choice, label in question.choices.items()}
    yield _CellColumn(Column(name, safe_text(title), kind, words=words), name, _READERS.get(kind, _text))


def _word(label: Texts, otherwise: str) -> str:
    return text_in(label, _ZH) or otherwise


def _has(choice: str) -> Callable[[Any], bool | None]:
    """Whether a choice is among the answers; nothing where the question wasn't answered."""
    return lambda answer: choice in answer if isinstance(answer, list) else None


def _text(answer: Any) -> Any:
    if isinstance(answer, Mapping):  # a position
        return " ".join(str(answer[name]) for name in ("lat", "lon") if name in answer)
    if isinstance(answer, list):
        return "、".join(map(str, answer))
    return answer if answer is None else str(answer)


def _day(answer: Any) -> date | None:
    return date.fromisoformat(answer) if isinstance(answer, str) else None


def _is_there(answer: Any) -> bool | None:
    return None if answer is None else bool(answer)


_READERS: Final[Mapping[ColumnKind, Callable[[Any], Any]]] = {
    ColumnKind.WHOLE: lambda answer: answer,
    ColumnKind.NUMBER: lambda answer: answer,
    ColumnKind.DAY: _day,
    ColumnKind.YES_NO: _is_there,
}


def _sheet_title(title: str) -> str:
    """A title that may stand on a sheet of a workbook."""
    return _NOT_IN_TITLES.sub(" ", title)[:_MOST_TITLE].strip() or "answers"
