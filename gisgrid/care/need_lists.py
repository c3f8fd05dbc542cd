"""Needs that nobody serves, and people without income and without aid: lists by name for who may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, select, true
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.care.needs import ALLOWANCE, NO_INCOME, is_served, known_needs
from gisgrid.care.service_rows import running_rows
from gisgrid.care.worklist import names_of
from gisgrid.days import day_of
from gisgrid.errors import InvalidInput, say
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.core.scope import answerable
from gisgrid.people.edits.fields import NEEDS
from gisgrid.people.edits.openings import is_shown_to
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.work.kept_records import marks_of

PAGE: Final = 50
AID_DAYS: Final = 365
"""Aid that was handed over longer ago is none any more."""
CARE_FORM: Final = "care_visit"
DELIVERED: Final = "delivered"
"""The mark of a record of care by which aid was handed over."""
_FIELDS: Final = ("name", "needs", "server")


class NeedPlace(TypedDict):
    """Whose need it is, where, and since which day (ISO) it holds; `days` is how long that is."""

    person: str
    household: str
    name: str | None
    address: str
    grid: str | None
    since: str
    days: int


class UnservedRow(NeedPlace):
    """A need that nobody serves; `grade` where it has one."""

    kind: str
    grade: int | None


class UnaidedRow(NeedPlace):
    """Somebody without income to whom no aid was handed over within a year.

    `last_aid` is the day of the last one before, `allowance` whether the minimum allowance is drawn, `server`
    who is noted as serving the need, by kind, and `server_name`.
    """

    last_aid: str | None
    allowance: bool
    server: str | None
    server_name: str | None


Row = TypeVar("Row", UnservedRow, UnaidedRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFilter:
    """Which needs are listed: of one kind, of one grid by its code."""

    kind: str | None = None
    grid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedList(Generic[Row]):
    """A page of a list, and of how many it is.

    ``counts`` are those of all kinds in one's scope, whatever is listed. Heads who gave no reason learn of
    counts alone: ``is_shown`` is false then.
    """

    rows: list[Row]
    total: int
    counts: dict[str, int]
    is_shown: bool


def unserved_needs(
    view: View,
    wanted: NeedFilter,
    *,
    page: int | None = 1,
    reason: str | None = None,
    now: datetime,
) -> NeedList[UnservedRow]:
    """Needs in one's scope that nobody serves, those that have held longest first; no page: all of them.

    Members and staff have their own grids, heads the community after a reason. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role lists nobody.
    InvalidInput
        There is no such kind of need.
    """
    require(view.actor, Action.PERSONS_LIST)
    is_shown = is_shown_to(view, reason)
    statement = _listed(view, wanted, ~is_served(view), Need.kind, Need.grade)
    total = view.session.scalar(_number(statement)) or 0
    if page is not None:
        statement = statement.limit(PAGE).offset((page - 1) * PAGE)
    lines = view.session.execute(statement).all() if is_shown else []
    names = names_of(view, [line.person for line in lines])
    rows = [UnservedRow(**_place(view, line, names), kind=line.kind, grade=line.grade) for line in lines]
    _note(view, len(rows), reason, is_shown, now)
    counts = {row.kind: row.number for row in view.session.execute(_by_kind(view))}
    return NeedList(rows=rows, total=total, counts=counts, is_shown=is_shown)


def unaided_people(
    view: View,
    wanted: NeedFilter,
    *,
    page: int | None = 1,
    reason: str | None = None,
    now: datetime,
) -> NeedList[UnaidedRow]:
    """People in one's scope without income and without aid within a year, the longest first; as above.

    Raises
    ------
    NotAllowed
        The role lists nobody.
    """
    require(view.actor, Action.PERSONS_LIST)
    is_shown = is_shown_to(view, reason)
    lines = view.session.execute(_listed(view, wanted, Need.kind == NO_INCOME)).all()
    aid = last_aid(view, (line.person for line in lines), view.when.day)
    lines = [line for line in lines if is_unaided(aid.get(line.person), view.when.day)]
    listed = lines if page is None else lines[(page - 1) * PAGE : page * PAGE]
    rows = _unaided_rows(view, listed if is_shown else [], aid)
    _note(view, len(rows), reason, is_shown, now)
    return NeedList(rows=rows, total=len(lines), counts={NO_INCOME: len(lines)}, is_shown=is_shown)


def last_aid(view: View, people: Iterable[str], until: date) -> dict[str, date]:
    """The last day up to another on which aid was handed over to people. Asks no right and no consent."""
    days: dict[str, date] = defaultdict(lambda: date.min)
    for few in batches(sorted(set(people))):
        statement = select(Record.resident_id, Record.day, Record.marks).where(
            Record.resident_id.in_(few), Record.form_code == CARE_FORM, Record.day <= until, is_valid()
        )
        for person, day, marks in view.session.execute(statement):
            if DELIVERED in marks_of(marks, met=None):
                days[str(person)] = max(days[str(person)], day)
    return dict(days)


def is_unaided(last: date | None, day: date) -> bool:
    """Whether no aid was handed over within a year up to a day."""
    return last is None or last < day - timedelta(days=AID_DAYS)


def _listed(view: View, wanted: NeedFilter, which: ColumnElement[bool], *more: Any) -> Select[Any]:
    columns = (
        Resident.id.label("person"),
        Household.id.label("household"),
        Household.std_address.label("address"),
        Household.cell_id.label("cell"),
        Need.valid_from.label("start"),
    )
    scope = answerable(view) & _of_grid(view, wanted.grid)
    order = (Need.valid_from, func.length(Household.std_address), Household.std_address, Need.id)
    return known_needs(view, scope, *columns, *more).where(which, _of_kind(wanted.kind)).order_by(*order)


def _of_kind(kind: str | None) -> ColumnElement[bool]:
    if kind is None:
        return true()
    if kind not in NEEDS:
        raise InvalidInput(say("one of these is needed: {choices}", choices=", ".join(NEEDS)), field="kind")
    return Need.kind == kind


def _of_grid(view: View, code: str | None) -> ColumnElement[bool]:
    if code is None:
        return true()
    cells = [cell for cell, grid in view.division.owner_at(Level.GRID).items() if grid.code == code]
    return Household.cell_id.in_(cells)


def _number(statement: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(statement.order_by(None).subquery())


def _by_kind(view: View) -> Select[Any]:
    kinds = known_needs(view, answerable(view), Need.kind, func.count().label("number"))
    return kinds.where(~is_served(view)).group_by(Need.kind)


def _place(view: View, line: Any, names: Mapping[str, str | None]) -> NeedPlace:
    grid, since = view.division.grid_of(line.cell), day_of(line.start, view.tz)
    return NeedPlace(
        person=line.person,
        household=line.household,
        name=names.get(line.person),
        address=line.address,
        grid=grid.name if grid else None,
        since=since.isoformat(),
        days=(view.when.day - since).days,
    )


def _unaided_rows(view: View, lines: Iterable[Any], aid: Mapping[str, date]) -> list[UnaidedRow]:
    listed = list(lines)
    people = [line.person for line in listed]
    names, servers, drawing = names_of(view, people), running_rows(view, people), _drawing(view, people)
    rows = []
    for line in listed:
        server, last = servers.get((line.person, NO_INCOME)), aid.get(line.person)
        rows.append(
            UnaidedRow(
                **_place(view, line, names),
                last_aid=last.isoformat() if last else None,
                allowance=line.person in drawing,
                server=server["server"] if server else None,
                server_name=server["name"] if server else None,
            )
        )
    return rows


def _drawing(view: View, people: Iterable[str]) -> set[str]:
    """Who of them draws the minimum allowance, as far as that may be known."""
    drawing: set[str] = set()
    for few in batches(sorted(set(people))):
        statement = known_needs(view, answerable(view), Resident.id)
        drawing |= {*view.session.scalars(statement.where(Need.kind == ALLOWANCE, Resident.id.in_(few)))}
    return drawing


def _note(view: View, number: int, reason: str | None, is_shown: bool, now: datetime) -> None:  # noqa: FBT001
    record(
        view.session,
        view.actor,
        "persons:list",
        "resident",
        now=now,
        count=number,
        fields=_FIELDS if is_shown else (),
        reason=(reason or "").strip() or None,
    )
