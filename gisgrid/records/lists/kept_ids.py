"""Ids of the records about what one serves, by way of their subjects: an index leads to each of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, select, true, union_all

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


def kept_ids(view: View, days: Period, forms: Collection[str]) -> list[str]:
    """The ids of the records of some days and forms about what lies where the account serves; asks no right.

    All that the account may know are among them, and more: they are asked for first, so that of a district's
    records no more than these are looked at.
    """
    wanted = Record.day.between(days.first, days.last) & Record.form_code.in_(forms)
    ids = union_all(*(branch.where(wanted) for branch in _branches(view)))
    return list(view.session.scalars(ids))


def _branches(view: View) -> list[Select[str]]:
    role, account = view.actor.role, view.actor.account_id
    ids = select(Record.id)
    written = ids.where(Record.author_account_id == account)
    if role not in WHOLE | _GRIDS and role != Role.RESIDENT:
        return [written]
    people = select(Resident.id).join(Household, Household.id == Resident.household_id)
    return [
        ids.where(Record.resident_id.in_(people.where(_lies(view, Household)))),
        *(
            ids.where(key.in_(select(table.id).where(_lies(view, table))))
            for key, table in (
                (Record.household_id, Household),
                (Record.building_id, Building),
                (Record.facility_id, Facility),
                (Record.case_id, Case),
            )
        ),
        ids.where(Record.community_id == view.community.id, Record.form_code.in_(_forms())),
    ]


def _forms() -> Select[str]:
    """The codes of forms about what lies in no cell of its own."""
    return select(FieldForm.code).where(FieldForm.subject.not_in(_PLACED))


def _lies(view: View, table: Any) -> ColumnElement[bool]:
    """Whether something lies where the account serves."""
    actor = view.actor
    here: ColumnElement[bool] = table.community_id == view.community.id
    if actor.role == Role.RESIDENT:
        return here & (Household.id == actor.household_id) if table is Household else false()
    return here & (true() if actor.role in WHOLE else table.cell_id.in_(view.own_cells))
