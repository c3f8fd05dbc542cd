"""What was answered in a record, as far as its subjects agree today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.forms.answers.state import ROW_ID
from gisgrid.forms.tree import FormTree
from gisgrid.people.core.models import Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.places.models import Household
from gisgrid.records.bindings.questions import bindings_of, people_repeats, without_questions
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.lists.lines import KeptRow


class RecordAnswers:
    """The answers of a record as far as their subjects agree today, put together again."""

    def __init__(self, view: View, row: KeptRow) -> None:
        self._view, self._row = view, row
        self._person = view.session.get(Resident, row.record.resident_id) if row.record.resident_id else None
        home_id = row.record.household_id or (self._person.household_id if self._person else None)
        self._home = view.session.scalar(select(Household).where(Household.id == home_id))
        self._closed = self._refused(self._person, None)

    @property
    def tree(self) -> FormTree:
        """The form without the questions whose own purpose was refused since."""
        return without_questions(self._row.opened.tree, self._closed)

    def read(self) -> dict[str, Any]:
        """The record's own answers and the rows of people, each with its person's id."""
        own = json.loads(self._row.record.answers)
        kept = {name: answer for name, answer in own.items() if name not in self._closed}
        return kept | self._rows()

    def _rows(self) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in people_repeats(self._row.opened.tree)}
        if not rows:
            return {}
        statement = (
            select(Record, Resident)
            .join(Resident, Resident.id == Record.resident_id)
            .where(Record.parent_id == self._row.record.id, Resident.erased_at.is_(None))
            .order_by(Record.id)
        )
        for child, person in self._view.session.execute(statement):
            if child.answers == GONE or not self._agrees(person):
                continue
            for repeat, answers in json.loads(child.answers).items():
                rows.setdefault(repeat, []).append(self._person_row(person, repeat, answers))
        return {name: within for name, within in rows.items() if within}

    def _person_row(self, person: Resident, repeat: str, answers: Mapping[str, Any]) -> dict[str, Any]:
        closed = self._refused(person, repeat)
        return {ROW_ID: person.id} | {name: answer for name, answer in answers.items() if name not in closed}

    def _agrees(self, person: Resident) -> bool:
        purpose = self._row.opened.tree.settings.purpose
        if purpose is None or self._home is None:
            return True
        return states_of(self._view.session, self._home, person)[Purpose(purpose)] != FieldState.REFUSED

    def _refused(self, person: Resident | None, repeat: str | None) -> frozenset[str]:
        bindings = [bound for bound in bindings_of(self._row.opened.tree) if bound.repeat == repeat]
        if self._home is None or not bindings:
            return frozenset()
        states = states_of(self._view.session, self._home, person)
        refused = (bound for bound in bindings if states[bound.field.purpose] == FieldState.REFUSED)
        return frozenset(bound.question.name for bound in refused)
