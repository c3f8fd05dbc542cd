"""The subject of a record within what an actor may note something about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, false, select, true

from gisgrid.access.models import Role
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import cell_at
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import case_within
from gisgrid.days import AsOf, day_of
from gisgrid.errors import NotFound
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import is_listed
from gisgrid.people.core.scope import answerable_household
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.rules import SubjectKind

_WHOLE: Final = frozenset({Role.HEAD, Role.LOCAL})
_PLACED: Final = {
    SubjectKind.HOUSEHOLD: (PlacedKind.HOUSEHOLD, Household),
    SubjectKind.PERSON: (PlacedKind.HOUSEHOLD, Household),
    SubjectKind.BUILDING: (PlacedKind.BUILDING, Building),
    SubjectKind.FACILITY: (PlacedKind.FACILITY, Facility),
    SubjectKind.CASE: (PlacedKind.CASE, Case),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSubject:
    """What a record is about; with the household, and the person, where it is about people."""

    kind: SubjectKind
    id: str | None
    household: Household | None = None
    person: Resident | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A subject that is asked for, to be locked or not."""

    kind: SubjectKind
    id: str
    lock: bool


def subject_within(
    view: View, kind: SubjectKind, subject_id: str | None, *, lock: bool = True
) -> RecordSubject:
    """A subject the actor may note something about, locked against a second writer where one writes.

    Raises
    ------
    NotFound
        No such subject within the actor's scope; whether it is somewhere else is not told.
    """
    if lock:
        wait_for_others(view.session, view.community.id)
    if subject_id is None and kind != SubjectKind.COMMUNITY:
        raise NotFound("no such subject")
    return _FINDERS[kind](view, _Wanted(kind=kind, id=subject_id or view.community.id, lock=lock))


def _person(view: View, wanted: _Wanted) -> RecordSubject:
    home = view.session.scalar(select(Resident.household_id).where(Resident.id == wanted.id))
    household = answerable_household(view, home or "", lock=wanted.lock)
    person = view.session.get(Resident, wanted.id, with_for_update=wanted.lock)
    if person is None or person.erased_at or not is_listed(person.birth_date, view.when.day):
        raise NotFound("no such person")
    return RecordSubject(kind=wanted.kind, id=wanted.id, household=household, person=person)


def _household(view: View, wanted: _Wanted) -> RecordSubject:
    household = answerable_household(view, wanted.id, lock=wanted.lock)
    return RecordSubject(kind=wanted.kind, id=wanted.id, household=household)


def _place(view: View, wanted: _Wanted) -> RecordSubject:
    table: Any = _PLACED[wanted.kind][1]
    own = table.community_id == view.community.id
    statement = select(table.id).where(table.id == wanted.id, own, _is_served(view, table))
    if view.session.scalar(statement) is None:
        raise NotFound("no such subject")
    return RecordSubject(kind=wanted.kind, id=wanted.id)


def _is_served(view: View, table: Any) -> ColumnElement[bool]:
    role = view.actor.role
    if role in _WHOLE:
        return true()
    if role == Role.STEWARD:
        return Building.id.in_(view.actor.buildings) if table is Building else false()
    served: ColumnElement[bool] = table.cell_id.in_(view.own_cells)
    return served


def _case(view: View, wanted: _Wanted) -> RecordSubject:
    return RecordSubject(kind=wanted.kind, id=case_within(view, wanted.id, lock=wanted.lock).id)


def _area(view: View, wanted: _Wanted) -> RecordSubject:
    area = view.present.tree.areas.get(wanted.id)
    if area is None or area.community_id != view.community.id:
        raise NotFound("no such subject")
    cells = view.present.cells_of([wanted.id])
    if view.actor.role not in _WHOLE and not (cells and set(cells) <= view.own_cells):
        raise NotFound("no such subject")
    return RecordSubject(kind=wanted.kind, id=wanted.id)


def _community(view: View, wanted: _Wanted) -> RecordSubject:
    if wanted.id != view.community.id:
        raise NotFound("no such subject")
    return RecordSubject(kind=wanted.kind, id=None)


def _none(_view: View, _wanted: _Wanted) -> RecordSubject:
    raise NotFound("no such subject")


_FINDERS: Final[dict[SubjectKind, Callable[[View, _Wanted], RecordSubject]]] = {
    SubjectKind.PERSON: _person,
    SubjectKind.HOUSEHOLD: _household,
    SubjectKind.BUILDING: _place,
    SubjectKind.FACILITY: _place,
    SubjectKind.CASE: _case,
    SubjectKind.AREA: _area,
    SubjectKind.COMMUNITY: _community,
    SubjectKind.WORKER: _none,
    SubjectKind.ORGANISATION: _none,
}


def cell_of(view: View, subject: RecordSubject, *, at: datetime) -> str | None:
    """The cell in which a subject lay at a moment; nothing outside, and for areas."""
    if subject.kind not in _PLACED:
        return None
    kind, model = _PLACED[subject.kind]
    table: Any = model
    object_id = subject.household.id if subject.household else subject.id
    when = AsOf(at=at, day=day_of(at, view.tz), is_past=True)
    cell = cell_at(kind, table.id, table.cell_id, when)
    cell_id: str | None = view.session.scalar(select(cell).where(table.id == object_id))
    return cell_id
