"""By what cases are counted: one key per case in SQL, and what the rows are called.

``area`` rows go by the cell a case lies in and the division of the view (the grids of now, or of the day or
revision asked for); with ``then`` by the grid each case was reported in, whatever became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, select

from gisgrid.access.models import Duty, DutyKind, Worker
from gisgrid.areas.models import AreaName, Level
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.errors import InvalidInput, NotFound, say
from gisgrid.figures.counts import case_cell
from gisgrid.figures.groups import groups_of

NOBODY: Final = ""
"""The code of the row for cases that belong to none of the others."""


class By(StrEnum):
    """What a row stands for."""

    COMMUNITY = "community"
    SUB_AREA = "sub_area"
    COMPOUND = "compound"
    GRID = "grid"
    CATEGORY = "category"
    CLASS = "class"
    DEPARTMENT = "department"
    MONTH = "month"


class Borders(StrEnum):
    """By which grids: those of the view, or those the cases were reported in."""

    NOW = "now"
    THEN = "then"


LEVELS: Final[Mapping[By, Level]] = {
    By.SUB_AREA: Level.SUB_AREA,
    By.COMPOUND: Level.COMPOUND,
    By.GRID: Level.GRID,
}
"""Rows that are areas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: its code as it is asked for, and its name."""

    code: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """The key of a case in SQL, the code of the row a key counts into, and the rows once the keys are known.

    ``keys_of`` is the condition on cases of one row.
    """

    key: ColumnElement[Any]
    code_of: Callable[[Any], str]
    rows: Callable[[Iterable[str]], Sequence[Row]]
    keys_of: Callable[[str], ColumnElement[bool]]


def grouping(view: View, by: By, borders: Borders = Borders.NOW) -> Grouping:
    """How cases are told apart.

    Raises
    ------
    InvalidInput
        Only grids are known as they were then.
    """
    if borders is Borders.THEN and by in (By.SUB_AREA, By.COMPOUND):
        raise InvalidInput("only grids are told as they were when a case was reported", field="borders")
    if by is By.GRID and borders is Borders.THEN:
        return _then(view)
    if by in LEVELS:
        return _areas(view, LEVELS[by])
    return _OTHERS[by](view)


def _areas(view: View, level: Level) -> Grouping:
    groups = groups_of(view, level)
    codes = {row.key: row.code for row in groups.rows}
    of_cell = {cell: codes[key] for cell, key in groups.of_cell.items()}
    named = [Row(code=row.code, name=row.name, parent=row.parent) for row in groups.rows]
    cell = case_cell(view)

    def keys_of(code: str) -> ColumnElement[bool]:
        if code != NOBODY and code not in codes.values():
            raise NotFound(say("no area with the code {code!r}", code=code))
        if code == NOBODY:
            return cell.is_(None) | cell.not_in(list(of_cell))
        return cell.in_([cell_id for cell_id, owner in of_cell.items() if owner == code])

    return Grouping(
        key=cell,
        code_of=lambda key: of_cell.get(key, NOBODY),
        rows=lambda keys: [*named, *_rest(keys)],
        keys_of=keys_of,
    )


def _then(view: View) -> Grouping:
    """Grids as they were, also those that are closed since; by the last code they had."""
    last_code = (
        select(AreaName.code)
        .where(AreaName.area_id == Case.reported_grid_id)
        .order_by(AreaName.valid_from.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    key = func.coalesce(last_code, NOBODY)

    def rows(keys: Iterable[str]) -> list[Row]:
        codes = [code for code in keys if code]
        statement = select(AreaName.code, AreaName.name).where(AreaName.code.in_(codes))
        names = {row.code: row.name for row in view.session.execute(statement.order_by(AreaName.valid_from))}
        order = sorted(names, key=lambda code: (len(code), code))
        return [*(Row(code=code, name=names[code]) for code in order), *_rest(keys)]

    return Grouping(key=key, code_of=str, rows=rows, keys_of=lambda code: key == code)


def _rest(keys: Iterable[str], name: str = "") -> list[Row]:
    return [Row(code=NOBODY, name=name)] if NOBODY in keys else []


def _whole(view: View) -> Grouping:
    row = Row(code=view.community.code, name=view.community.name)
    return Grouping(
        key=literal(row.code),
        code_of=lambda _key: row.code,
        rows=lambda _found: [row],
        keys_of=lambda _code: literal(1) == 1,
    )


def owner_at_report() -> ScalarSelect[Any]:
    """The primary member of the grid a case was reported in, on that day."""
    return (
        select(Duty.worker_id)
        .where(
            Duty.area_id == Case.reported_grid_id,
            Duty.kind == DutyKind.GRID_MEMBER,
            Duty.is_primary.is_(True),
            Duty.valid_from <= Case.reported_at,
            Duty.valid_to.is_(None) | (Duty.valid_to > Case.reported_at),
        )
        .order_by(Duty.valid_from.desc(), Duty.id)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )


def member_key() -> ColumnElement[str]:
    """Who answers for a case: its handler, else the primary member of the grid when it was reported."""
    return func.coalesce(Case.handler_id, owner_at_report(), NOBODY)


def members(view: View) -> Grouping:
    """By who answers for a case: for appraisals alone, as indicators compare no persons."""
    key = member_key()

    def rows(keys: Iterable[str]) -> list[Row]:
        statement = select(Worker.id, Worker.name).where(Worker.id.in_([worker for worker in keys if worker]))
        named = [Row(code=row.id, name=row.name) for row in view.session.execute(statement)]
        return [*sorted(named, key=lambda row: (row.name, row.code)), *_rest(keys)]

    return Grouping(key=key, code_of=str, rows=rows, keys_of=lambda code: key == code)


def _categories(view: View) -> Grouping:
    def rows(keys: Iterable[str]) -> list[Row]:
        statement = select(Category.code, Category.name, Category.group).where(Category.code.in_(list(keys)))
        named = view.session.execute(statement.order_by(Category.position, Category.code))
        return [Row(code=row.code, name=row.name, parent=row.group) for row in named]

    key = Case.category_code.expression
    return Grouping(key=key, code_of=str, rows=rows, keys_of=lambda code: key == code)


def _by_text(key: ColumnElement[Any]) -> Grouping:
    def rows(keys: Iterable[str]) -> list[Row]:
        return [*(Row(code=text, name=text) for text in sorted(keys) if text), *_rest(keys)]

    return Grouping(key=key, code_of=str, rows=rows, keys_of=lambda code: key == code)


def _classes(view: View) -> Grouping:
    del view
    return _by_text(Category.group.expression)


def _departments(view: View) -> Grouping:
    key = func.coalesce(Case.line_code, NOBODY)

    def rows(keys: Iterable[str]) -> list[Row]:
        statement = (
            select(Case.line_code, func.max(Case.line_name).label("name"))
            .where(
                Case.community_id == view.community.id, Case.line_code.in_([code for code in keys if code])
            )
            .group_by(Case.line_code)
            .order_by(Case.line_code)
        )
        named = [
            Row(code=row.line_code, name=row.name or row.line_code) for row in view.session.execute(statement)
        ]
        return [*named, *_rest(keys)]

    return Grouping(key=key, code_of=str, rows=rows, keys_of=lambda code: key == code)


_OTHERS: Final[Mapping[By, Callable[[View], Grouping]]] = {
    By.COMMUNITY: _whole,
    By.MONTH: _whole,
    By.CATEGORY: _categories,
    By.CLASS: _classes,
    By.DEPARTMENT: _departments,
}


def months_of(first: date, last: date) -> list[tuple[date, date]]:
    """The calendar months that two days span, each from its first day asked for to its last."""
    months, day = [], first
    while day <= last:
        following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        months.append((day, min(last, date.fromordinal(following.toordinal() - 1))))
        day = following
    return months
