"""A form being worked out: which questions are asked, and the value of each, from the top down.

What is not relevant counts as not answered, whatever was sent. ``web/static/forms/state.js`` is the same.
"""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from gisgrid.forms.answers.kinds import BLANK, DEVICE, FormAnswer, computed, read_answer
from gisgrid.forms.circles import worked_out
from gisgrid.forms.expressions.evaluation import evaluate, holds
from gisgrid.forms.expressions.functions import EvaluationContext
from gisgrid.forms.expressions.nodes import Expression
from gisgrid.forms.expressions.values import RepeatValues, Value, day_of, number_of
from gisgrid.forms.limits import REPEAT_ROWS
from gisgrid.forms.tree import FormTree, Item, Question, QuestionGroup, Repeat, text_in, walk_items

ROW_ID: Final = "_id"
"""The key of a row that says which person of the register it is about."""


@dataclass(slots=True)
class FormRow:
    """The answers of one row of a repeat, or of all outside of repeats: what was sent, what it came to."""

    sent: Mapping[str, object]
    position: int = 1
    answers: dict[str, FormAnswer] = field(default_factory=dict)
    relevant: dict[str, bool] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)


class FormState:
    """A form with answers, worked out once; nothing is judged here."""

    def __init__(self, form: FormTree, sent: Mapping[str, object], *, today: date, is_granted: bool) -> None:
        self.form, self.is_granted, self._today = form, is_granted, day_of(today)
        self.top, self.rows = FormRow(sent), dict[str, list[FormRow]]()
        self._parents = _parents(form)
        self._labels = {name: _labels(form, question) for name, question in _selects(form)}
        for item in worked_out(form):
            self._work_out(item)

    def repeat_of(self, item: Item) -> str | None:
        """The repeat in which an item stands."""
        parent = self._parents.get(item.name)
        while parent is not None and not isinstance(parent, Repeat):
            parent = self._parents.get(parent.name)
        return parent.name if parent else None

    def rows_of(self, item: Item) -> Sequence[FormRow]:
        """The rows in which an item is answered: those of its repeat, or the one outside of repeats."""
        repeat = self.repeat_of(item)
        return [self.top] if repeat is None else self.rows.get(repeat, [])

    def context(
        self, row: FormRow, own: Value = "", columns: Mapping[str, str] | None = None
    ) -> EvaluationContext:
        """What expressions see from a row: its own values before those outside."""
        values: MutableMapping[str, Value] = ChainMap(row.values, self.top.values)
        return EvaluationContext(
            values=values,
            today=self._today,
            own=own,
            position=row.position,
            labels=self._labels,
            columns=columns or {},
        )

    def may_ask(self, item: Question | Repeat) -> bool:
        """Whether a question may be asked at all: without consent only what needs none."""
        return self.is_granted or item.no_consent or (isinstance(item, Question) and item.type in DEVICE)

    def _work_out(self, item: Item) -> None:
        rows = self.rows_of(item)
        for row in rows:
            row.relevant[item.name] = self._is_relevant(item, row)
            if isinstance(item, Question):
                self._answer(item, row)
        if isinstance(item, Repeat):
            self._open_rows(item)
        elif self.repeat_of(item) is not None:
            self.top.values[item.name] = RepeatValues(tuple(row.values.get(item.name, "") for row in rows))

    def _is_relevant(self, item: Item, row: FormRow) -> bool:
        parent = self._parents.get(item.name)
        is_within = parent is None or row.relevant.get(parent.name, True)
        may_ask = isinstance(item, QuestionGroup) or self.may_ask(item)
        return is_within and may_ask and (item.relevant is None or holds(item.relevant, self.context(row)))

    def _answer(self, question: Question, row: FormRow) -> None:
        answer = self._read(question, row) if row.relevant[question.name] else BLANK
        row.answers[question.name], row.values[question.name] = answer, answer.value

    def _read(self, question: Question, row: FormRow) -> FormAnswer:
        if question.calculation is not None:
            return computed(evaluate(question.calculation, self.context(row)))
        if question.type == "note":
            return BLANK
        return read_answer(question.type, row.sent.get(question.name))

    def _open_rows(self, repeat: Repeat) -> None:
        sent = _rows_sent(self.top.sent.get(repeat.name)) if self.top.relevant[repeat.name] else []
        count = self._count(repeat.count, len(sent)) if self.top.relevant[repeat.name] else 0
        rows = [*sent, *({} for _missing in range(count - len(sent)))][:count]
        self.rows[repeat.name] = [FormRow(row, position) for position, row in enumerate(rows, 1)]
        self.top.values[repeat.name] = RepeatValues(
            tuple(float(row.position) for row in self.rows[repeat.name])
        )

    def _count(self, count: Expression | None, sent: int) -> int:
        if count is None:
            return min(sent, REPEAT_ROWS)
        number = number_of(evaluate(count, self.context(self.top)))
        return 0 if math.isnan(number) else max(0, min(int(number), REPEAT_ROWS))


def _rows_sent(value: object) -> list[Mapping[str, object]]:
    rows = value if isinstance(value, list) else []
    return [row if isinstance(row, Mapping) else {} for row in rows]


def _parents(form: FormTree) -> dict[str, QuestionGroup | Repeat]:
    holders = (item for item in walk_items(form.items) if not isinstance(item, Question))
    return {item.name: holder for holder in holders for item in holder.items}


def _selects(form: FormTree) -> Iterator[tuple[str, Question]]:
    for item in walk_items(form.items):
        if isinstance(item, Question) and item.choices:
            yield item.name, item


def _labels(form: FormTree, question: Question) -> dict[str, str]:
    """The words of the choices in the form's own language, so that results are the same for all."""
    rows = form.choices.get(question.choices or "", ())
    return {row.name: text_in(row.label, form.languages[0]) for row in rows}
