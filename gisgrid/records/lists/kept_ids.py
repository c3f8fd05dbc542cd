"""Ids of the records about what one serves, by way of their subjects: an index leads to each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, false, select, true, union_all

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.days import Period
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.form_models import FieldForm
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.lists.scope import WHOLE

_GRIDS: Final = frozenset({Role.STAFF, Role.MEMBER})
_PLACED: Final = frozenset(
    {
        *(SubjectKind.PERSON, SubjectKind.HOUSEHOLD, SubjectKind.BUILDING),
        *(SubjectKind.FACILITY, SubjectKind.CASE),
    }
)
"""Subjects that lie in a cell of their own."""
_TABLES: Final[dict[Any, Any]] = {
    Record.household_id: Household,
    Record.building_id: Building,
    Record.facility_id: Facility,
    Record.case_id: Case,
}


def kept_ids(view: View, days: Period, forms: Collection[str]) -> list[str]:
    """The ids of the records of some days and forms about what lies where the account serves; asks no right.

    All that the account may know are among them, and more: they are asked for first, so that of a district's
    records no more than these are looked at.
    """
    actor = view.actor
    if actor.role in WHOLE:
        return ids_here(view, days, forms)
    if actor.role in _GRIDS:
        return _ids(view, days, forms, lambda table: table.cell_id.in_(view.own_cells))
    if actor.role == Role.RESIDENT:
        own = Household.id == actor.household_id
        return _ids(view, days, forms, lambda table: own if table is Household else false())
    written = select(Record.id).where(Record.author_account_id == actor.account_id)
    return list(view.session.scalars(written.where(_is_wanted(days, forms))))


def ids_here(view: View, days: Period, forms: Collection[str]) -> list[str]:
    """The ids of the records of some days and forms about anything in the community, whoever asks."""
    return _ids(view, days, forms, lambda _table: true())


def _ids(
    view: View, days: Period, forms: Collection[str], lies: Callable[[Any], ColumnElement[bool]]
) -> list[str]:
    """Those about what lies where a condition on its table says, and those about what lies nowhere."""
    here = view.community.id
    people = select(Resident.id).join(Household, Household.id == Resident.household_id)
    subjects = {
        Record.resident_id: people.where(Household.community_id == here, lies(Household)),
        **{
            key: select(table.id).where(table.community_id == here, lies(table))
            for key, table in _TABLES.items()
        },
    }
    conditions = [key.in_(ids) for key, ids in subjects.items()]
    nowhere = select(FieldForm.code).where(FieldForm.subject.not_in(_PLACED))
    conditions.append((Record.community_id == here) & Record.form_code.in_(nowhere))
    wanted = _is_wanted(days, forms)
    return list(
        view.session.scalars(union_all(*(select(Record.id).where(each, wanted) for each in conditions)))
    )


def _is_wanted(days: Period, forms: Collection[str]) -> ColumnElement[bool]:
    return Record.day.between(days.first, days.last) & Record.form_code.in_(forms)
