"""The last answers to forms about each subject of a scope, and how often it was recorded in the month."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from gisgrid.access.models import Account, Worker
from gisgrid.areas.view import View
from gisgrid.forms.tree import FormTree
from gisgrid.forms.tree_json import form_from_json
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Household
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.core.validity import is_valid
from gisgrid.records.outward.scope import OutwardScope

KEYS: Final[Mapping[OutwardRows, InstrumentedAttribute[str | None]]] = {
    OutwardRows.PERSON: Record.resident_id,
    OutwardRows.HOUSEHOLD: Record.household_id,
    OutwardRows.BUILDING: Record.building_id,
    OutwardRows.GRID: Record.area_id,
}
"""The column of a record that names the subject of a row."""
_LAST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRecord:
    """The last record of a form about a subject until the end of the month."""

    day: date
    worker: str | None
    answers: Mapping[str, object]
    tree: FormTree


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecords:
    """By form and subject: the last record, and how many there are of the month in which somebody was met."""

    last: Mapping[tuple[str, str], LastRecord] = field(default_factory=dict)
    in_month: Mapping[tuple[str, str], int] = field(default_factory=dict)
    visited: Collection[tuple[str, str]] = frozenset()


def read_records(
    view: View, scope: OutwardScope, rows: OutwardRows, forms: Collection[str]
) -> SubjectRecords:
    """What is recorded of the subjects of a kind of rows by some forms; only valid records."""
    if not forms:
        return SubjectRecords()
    key = KEYS[rows]
    wanted = and_(
        Record.community_id == view.community.id,
        Record.form_code.in_(forms),
        key.is_not(None),
        Record.day < scope.end,
        is_valid(),
    )
    wanted = and_(wanted, key.in_(_subjects(view, scope, rows)))
    return SubjectRecords(last=_last(view, key, wanted), **_in_month(view, scope, key, wanted))


def _subjects(view: View, scope: OutwardScope, rows: OutwardRows) -> Any:
    if rows == OutwardRows.GRID:
        return [grid.id for grid in scope.grids]
    if rows == OutwardRows.BUILDING:
        own = Building.community_id == view.community.id
        return select(Building.id).where(own, scope.holds(Building.cell_id))
    homes = select(Household.id).where(scope.homes(view))
    return (
        homes
        if rows == OutwardRows.HOUSEHOLD
        else select(Resident.id).where(Resident.household_id.in_(homes))
    )


def _last(
    view: View, key: InstrumentedAttribute[str | None], wanted: ColumnElement[bool]
) -> Mapping[tuple[str, str], LastRecord]:
    newest = func.row_number().over(
        partition_by=(Record.form_code, key),
        order_by=(Record.day.desc(), Record.filled_at.desc(), Record.id.desc()),
    )
    ranked = select(Record.id, newest.label("place")).where(wanted).subquery()
    statement = (
        select(Record.form_code, key.label("subject"), Record.day, Record.answers, Record.form_version_id)
        .add_columns(func.coalesce(Worker.name, Account.name).label("worker"))
        .join(ranked, ranked.c.id == Record.id)
        .outerjoin(Worker, Worker.id == Record.author_worker_id)
        .outerjoin(Account, Account.id == Record.author_account_id)
        .where(ranked.c.place == _LAST)
    )
    records = view.session.execute(statement).all()
    trees = _trees(view, {row.form_version_id for row in records})
    return {
        (row.form_code, row.subject): LastRecord(
            day=row.day,
            worker=row.worker,
            answers=json.loads(row.answers),
            tree=trees[row.form_version_id],
        )
        for row in records
        if row.answers != GONE
    }


def _trees(view: View, versions: Collection[str]) -> Mapping[str, FormTree]:
    statement: Select[Any] = select(FormVersion.id, FormVersion.tree).where(FormVersion.id.in_(versions))
    return {row.id: _tree(view, row) for row in view.session.execute(statement)}


def _tree(view: View, row: Any) -> FormTree:
    tree: FormTree = view.figures.get(("form tree", row.id), lambda: form_from_json(row.tree))
    return tree


def _in_month(
    view: View, scope: OutwardScope, key: InstrumentedAttribute[str | None], wanted: ColumnElement[bool]
) -> dict[str, Any]:
    statement = select(Record.form_code, key, Record.met).where(wanted, Record.day >= scope.first)
    met: Counter[tuple[str, str]] = Counter()
    visited: dict[tuple[str, str], bool] = defaultdict(bool)
    for form, subject, was_met in view.session.execute(statement):
        visited[form, str(subject)] = True
        met[form, str(subject)] += was_met is not False
    return {"in_month": met, "visited": frozenset(visited)}
