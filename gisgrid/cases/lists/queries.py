"""Cases as lists and cards, scoped in the SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Role, Worker
from gisgrid.areas.models import Area, AreaName
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import REPORTED
from gisgrid.cases.core.models import Case, CaseCoHandler, CaseLog, Category
from gisgrid.cases.core.owners import owners_of
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.core.precision import (
    exact_cases,
    is_coarse,
    sees_place,
    sees_texts,
    shown_texts,
)
from gisgrid.cases.core.repeats import cases_there, is_repeated
from gisgrid.cases.core.rules import WorkPolicy, parse_case_number
from gisgrid.cases.core.scope import handled_by, is_open, opened_cases, visible_cases
from gisgrid.cases.core.store import log_of
from gisgrid.cases.core.workflow import ENDED_STATES, RUNNING_STATES, CaseAction, CaseState, step_of
from gisgrid.cases.deadlines.status import Clocks
from gisgrid.cases.lists.answers import (
    CaseCard,
    CaseEntry,
    CaseLogLine,
    CaseProgress,
    CaseRow,
    CaseStepRow,
    CoHandlerRow,
    point_of,
)
from gisgrid.cases.lists.order import CaseOrder, ordered_by
from gisgrid.cases.photos.service import may_add, photos_of
from gisgrid.cases.steps import open_steps
from gisgrid.crs import METRES_PER_DEGREE, lon_shrink
from gisgrid.days import Period, local_text, local_text_or_none
from gisgrid.errors import InvalidInput, NotFound

PAGE: Final = 50
_POLICY: Final = WorkPolicy()
_DAY_DIGITS: Final = 8
_WORDS: Final = frozenset(
    {"route", "channel", "kind", "resolution", "speed", "result", "coordination", "level"}
)
_PEOPLE: Final = ("handler", "worker")
_MOMENTS: Final = ("due", "told_at", "settled_at")
_REPORTER_ROLES: Final = frozenset({Role.HEAD, Role.STAFF, Role.MEMBER, Role.LOCAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSearch:
    """What a list of cases is asked for; ``near`` (lon, lat) sorts by distance, else ``order`` does.

    ``late``: only those past their time, open or closed.
    """

    state: str = "open"
    mine: bool = False
    near: tuple[float, float] | None = None
    text: str = ""
    grid: str | None = None
    period: Period | None = None
    category: str | None = None
    severity: str | None = None
    source: str | None = None
    late: bool = False
    order: CaseOrder = CaseOrder.REPORTED
    page: int = 1


def list_cases(view: View, asked: CaseSearch, *, now: datetime) -> tuple[list[CaseRow], int]:
    """A page of cases within the actor's scope, and how many there are in all. Leaves one audit entry."""
    require(view.actor, Action.CASES_VIEW)
    conditions = searched(view, asked, now=now)
    total = view.session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0
    distance = _distance(asked.near) if asked.near else None
    # Who sees no addresses learns nothing of them by their order.
    is_hidden = is_coarse(view) and asked.order is CaseOrder.ADDRESS
    wanted = ordered_by(CaseOrder.REPORTED if is_hidden else asked.order)
    order = [distance, Case.fid] if distance is not None else wanted
    # Which cases stand on the page is found in an index alone, however far back; only they are read.
    page = select(Case.fid).where(*conditions).order_by(*order).limit(PAGE).offset(PAGE * (asked.page - 1))
    listed = _rows(distance).where(Case.fid.in_(page)).options(*without_texts())
    rows = view.session.execute(listed.order_by(*order))
    cases = _listed(view, rows.all(), now=now)
    record(view.session, view.actor, "cases:list", "case", now=now, count=len(cases))
    return cases, total


def case_card(view: View, case_id: str, *, now: datetime, policy: WorkPolicy = _POLICY) -> CaseCard:
    """One case with its log. The reporter's contact only for those who settle it. Leaves an audit entry.

    Raises
    ------
    NotFound
        No such case within what the actor may see.
    """
    require(view.actor, Action.CASES_VIEW)
    row = view.session.execute(_rows(None).where(Case.id == case_id, opened_cases(view))).one_or_none()
    if row is None:
        raise NotFound("no such case")
    record(view.session, view.actor, "cases:view", "case", now=now, object_id=row.Case.id)
    return _card(view, row, now=now, policy=policy)


def own_cards(view: View, *, now: datetime, policy: WorkPolicy = _POLICY) -> list[CaseCard]:
    """The open cases that are the actor's to settle, each with its log, by their time limit.

    Leaves no entry: whoever hands them on leaves one for all.
    """
    require(view.actor, Action.CASES_VIEW)
    own = searched(view, CaseSearch(state="open", mine=True), now=now)
    order = ordered_by(CaseOrder.DUE)
    rows = view.session.execute(_rows(None).where(*own).order_by(*order).limit(PAGE)).all()
    return [_card(view, row, now=now, policy=policy) for row in rows]


def _card(view: View, row: Any, *, now: datetime, policy: WorkPolicy) -> CaseCard:
    case: Case = row.Case
    knows_reporter = view.actor.role in _REPORTER_ROLES
    steps = open_steps(view, case, now=now, policy=policy)
    there = cases_there(view, [case])[case.id]
    sees, reads = sees_place(view, case), sees_texts(view, case)
    texts = shown_texts(view, case, {"description": case.description, "result": case.result})
    return {
        **_listed(view, [row], now=now)[0],
        "cases_there": there,
        "description": texts["description"],
        "result": texts["result"],
        "datum": case.datum if sees else None,
        "accuracy_m": case.accuracy_m if sees else None,
        "near_border_m": case.near_border_m if sees else None,
        "on_border": case.is_on_border if sees else None,
        "reported_grid": _area_label(view, case.reported_grid_id),
        "recorded_area": case.recorded_area if sees else None,
        "contact": case.reporter_contact if knows_reporter else None,
        "receipt": case.receipt if knows_reporter or _is_own(view, case) else None,
        **_course(view, case),
        "actions": [str(step) for step in steps],
        "steps": [_step_row(CaseState(case.state), step) for step in steps],
        "photos": photos_of(view, case.id) if sees and reads else [],
        "may_photograph": may_add(view, case),
        "log": _log(view, case, names_reporter=knows_reporter) if reads else _steps(view, case),
    }


def _step_row(state: CaseState, action: CaseAction) -> CaseStepRow:
    return {"action": str(action), "needs": [str(need) for need in step_of(state, action).needs]}


def _is_own(view: View, case: Case) -> bool:
    return view.actor.account_id is not None and case.reporter_id == view.actor.account_id


def _rows(distance: ColumnElement[float] | None) -> Select[Any]:
    handler = aliased(Worker)
    columns: list[Any] = [
        Case,
        Category.name.label("category_name"),
        Category.is_confidential,
        handler.name.label("handler"),
    ]
    if distance is not None:
        columns.append(distance.label("distance"))
    return (
        select(*columns)
        .join(Category, Category.code == Case.category_code)
        .outerjoin(handler, handler.id == Case.handler_id)
    )


def _listed(view: View, rows: Sequence[Any], *, now: datetime) -> list[CaseRow]:
    """Rows with what is asked for of all of them at once: their owners, and whether they are repeated."""
    cases = [row.Case for row in rows]
    owners, there = owners_of(view, cases, now=now), cases_there(view, cases)
    clocks = Clocks(view, cases, now=now)
    listed: list[CaseRow] = []
    for row in rows:
        owner = owners[row.Case.id]
        names_owner = owner and sees_texts(view, row.Case)
        case_row: CaseRow = {
            **_row(view, row, clocks),
            "owner": owner.name if owner and names_owner else None,
            "owner_kind": owner.kind.value if owner else None,
            "repeated": sees_place(view, row.Case) and is_repeated(there[row.Case.id]),
        }
        listed.append(case_row)
    return listed


def _course(view: View, case: Case) -> CaseProgress:
    """What the workflow knows of a case beside its state: how it goes, ended and was told and rated."""
    original = select(Case.number).where(Case.id == case.duplicate_of_id)
    return {
        "net": case.net,
        "line": case.line_code,
        "line_name": case.line_name,
        "claim_until": local_text_or_none(case.claim_until, view.tz),
        "resolution": case.resolution,
        "feedback": case.feedback_channel,
        "feedback_at": local_text_or_none(case.feedback_at, view.tz),
        "rating": {"speed": case.rating_speed, "effect": case.rating_result} if case.rated_at else None,
        "rated_at": local_text_or_none(case.rated_at, view.tz),
        "suspended_at": local_text_or_none(case.suspended_at, view.tz),
        "suspended_seconds": case.suspended_seconds,
        "duplicate_of": view.session.scalar(original) if case.duplicate_of_id else None,
        "co_handlers": _co_handlers(view, case) if sees_texts(view, case) else [],
    }


def _co_handlers(view: View, case: Case) -> list[CoHandlerRow]:
    rows = view.session.execute(
        select(CaseCoHandler, Worker.name)
        .join(Worker, Worker.id == CaseCoHandler.worker_id)
        .where(CaseCoHandler.case_id == case.id)
        .order_by(CaseCoHandler.asked_at, Worker.name)
    )
    return [
        {
            "worker": row.CaseCoHandler.worker_id,
            "name": row.name,
            "asked_at": local_text(row.CaseCoHandler.asked_at, view.tz),
            "receipted_at": local_text_or_none(row.CaseCoHandler.receipted_at, view.tz),
            "signed_at": local_text_or_none(row.CaseCoHandler.signed_at, view.tz),
        }
        for row in rows
    ]


def _row(view: View, row: Any, clocks: Clocks) -> CaseEntry:
    case: Case = row.Case
    grid = view.division.grid_of(case.cell_id)
    distance = getattr(row, "distance", None)
    return {
        **point_of(view, row, clocks),
        "grid": grid.code if grid else None,
        "handler": row.handler if sees_texts(view, case) else None,
        "route": case.route,
        "distance_m": None if distance is None else round(METRES_PER_DEGREE * distance**0.5),
    }


def searched(view: View, asked: CaseSearch, *, now: datetime) -> list[ColumnElement[bool]]:
    """What a search asks for, within the actor's scope.

    Raises
    ------
    InvalidInput
        There is no such kind of state, or the actor may not sort by distance.
    """
    conditions = [visible_cases(view)]
    states = {"open": is_open(), "closed": ~is_open(), "all": None}
    if asked.state not in states:
        raise InvalidInput("a state is open, closed or all", field="state")
    if (state := states[asked.state]) is not None:
        conditions.append(state)
    if asked.mine:
        conditions.append(handled_by(view))
    if asked.near:
        if is_coarse(view):
            raise InvalidInput(
                "this account sees no exact places: nothing is sorted by distance", field="near"
            )
        conditions.append(Case.position.is_not(None))
    if asked.grid:
        area = view.division.tree.by_code(asked.grid)
        conditions.append(Case.cell_id.in_(view.division.cells_of([area.id])))
    named = (
        (Case.category_code, asked.category),
        (Case.severity, asked.severity),
        (Case.source, asked.source),
    )
    conditions += [column == value for column, value in named if value]
    if asked.late:
        conditions.append(_is_late(now))
    if asked.period:
        conditions += [Case.reported_at >= asked.period.start, Case.reported_at < asked.period.end]
    if asked.text.strip():
        conditions.append(_matches(view, asked.text.strip()))
    return conditions


def _is_late(now: datetime) -> ColumnElement[bool]:
    """Past the deadline; while a case is suspended its clock stands still."""
    runs = and_(Case.state.in_(RUNNING_STATES), Case.due_at < now)
    return or_(runs, and_(Case.state.in_(ENDED_STATES), Case.closed_at > Case.due_at))


def _matches(view: View, text: str) -> ColumnElement[bool]:
    if len(text) == _DAY_DIGITS and text.isascii() and text.isdecimal():
        # All numbers of a day: looking for that in addresses too would read every one of them.
        return or_(Case.number.between(text, f"{text}-999999999"), Case.external_number == text)
    try:
        return Case.number == parse_case_number(text)
    except InvalidInput:
        return or_(
            Case.number.startswith(text, autoescape=True),
            and_(Case.address.contains(text, autoescape=True), exact_cases(view)),
            Case.external_number == text,
        )


def _distance(near: tuple[float, float]) -> ColumnElement[float]:
    """Square of the distance in degrees of latitude, good for sorting within a community."""
    lon, lat = near
    shrink = lon_shrink(lat)
    east, north = (func.ST_X(Case.position) - lon) * shrink, func.ST_Y(Case.position) - lat
    distance: ColumnElement[float] = east * east + north * north
    return distance


def _area_label(view: View, area_id: str | None) -> str | None:
    """The present name of an area, also of one that is closed."""
    if area_id is None:
        return None
    statement = (
        select(AreaName.name)
        .join(Area, Area.id == AreaName.area_id)
        .where(AreaName.area_id == area_id)
        .order_by(AreaName.valid_from.desc())
        .limit(1)
    )
    return view.session.scalar(statement)


def _log(view: View, case: Case, *, names_reporter: bool) -> list[CaseLogLine]:
    rows = log_of(view.session, case.id)
    names = _actors(view, rows)
    if not names_reporter:
        names.pop(case.reporter_id or "", None)
    workers = {str(row.details[name]) for row in rows for name in _PEOPLE if name in (row.details or {})}
    result = view.session.execute(select(Worker.id, Worker.name).where(Worker.id.in_(workers)))
    people = {row.id: row.name for row in result}
    return [
        {
            "at": row.at.astimezone(view.tz).isoformat(),
            "action": row.action,
            "from": row.from_state,
            "to": row.to_state,
            "who": None if row.action == REPORTED else names.get(row.account_id or ""),
            "text": row.text,
            "details": _shown(view, row.details or {}, people),
        }
        for row in rows
    ]


def _steps(view: View, case: Case) -> list[CaseLogLine]:
    """The course of a case alone: what was done when, without who and what was written."""
    return [
        {**line, "who": None, "text": None, "details": _without_people(line["details"])}
        for line in _log(view, case, names_reporter=False)
    ]


def _without_people(details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name not in _PEOPLE}


def _actors(view: View, rows: Sequence[CaseLog]) -> dict[str, str]:
    """By account, who took a step: people on duty and organisations by name; who reported it is not named."""
    accounts = {row.account_id for row in rows if row.account_id}
    result = view.session.execute(
        select(Account.id, func.coalesce(Account.organisation, Worker.name).label("name"))
        .outerjoin(Worker, Worker.id == Account.worker_id)
        .where(Account.id.in_(accounts), Account.role != Role.RESIDENT)
    )
    return {row.id: row.name for row in result if row.name is not None}


def _shown(view: View, details: Mapping[str, Any], people: Mapping[str, str]) -> dict[str, Any]:
    """Details of a step with names for ids and local moments."""
    shown = {name: value for name, value in details.items() if name in _WORDS}
    shown |= {name: people.get(details[name]) for name in _PEOPLE if name in details}
    moments = {name: datetime.fromisoformat(details[name]) for name in _MOMENTS if name in details}
    return shown | {name: local_text(at, view.tz) for name, at in moments.items()}
