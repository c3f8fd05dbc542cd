"""Which records an account may know, as SQL: by where their subjects lie today and what these agreed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from gisgrid.access.models import Account, Role, Worker
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import opened_cases
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import OF_PERSONS, SubjectKind
from gisgrid.storage.base import lived_on
from gisgrid.storage.listed_ids import id_rows

WHOLE: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Roles that know of the records of their whole community."""
_GRIDS: Final = frozenset({Role.STAFF, Role.MEMBER})
_OWN: Final = frozenset({Role.GRID_LEADER, Role.STEWARD})
"""Roles that know of what they noted themselves, about no person."""


def record_rows(ids: Iterable[str] | None = None) -> Select[Record, FormVersion, FieldForm, str]:
    """Records with the form, the subject and who came, to be narrowed; rows of repeats are left out.

    With ``ids`` no others than those are looked at.
    """
    came = func.coalesce(Worker.name, Account.name).label("by")
    rows = select(Record, FormVersion, FieldForm, came).select_from(Record)
    if ids is not None:
        listed = id_rows(ids)
        rows = rows.join(listed, listed.c.value == Record.id)
    return (
        rows.join(FormVersion, FormVersion.id == Record.form_version_id)
        .join(FieldForm, FieldForm.id == FormVersion.form_id)
        .outerjoin(Resident, Resident.id == Record.resident_id)
        .outerjoin(Household, Household.id == func.coalesce(Record.household_id, Resident.household_id))
        .outerjoin(Building, Building.id == Record.building_id)
        .outerjoin(Facility, Facility.id == Record.facility_id)
        .outerjoin(Case, Case.id == Record.case_id)
        .outerjoin(Worker, Worker.id == Record.author_worker_id)
        .outerjoin(Account, Account.id == Record.author_account_id)
        .where(Record.parent_id.is_(None))
    )


def visible_records(view: View) -> ColumnElement[bool]:
    """Records within what the account knows by its role, whatever their subjects agreed to."""
    actor = view.actor
    here = records_here(view)
    if actor.role in WHOLE:
        return here
    if actor.role in _GRIDS:
        return here & _is_served(view)
    if actor.role in _OWN and actor.account_id is not None:
        is_of_nobody = and_(Record.subject.not_in(OF_PERSONS), FieldForm.purpose.is_(None))
        return here & is_of_nobody & (Record.author_account_id == actor.account_id)
    if actor.role == Role.RESIDENT and actor.household_id is not None:
        return here & (Household.id == actor.household_id)
    return false()


def records_here(view: View) -> ColumnElement[bool]:
    """Records of the whole community whose subjects are there still: for counts, whoever they are told to."""
    return and_(_is_here(view), _is_there(view))


def is_agreed_to() -> ColumnElement[bool]:
    """Records whose subject has not said no to the form's purpose, or to being registered."""
    registered = or_(_is_no(Household.consent), _is_no(Resident.consent))
    answered = or_(
        _is_no(_last_answer(Consent.household_id, Household.id)),
        _is_no(_last_answer(Consent.resident_id, Resident.id)),
    )
    beside = and_(FieldForm.purpose != Purpose.REGISTRATION, answered)
    return or_(FieldForm.purpose.is_(None), and_(~registered, ~beside))


def is_known(view: View) -> ColumnElement[bool]:
    """Records whose subject is of the community today and there still; the same whoever asks."""
    return and_(_is_here(view), _lives(view))


def lies_in(cells: frozenset[str]) -> ColumnElement[bool]:
    """Records whose subject lies in one of some cells today."""
    return _cell().in_(cells)


def _is_no(answer: Any) -> ColumnElement[bool]:
    return func.coalesce(answer, "").in_(NO_CONSENT)


def _last_answer(subject: Any, subject_id: Any) -> Any:
    return (
        select(Consent.status)
        .where(subject == subject_id, Consent.purpose == FieldForm.purpose)
        .order_by(Consent.asked_at.desc(), Consent.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _cell() -> ColumnElement[str]:
    return func.coalesce(Household.cell_id, Building.cell_id, Facility.cell_id, Case.cell_id)


def _is_here(view: View) -> ColumnElement[bool]:
    """Whether the subject is of the community today; meetings and areas are of the record's own."""
    of_subject = (Household.community_id, Building.community_id, Facility.community_id, Case.community_id)
    return func.coalesce(*of_subject, Record.community_id) == view.community.id


def _is_there(view: View) -> ColumnElement[bool]:
    """Whether the subject is there still: neither erased nor gone; of a case, one the account may open."""
    return and_(_lives(view), or_(Record.case_id.is_(None), opened_cases(view)))


def _lives(view: View) -> ColumnElement[bool]:
    lives = lived_on(Household.lived_from, Household.lived_to, view.when.day)
    return or_(Record.subject.not_in(OF_PERSONS), lives & Resident.erased_at.is_(None))


def _is_served(view: View) -> ColumnElement[bool]:
    role, account = view.actor.role, view.actor.account_id
    served = lies_in(view.own_cells) | Record.area_id.in_(_own_areas(view))
    is_own = Record.author_account_id == account if account is not None else false()
    meeting: ColumnElement[bool] = true() if role == Role.STAFF else is_own
    return served | ((Record.subject == SubjectKind.COMMUNITY) & meeting)


def _own_areas(view: View) -> list[str]:
    """Areas whose cells are all the account's own."""
    own = view.own_cells
    cells = {area: set(view.present.cells_of([area])) for area in view.present.tree.areas}
    return sorted(area for area, within in cells.items() if within and within <= own)
