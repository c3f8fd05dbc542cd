"""What was answered in the records of a form, row by row, for files that leave the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gisgrid.areas.view import View
from gisgrid.days import period
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.places.import_rows import batches
from gisgrid.places.queries import Feature
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.rules import MOST_REASON
from gisgrid.records.lists.answer_tables import AnswerTable
from gisgrid.records.lists.answers import RecordAnswers
from gisgrid.records.lists.export import line_values, subject_points
from gisgrid.records.lists.lines import kept_rows, lines_of
from gisgrid.records.lists.queries import NEWEST, USUAL_DAYS, RecordFilter, listed
from gisgrid.records.lists.scope import record_rows

ID: Final = "_id"
"""The record of a row; tables of repeats are joined to that of their form by it."""
ROW: Final = "_row"
"""Which row of its record it is, from 1, in a table of a repeat."""
MOST_RECORDS: Final = 20_000
"""So many records are in a file at most: each is opened by itself, and somebody waits for it."""


def answer_rows(view: View, table: AnswerTable, wanted: RecordFilter) -> Iterator[Feature]:
    """The rows of a table: what stands in a list (names with ``_``), and the answers by question.

    The records are those that are listed to the actor, the newest first; answers to what the subject has
    said no to since aren't there. Whoever calls asked for the right and the reason. Given one by one.

    Raises
    ------
    InvalidInput
        There are more than 20,000.
    """
    statement = _wanted(view, table, wanted).with_only_columns(Record.id).order_by(*NEWEST)
    ids = list(view.session.scalars(statement))
    if len(ids) > MOST_RECORDS:
        message = say(
            "{count} records are wanted, a file holds {most}: take fewer days or one grid",
            count=len(ids),
            most=MOST_RECORDS,
        )
        raise InvalidInput([Fault(message=message, field="from")])
    return _rows(view, table, ids)


def check_reason(table: AnswerTable, reason: str | None, *, with_sensitive: bool) -> str | None:
    """The reason as it is kept.

    Raises
    ------
    InvalidInput
        People are told of, or what is sensitive, and there is none; or it is too long.
    """
    text = (reason or "").strip()
    if not text and (table.is_personal or with_sensitive):
        raise InvalidInput([Fault(message=say("a reason is needed"), field="reason")])
    if len(text) > MOST_REASON:
        message = say("a reason has at most {most} letters", most=MOST_REASON)
        raise InvalidInput([Fault(message=message, field="reason")])
    return text or None


def _wanted(view: View, table: AnswerTable, wanted: RecordFilter) -> Any:
    days = period(wanted.first, wanted.last, today=view.when.day, tz=view.tz, days=USUAL_DAYS)
    narrowed = RecordFilter(form=table.code, grid=wanted.grid, place=wanted.place)
    return listed(view, narrowed, days)


def _rows(view: View, table: AnswerTable, ids: list[str]) -> Iterator[Feature]:
    for few in batches(ids):
        rows = kept_rows(view, record_rows().where(Record.id.in_(few)).order_by(*NEWEST))
        points = subject_points(view, few)
        for row, line in zip(rows, lines_of(view, rows, is_shown=True), strict=True):
            if row.record.answers == GONE:
                continue
            answers = RecordAnswers(view, row).read()
            head = {ID: row.record.id} | {
                f"_{name}": value for name, value in line_values(view, row, line).items()
            }
            for values in _answered(table, answers):
                yield points.get(row.record.id), head | values


def _answered(table: AnswerTable, answers: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The answers of the form itself, or those of each row of the repeat."""
    if table.repeat is None:
        yield {column.name: answers.get(column.name) for column in table.columns}
        return
    for number, row in enumerate(answers.get(table.repeat) or (), start=1):
        yield {ROW: number} | {column.name: row.get(column.name) for column in table.columns}
