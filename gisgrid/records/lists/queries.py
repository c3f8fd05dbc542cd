"""Records of a community by form, grid and day, within one's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from typing_extensions import TypedDict

from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.days import Period, period
from gisgrid.errors import NotFound
from gisgrid.places.models import Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.core.versions import own_forms
from gisgrid.records.lists.kept_ids import kept_ids
from gisgrid.records.lists.lines import RecordLine, kept_rows, lines_of
from gisgrid.records.lists.openings import require_reading
from gisgrid.records.lists.scope import is_agreed_to, lies_in, record_rows, visible_records

PAGE: Final = 200
"""So many records are on a page."""
USUAL_DAYS: Final = 31
"""So many days are listed where nobody says from when."""
NEWEST: Final = (Record.day.desc(), Record.filled_at.desc(), Record.id.desc())
"""The order of lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """Which records are listed: of a form, of a grid by its code, from a day to another, both included.

    ``place``: about a building or a facility, or whom it houses, by its id.
    """

    form: str | None = None
    grid: str | None = None
    place: str | None = None
    first: date | None = None
    last: date | None = None


class RecordList(TypedDict):
    """A page of records, the newest first, of how many that were wanted, and the days that were looked at."""

    rows: list[RecordLine]
    total: int
    page: int
    first: str
    last: str


def list_records(view: View, wanted: RecordFilter, *, page: int = 1, now: datetime) -> RecordList:
    """The records that hold within one's scope, the newest first, 200 a page. Leaves one audit entry.

    Members and staff have those whose subjects lie in their own grids today, heads the community's with
    masked names, grid leaders and stewards what they noted themselves. Records whose subject has said no to
    the form's purpose since aren't there, nor are those that another corrects or that were taken out.

    Raises
    ------
    NotAllowed
        The role sees no list of records.
    NotFound
        No such form or grid.
    InvalidInput
        The days can't be so.
    """
    require_reading(view.actor)
    days = period(wanted.first, wanted.last, today=view.when.day, tz=view.tz, days=USUAL_DAYS)
    narrowed = listed(view, wanted, days)
    total = view.session.scalar(
        select(func.count()).select_from(narrowed.with_only_columns(Record.id).subquery())
    )
    rows = kept_rows(view, narrowed.order_by(*NEWEST).limit(PAGE).offset((page - 1) * PAGE))
    record(view.session, view.actor, "records:list", "record", now=now, count=len(rows))
    return RecordList(
        rows=lines_of(view, rows, is_shown=False),
        total=total or 0,
        page=page,
        first=days.first.isoformat(),
        last=days.last.isoformat(),
    )


def listed(view: View, wanted: RecordFilter, days: Period) -> Select[Record, FormVersion, FieldForm, str]:
    """The records that are listed to the account on some days, to be ordered; asks no right.

    Raises
    ------
    NotFound
        No such form or grid.
    """
    return record_rows(kept_ids(view, days, _codes(view, wanted.form))).where(
        *(visible_records(view), is_agreed_to(), is_valid()),
        *_in_grid(view, wanted.grid),
        *_at_place(wanted.place),
    )


def _codes(view: View, form: str | None) -> list[str]:
    """The forms that are looked through: by them and their days records are found quickly."""
    codes = sorted(view.session.scalars(own_forms(view).with_only_columns(FieldForm.code)))
    if form is None:
        return codes
    if form not in codes:
        raise NotFound("no such form")
    return [form]


def _in_grid(view: View, code: str | None) -> list[ColumnElement[bool]]:
    if code is None:
        return []
    areas: Any = [area.id for area in view.present.tree.areas.values() if area.code == code]
    if not areas:
        raise NotFound("no such grid")
    return [lies_in(frozenset(view.present.cells_of(areas))) | Record.area_id.in_(areas)]


def _at_place(place: str | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [or_(Record.building_id == place, Household.building_id == place, Record.facility_id == place)]
