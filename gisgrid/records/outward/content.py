"""What stands in the rows and cells of a department's table, for a scope, by what people agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.models import Worker
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput, say
from gisgrid.labels.outward import MONTH, WHOLE_COMMUNITY
from gisgrid.people.core.purposes import Purpose
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.answer_facts import SubjectRecords, read_records
from gisgrid.records.outward.area_counts import AreaFacts, read_areas
from gisgrid.records.outward.cell_values import NO_CONSENT, CellValue
from gisgrid.records.outward.consent_states import ConsentStates, read_states
from gisgrid.records.outward.fields import OutwardFields
from gisgrid.records.outward.form_fields import FormField
from gisgrid.records.outward.home_facts import HomeFacts, read_buildings, read_homes
from gisgrid.records.outward.person_facts import PersonFacts, count_refused, read_persons
from gisgrid.records.outward.scope import OutwardScope
from gisgrid.records.outward.sheets import OutwardPeople, OutwardSheet
from gisgrid.records.outward.visit_counts import VISIT_FORM

MOST_ROWS: Final = 20_000
_PEOPLE_PURPOSES: Final = {
    OutwardPeople.ALONE: Purpose.ELDER_VISITS,
    OutwardPeople.IN_NEED: Purpose.SENSITIVE_NEEDS,
    OutwardPeople.VISITED: Purpose.ELDER_VISITS,
}
"""Without which nobody stands in rows that are chosen so: standing there tells it already."""
_ALONE: Final = frozenset({"living_alone", "empty_nest"})
_IN_NEED: Final = frozenset({"hardship", "min_allowance", "no_income", "disabled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardContent:
    """Rows by the title of a sheet, single cells by field, and how many persons aren't listed at all.

    ``subjects`` are the ids that the rows of a sheet are about, row by row.
    """

    rows: Mapping[str, Sequence[Mapping[str, CellValue]]]
    subjects: Mapping[str, Sequence[str]]
    cells: Mapping[str, CellValue]
    left_out: int


@dataclass(frozen=True)
class _Ground:
    """Everything of a scope that several sheets read, each thing at most once."""

    view: View
    scope: OutwardScope
    fields: OutwardFields
    sheets: Sequence[OutwardSheet]

    @cached_property
    def states(self) -> ConsentStates:
        return read_states(self.view, self.scope)

    @cached_property
    def persons(self) -> list[PersonFacts]:
        return read_persons(self.view, self.scope, self.states)

    @cached_property
    def homes(self) -> list[HomeFacts]:
        return read_homes(self.view, self.scope, self.states, self.persons)

    @cached_property
    def areas(self) -> tuple[list[AreaFacts], AreaFacts]:
        return read_areas(self.view, self.scope, self.homes, self.persons, codes=self.codes)

    @property
    def codes(self) -> set[str]:
        """All fields that are wanted, of columns and of single cells."""
        return {code for sheet in self.sheets for code in (*sheet.columns.values(), *sheet.cells.values())}

    def records(self, rows: OutwardRows) -> SubjectRecords:
        codes = {code for sheet in self.sheets if sheet.rows == rows for code in sheet.columns.values()}
        forms = {field.form for code, field in self.fields.forms[rows].items() if code in codes}
        is_visited = any(sheet.people == OutwardPeople.VISITED for sheet in self.sheets)
        visits = {VISIT_FORM} if rows == OutwardRows.PERSON and is_visited else set()
        return read_records(self.view, self.scope, rows, forms | visits)


def read_content(
    view: View, scope: OutwardScope, fields: OutwardFields, sheets: Sequence[OutwardSheet]
) -> OutwardContent:
    """The values of some sheets for a scope.

    Raises
    ------
    InvalidInput
        There are more rows than a table may have.
    """
    ground = _Ground(view, scope, fields, sheets)
    constants = _constants(view, scope)
    rows: dict[str, Sequence[Mapping[str, CellValue]]] = {}
    ids: dict[str, Sequence[str]] = {}
    for sheet in sheets:
        subjects = _subjects(ground, sheet) if sheet.columns else []
        _check_count(len(subjects) + sum(map(len, rows.values())))
        rows[sheet.sheet] = _rows(ground, sheet, subjects, constants)
        ids[sheet.sheet] = [subject.id for subject in subjects]
    wanted = {code for sheet in sheets for code in sheet.cells.values()}
    left_out = count_refused(view, scope) if any(map(_lists_persons, sheets)) else 0
    return OutwardContent(rows=rows, subjects=ids, cells=_cells(ground, constants, wanted), left_out=left_out)


def _lists_persons(sheet: OutwardSheet) -> bool:
    return sheet.rows == OutwardRows.PERSON and bool(sheet.columns)


def _check_count(count: int) -> None:
    if count > MOST_ROWS:
        raise InvalidInput(say("{count} rows; at most {most} are filled", count=count, most=MOST_ROWS))


def _subjects(ground: _Ground, sheet: OutwardSheet) -> Sequence[Any]:
    if sheet.rows == OutwardRows.PERSON:
        return _chosen(ground, sheet.people)
    if sheet.rows == OutwardRows.HOUSEHOLD:
        return ground.homes
    if sheet.rows == OutwardRows.BUILDING:
        return read_buildings(ground.view, ground.scope, ground.homes)
    return ground.areas[0]


def _chosen(ground: _Ground, people: OutwardPeople) -> list[PersonFacts]:
    purpose = _PEOPLE_PURPOSES.get(people)
    open_to = [person for person in ground.persons if purpose is None or person.is_open(purpose)]
    if people == OutwardPeople.ELDERS:
        return [person for person in open_to if person.is_elder]
    if people == OutwardPeople.ELDERS_80:
        return [person for person in open_to if person.is_old_elder]
    if people == OutwardPeople.ALONE:
        return [person for person in open_to if person.is_elder and _ALONE & set(person.needs)]
    if people == OutwardPeople.IN_NEED:
        return [person for person in open_to if _IN_NEED & set(person.needs)]
    if people == OutwardPeople.VISITED:
        visited = ground.records(OutwardRows.PERSON).visited
        return [person for person in open_to if (VISIT_FORM, person.id) in visited]
    return open_to


def _rows(
    ground: _Ground, sheet: OutwardSheet, subjects: Sequence[Any], constants: Mapping[str, CellValue]
) -> list[Mapping[str, CellValue]]:
    records = ground.records(sheet.rows) if subjects else SubjectRecords()
    codes = set(sheet.columns.values())
    fields = {code: ground.fields.field(sheet.rows, code) for code in codes}
    shared = {code: constants[code] for code in codes if fields[code] is None and code in constants}
    known = [field for field in fields.values() if field is not None]
    return [{**shared, **{field.code: _value(field, row, records) for field in known}} for row in subjects]


def _value(field: Any, row: Any, records: SubjectRecords) -> CellValue:
    if isinstance(row, (PersonFacts, HomeFacts)) and field.purpose and not row.is_open(field.purpose):
        return NO_CONSENT
    if not isinstance(field, FormField):
        value: CellValue = field.read(row)
        return value
    if isinstance(row, AreaFacts) and field.is_count:
        return row.counts.get(field.code, 0) + records.in_month.get((field.form, row.id), 0)
    return field.read(records, row.id)


def _constants(view: View, scope: OutwardScope) -> dict[str, CellValue]:
    is_grid = scope.area.level == Level.GRID
    return {
        "community.name": view.community.name,
        "community.code": view.community.code,
        "today": view.when.day,
        "month": MONTH.format(year=scope.first.year, month=scope.first.month),
        "filler.name": _filler(view),
        "grid.name": scope.area.name
        if is_grid
        else _names(grid.name for grid in scope.grids)
        if scope.cells is not None
        else WHOLE_COMMUNITY,
        "grid.code": scope.area.code if is_grid else None,
    }


def _names(names: Iterable[str]) -> str:
    return "、".join(names)


def _filler(view: View) -> str:
    name = view.session.scalar(select(Worker.name).where(Worker.id == view.actor.worker_id))
    return name or view.actor.name


def _cells(
    ground: _Ground, constants: Mapping[str, CellValue], wanted: Iterable[str]
) -> dict[str, CellValue]:
    cells = dict(constants)
    for code in set(wanted) - set(constants):
        whole = ground.areas[1]
        cells[code] = whole.member if code == "grid.member" else whole.counts.get(code, 0)
    return cells
