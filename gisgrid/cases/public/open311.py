"""Cases as service requests of Open311 GeoReport v2: what everybody sees of them, and what a scope sees.

Without the right to cases somebody gets the released ones, without exact place, address, person or note, and
with a text only where staff made one public. With that right the cases of the own scope come as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Duty, DutyKind, Worker
from gisgrid.analysis.disclosure import bin_middle
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.precision import sees_place, sees_texts, surroundings
from gisgrid.cases.core.rules import ENDED_STATES
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.public.release import is_released
from gisgrid.errors import NotFound
from gisgrid.storage.base import valid_at

MOST_ROWS: Final = 1000
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestService:
    """A category as a service that can be asked for."""

    code: str
    name: str
    name_en: str | None
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSearch:
    """Which requests are asked for; nothing named means all. ``is_closed`` says which of both, if not both.

    ``start``, ``end`` are instants of the report, both included; ``numbers`` those of cases.
    """

    numbers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    is_closed: bool | None = None
    page: int = 1
    page_size: int = MOST_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """Who works on a request, by office: an area, and the duty there; ``person`` only within a scope."""

    area: str
    duty: DutyKind | None
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """A case as Open311 tells it; ``lon, lat`` in EPSG:4326, for the public the middle of 100 m or more.

    ``note_step`` and ``note`` are the last line of the log, within a scope only.
    """

    number: str
    is_closed: bool
    service: str
    service_name: str
    description: str | None
    agency: Agency
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None
    address: str | None
    lon: float | None
    lat: float | None
    note_step: str | None = None
    note: str | None = None


def list_services(session: Session, actor: Actor) -> list[RequestService]:
    """Categories that new cases may fall under; confidential ones stand last."""
    require(actor, Action.OWN_GRID_VIEW)
    order = (Category.is_confidential, Category.position, Category.code)
    rows = session.scalars(select(Category).where(Category.closed_at.is_(None)).order_by(*order))
    return [_service(row) for row in rows]


def service_of(session: Session, actor: Actor, code: str) -> RequestService:
    """One of them.

    Raises
    ------
    NotFound
        There is none of that code.
    """
    require(actor, Action.OWN_GRID_VIEW)
    row = session.get(Category, code)
    if row is None or row.closed_at is not None:
        raise NotFound("there is no such service")
    return _service(row)


def find_requests(
    views: Sequence[View], asked: RequestSearch, *, now: datetime
) -> tuple[list[ServiceRequest], int]:
    """A page of requests over the communities looked at, the newest first, and how many there are in all.

    Within a scope the list leaves one audit entry; what everybody sees leaves none.
    """
    if not views:
        return [], 0
    session, actor = views[0].session, views[0].actor
    require(actor, Action.OWN_GRID_VIEW)
    is_scoped = may(actor, Action.CASES_VIEW)
    conditions = [_is_visible(views, is_scoped=is_scoped), *_view_request(asked)]
    total = session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0
    statement = (
        select(Case, Category.name.label("category"), Worker.name.label("person"))
        .join(Category, Category.code == Case.category_code)
        .outerjoin(Worker, Worker.id == Case.handler_id)
        .where(*conditions)
        .order_by(Case.reported_at.desc(), Case.fid.desc())
        .limit(asked.page_size)
        .offset(asked.page_size * (asked.page - 1))
    )
    rows = session.execute(statement).all()
    telling = _RequestSources(
        views={view.community.id: view for view in views},
        is_scoped=is_scoped,
        last=_last_steps(session, [row.Case.id for row in rows]),
        duties=_duties(session, {row.Case.handler_id for row in rows if row.Case.handler_id}, now=now),
    )
    requests = [telling.request(row) for row in rows]
    if is_scoped:
        record(session, actor, "cases:list", "case", now=now, count=len(requests))
    return requests, total


def _service(row: Category) -> RequestService:
    return RequestService(code=row.code, name=row.name, name_en=row.name_en, group=row.group)


def _is_visible(views: Sequence[View], *, is_scoped: bool) -> ColumnElement[bool]:
    if is_scoped:
        return or_(*(visible_cases(view) for view in views))
    return Case.community_id.in_([view.community.id for view in views]) & is_released()


def _view_request(asked: RequestSearch) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if asked.numbers:
        where.append(Case.number.in_(asked.numbers))
    if asked.services:
        where.append(Case.category_code.in_(asked.services))
    if asked.start:
        where.append(Case.reported_at >= asked.start)
    if asked.end:
        where.append(Case.reported_at <= asked.end)
    if asked.is_closed is not None:
        where.append(Case.state.in_(ENDED_STATES) if asked.is_closed else Case.state.not_in(ENDED_STATES))
    return where


@dataclass(frozen=True, slots=True, kw_only=True)
class _RequestSources:
    """What is needed to tell of cases: their communities, whether to this scope, last steps and duties."""

    views: dict[str, View]
    is_scoped: bool
    last: dict[str, CaseLog]
    duties: dict[str, list[tuple[str, DutyKind]]]

    def request(self, row: Any) -> ServiceRequest:
        case: Case = row.Case
        view = self.views[case.community_id]
        step = self.last.get(case.id)
        lon, lat = self._place(case)
        grid = view.division.grid_of(case.cell_id)
        area = f"{view.community.name}{grid.name}" if grid else view.community.name
        sees, reads = (self.is_scoped and seen(view, case) for seen in (sees_place, sees_texts))
        around = (surroundings(view, case.cell_id) if self.is_scoped else None) or area
        return ServiceRequest(
            number=case.number,
            is_closed=case.state in ENDED_STATES,
            service=case.category_code,
            service_name=row.category,
            description=case.description if reads else case.public_description,
            agency=self._agency(view, case, row.person if reads else None),
            requested_at=case.reported_at,
            updated_at=step.at if step else case.reported_at,
            expected_at=case.due_at,
            address=case.address if sees else around,
            lon=lon,
            lat=lat,
            note_step=step.action if step and self.is_scoped else None,
            note=step.text if step and reads else None,
        )

    def _place(self, case: Case) -> tuple[float | None, float | None]:
        if case.position is None:
            return None, None
        if self.is_scoped and sees_place(self.views[case.community_id], case):
            return case.position.x, case.position.y
        return bin_middle(case.position.x, case.position.y)

    def _agency(self, view: View, case: Case, person: str | None) -> Agency:
        """The office of the handler; without one, the grid's member, or the community outside all grids."""
        areas = view.division.tree.areas
        for area_id, kind in self.duties.get(case.handler_id or "", ()):
            if area_id in areas:
                return Agency(area=areas[area_id].name, duty=kind, person=person)
        grid = view.division.grid_of(case.cell_id)
        if grid is None or case.handler_id:
            return Agency(area=view.community.name, duty=None, person=person)
        return Agency(area=grid.name, duty=DutyKind.GRID_MEMBER)


def _last_steps(session: Session, ids: Sequence[str]) -> dict[str, CaseLog]:
    """The last line of each case's log."""
    steps: dict[str, CaseLog] = {}
    for start in range(0, len(ids), _AT_ONCE):
        asked = CaseLog.case_id.in_(ids[start : start + _AT_ONCE])
        for step in session.scalars(select(CaseLog).where(asked).order_by(CaseLog.at, CaseLog.id)):
            steps[step.case_id] = step
    return steps


def _duties(session: Session, workers: set[str], *, now: datetime) -> dict[str, list[tuple[str, DutyKind]]]:
    """In which areas workers serve now and as what, the primary duty first."""
    duties: dict[str, list[tuple[str, DutyKind]]] = {}
    statement = (
        select(Duty.worker_id, Duty.area_id, Duty.kind)
        .where(Duty.worker_id.in_(workers), Duty.area_id.is_not(None), valid_at(Duty, now))
        .order_by(Duty.is_primary.desc(), Duty.kind, Duty.id)
    )
    for row in session.execute(statement):
        duties.setdefault(row.worker_id, []).append((row.area_id, DutyKind(row.kind)))
    return duties
