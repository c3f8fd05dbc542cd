"""Samples and their score sheets: to the third party without anything that leads to a person or a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.rules import REDACTED
from gisgrid.days import day_of
from gisgrid.errors import NotFound
from gisgrid.indicators.evaluation.models import EvaluationCase, EvaluationSample
from gisgrid.indicators.evaluation.rules import MOST, Comparison, Judged, compared
from gisgrid.places.models import Building

COUNTS_ONLY: Final = frozenset({Role.LEADER})
"""Roles that get the comparison and no single case."""
COMPARING: Final = frozenset({Role.HEAD, Role.LEADER, Role.LOCAL})
"""Roles that get the comparison: who checks on site is not told what others say of the same cases."""
OWN_CASES: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Roles that may open the cases themselves: they get their ids, so that they can draw the sample again."""

_PLACES: Final = 4
"""Decimals of degrees that a place without a building is told with: about 10 m."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSample:
    """A sample as it is listed; ``by`` is told to those who may open its cases."""

    id: str
    first_day: date
    last_day: date
    size: int
    population: int
    drawn: int
    checked: int
    seed: int
    drawn_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRow:
    """One row of a sheet. Of a case that may no longer be shown there is nothing but its place.

    ``building`` is its name, compound and number, or code, never unit and room; ``lon`` and ``lat``
    (EPSG:4326, rounded to about 10 m) are told where that is a code or nothing. ``case_id`` is told only
    to who may open the case.
    """

    place: int
    is_shown: bool
    category: str | None = None
    category_name: str | None = None
    severity: str | None = None
    grid: str | None = None
    grid_name: str | None = None
    reported_on: date | None = None
    closed_on: date | None = None
    in_time: bool | None = None
    building: str | None = None
    lon: float | None = None
    lat: float | None = None
    result: str | None = None
    score: int | None = None
    note: str | None = None
    checked_on: date | None = None
    case_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSheet:
    """A sample with what the actor may see of it: rows, comparison, or both."""

    sample: ListedSample
    rows: list[CheckedRow]
    comparison: Comparison | None


def was_redacted() -> ColumnElement[bool]:
    """Cases of which a text was taken out for good, as SQL."""
    return exists().where(CaseLog.case_id == Case.id, CaseLog.action == "redact")


def may_be_shown() -> ColumnElement[bool]:
    """Cases that a sheet may tell of today, as SQL; the category is joined."""
    return and_(Category.is_confidential.is_(False), ~was_redacted())


def samples(view: View, *, now: datetime) -> list[ListedSample]:
    """The samples of a community, the latest days first. Leaves one audit entry."""
    require(view.actor, Action.EVALUATIONS_VIEW)
    rows = view.session.execute(_samples(view).order_by(EvaluationSample.first_day.desc())).all()
    record(view.session, view.actor, "evaluations:list", "evaluation_sample", now=now, count=len(rows))
    return [_describe(view, row) for row in rows]


def sheet(view: View, sample_id: str, *, now: datetime) -> SampleSheet:
    """A sample with rows and comparison, as far as the actor may see them. Leaves one audit entry.

    Raises
    ------
    NotFound
        No such sample in the community.
    """
    require(view.actor, Action.EVALUATIONS_VIEW)
    row = view.session.execute(_samples(view).where(EvaluationSample.id == sample_id)).one_or_none()
    if row is None:
        raise NotFound("no such sample")
    case_rows = view.session.execute(_rows(view, sample_id)).all()
    shown = [case_row for case_row in case_rows if _is_shown(case_row)]
    role = view.actor.role
    record(
        view.session,
        view.actor,
        "evaluations:view",
        "evaluation_sample",
        now=now,
        object_id=sample_id,
        count=len(case_rows),
    )
    return SampleSheet(
        sample=_describe(view, row),
        rows=[] if role in COUNTS_ONLY else [_checked(view, case_row) for case_row in case_rows],
        comparison=compared([_judged(case_row) for case_row in shown]) if role in COMPARING else None,
    )


def shown_row(view: View, sample_id: str, place: int) -> EvaluationCase:
    """The row of a sheet to write in, locked.

    Raises
    ------
    NotFound
        No such row in a sample of the community, or its case may no longer be shown.
    """
    if not 1 <= place <= MOST:
        raise NotFound("no such case in this sample")
    wanted = _rows(view, sample_id).where(EvaluationCase.place == place)
    row = view.session.execute(wanted).one_or_none()
    if row is None or not _is_shown(row):
        raise NotFound("no such case in this sample")
    return view.session.scalars(
        select(EvaluationCase).where(EvaluationCase.id == row.row_id).with_for_update()
    ).one()


def _samples(view: View) -> Select[Any]:
    own = EvaluationCase.sample_id == EvaluationSample.id
    count = select(func.count()).where(own)
    return (
        select(
            EvaluationSample,
            count.scalar_subquery().label("drawn"),
            count.where(EvaluationCase.checked_at.is_not(None)).scalar_subquery().label("checked"),
            Account.name.label("by"),
        )
        .outerjoin(Account, Account.id == EvaluationSample.drawn_by)
        .where(EvaluationSample.community_id == view.community.id)
    )


def _describe(view: View, row: Row[Any]) -> ListedSample:
    sample: EvaluationSample = row[0]
    return ListedSample(
        id=sample.id,
        first_day=sample.first_day,
        last_day=sample.last_day,
        size=sample.size,
        population=sample.population,
        drawn=row.drawn,
        checked=row.checked,
        seed=sample.seed,
        drawn_at=sample.drawn_at,
        by=row.by if view.actor.role in OWN_CASES else None,
    )


def _rows(view: View, sample_id: str) -> Select[Any]:
    """Rows of a sample of the community; what may not be told of a case never leaves the database.

    Texts are read only to see whether they were taken out: after a restore no step may tell of it.
    """
    is_shown = and_(may_be_shown(), Case.community_id == EvaluationSample.community_id)

    # Compound and number. Of a building that stands alone the address is that of a door.
    in_compound = case((Building.compound_id.is_not(None), Building.address), else_=None)

    def disclose(column: Any, name: str) -> Any:
        return case((is_shown, column), else_=None).label(name)

    return (
        select(
            EvaluationCase.id.label("row_id"),
            EvaluationCase.place,
            is_shown.label("is_shown"),
            EvaluationCase.case_id,
            Case.description,
            Case.result.label("told_result"),
            disclose(Category.code, "category"),
            disclose(Category.name, "category_name"),
            disclose(Case.severity, "severity"),
            disclose(Case.cell_id, "cell_id"),
            disclose(Case.reported_at, "reported_at"),
            disclose(Case.closed_at, "closed_at"),
            disclose(Case.due_at, "due_at"),
            disclose(func.coalesce(Building.name, in_compound), "building"),
            disclose(Building.code, "code"),
            disclose(func.ST_X(Case.position), "lon"),
            disclose(func.ST_Y(Case.position), "lat"),
            disclose(Case.rating_result, "rating"),
            disclose(EvaluationCase.result, "result"),
            disclose(EvaluationCase.score, "score"),
            disclose(EvaluationCase.note, "note"),
            disclose(EvaluationCase.checked_at, "checked_at"),
        )
        .join(EvaluationSample, EvaluationSample.id == EvaluationCase.sample_id)
        .join(Case, Case.id == EvaluationCase.case_id)
        .join(Category, Category.code == Case.category_code)
        .outerjoin(Building, Building.id == Case.building_id)
        .where(EvaluationSample.id == sample_id, EvaluationSample.community_id == view.community.id)
        .order_by(EvaluationCase.place)
    )


def _is_shown(row: Row[Any]) -> bool:
    return bool(row.is_shown) and REDACTED not in (row.description, row.told_result)


def _in_time(row: Row[Any]) -> bool | None:
    """Whether it was closed by when it fell due; nothing where it had no deadline or is open again."""
    return None if row.closed_at is None or row.due_at is None else bool(row.closed_at <= row.due_at)


def _judged(row: Row[Any]) -> Judged:
    return Judged(in_time=_in_time(row), rating=row.rating, result=row.result, score=row.score)


def _checked(view: View, row: Row[Any]) -> CheckedRow:
    case_id = row.case_id if view.actor.role in OWN_CASES else None
    if not _is_shown(row):
        return CheckedRow(place=row.place, is_shown=False, case_id=case_id)
    grid = view.division.grid_of(row.cell_id)
    lon, lat = (None, None) if row.building or row.lon is None else (row.lon, row.lat)
    return CheckedRow(
        place=row.place,
        is_shown=True,
        category=row.category,
        category_name=row.category_name,
        severity=row.severity,
        grid=grid.code if grid else None,
        grid_name=grid.name if grid else None,
        reported_on=day_of(row.reported_at, view.tz),
        closed_on=day_of(row.closed_at, view.tz) if row.closed_at else None,
        in_time=_in_time(row),
        building=row.building or row.code,
        lon=None if lon is None else round(lon, _PLACES),
        lat=None if lat is None else round(lat, _PLACES),
        result=row.result,
        score=row.score,
        note=row.note,
        checked_on=day_of(row.checked_at, view.tz) if row.checked_at else None,
        case_id=case_id,
    )
