"""The list of what is to be done, as an account learns of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import Field
from sqlalchemy import func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput, say
from gisgrid.forms.tasks.model import WAITING, TaskState
from gisgrid.people.core.models import Resident
from gisgrid.people.doors.rules import floor_of
from gisgrid.people.queries import SIGHTS, Sight, masked
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.fillers import may_fill
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.versions import OpenedForm, published_version
from gisgrid.records.work.computation import compute_work
from gisgrid.records.work.notes import NotedTask, as_noted, is_impossible, notes_of
from gisgrid.records.work.owners import WorkOwners, work_owners
from gisgrid.records.work.scopes import own_scope
from gisgrid.records.work.work_tasks import WorkScope, WorkTask
from gisgrid.storage.listed_ids import is_listed_id

MOST_AHEAD: Final = 31
"""So many days ahead it can be asked what will be to do."""
TWICE: Final = 2
"""Met nobody so often, one goes there with somebody."""
_COMMUNITY: Final = frozenset({Role.HEAD, Role.STAFF, Role.LOCAL})
"""Roles to which a task comes that nobody has."""
_ON_THE_LIST: Final = frozenset({TaskState.OPEN, TaskState.OVERDUE})


class WorkSubjectRow(TypedDict):
    """Whom or what a task is about; `label` is a name only where the account may see it, else the address."""

    kind: str
    id: str
    label: str
    household: str | None
    building: str | None
    address: str
    unit: str | None
    room: str | None
    floor: int | None


class WorkRow(TypedDict):
    """A task that waits. `with_others`: nobody was met twice, so one goes with a neighbour or police."""

    key: str
    rule: str
    round: Annotated[str | None, Field(description="the title of the round it belongs to")]
    form: str
    title: Annotated[Mapping[str, str], Field(description="of the form, by language")]
    subject: WorkSubjectRow
    opens: str
    due: str
    state: str
    priority: int
    with_others: bool
    postponed: bool
    has_owner: Annotated[bool, Field(description="false: nobody on duty has it")]


class WorkBuilding(TypedDict):
    """A building with tasks: its address and its middle in degrees (WGS 84)."""

    id: str
    address: str
    lon: float
    lat: float


class WorkList(TypedDict):
    """What is to be done on a day: what is late first, then by priority, day and address."""

    day: str
    rows: list[WorkRow]
    buildings: list[WorkBuilding]


@dataclass(kw_only=True)
class _Places:
    """What is known of the subjects that are listed, by id."""

    homes: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    buildings: dict[str, Any] = field(default_factory=dict)
    facilities: dict[str, Any] = field(default_factory=dict)


def list_work(view: View, *, now: datetime, day: date | None = None) -> WorkList:
    """The tasks that the account has on a day, today or one ahead. Leaves one audit entry.

    Members have those of their own grids that no other visitor on duty there has; staff and heads those that
    nobody has; stewards and grid leaders those they were given or whose form names their duty.

    Raises
    ------
    NotAllowed
        The role has no tasks.
    InvalidInput
        The day is over, or too far ahead.
    """
    require(view.actor, Action.TASKS_VIEW)
    day = day or view.when.day
    if not view.when.day <= day <= view.when.day + timedelta(days=MOST_AHEAD):
        raise InvalidInput(
            say("a day from today to {most} days ahead is needed", most=MOST_AHEAD), field="day"
        )
    rows = own_tasks(view, day)
    places = _places(view, rows)
    fields = ("name",) if places.people else ()
    record(view.session, view.actor, "tasks:list", "task", now=now, count=len(rows), fields=fields)
    return _list(view, rows, places, day)


def work_today(view: View) -> WorkList:
    """The tasks that the account has today. Leaves no entry: whoever hands them on leaves one for all."""
    require(view.actor, Action.TASKS_VIEW)
    rows = own_tasks(view, view.when.day)
    return _list(view, rows, _places(view, rows), view.when.day)


def _list(view: View, rows: Sequence[OwnedTask], places: _Places, day: date) -> WorkList:
    return {
        "day": day.isoformat(),
        "rows": _rows(view, rows, places),
        "buildings": [_building(row) for row in places.buildings.values()],
    }


def work_rows(view: View, rows: Sequence[OwnedTask]) -> list[WorkRow]:
    """Tasks as they are listed: what is late first, then by priority, day and address. Leaves no entry."""
    return _rows(view, rows, _places(view, rows))


def _rows(view: View, rows: Sequence[OwnedTask], places: _Places) -> list[WorkRow]:
    forms = {form: published_version(view, form) for form in {row.task.form for row in rows}}
    return sorted((_row(view, row, places, forms) for row in rows), key=_order)


@dataclass(frozen=True, slots=True)
class OwnedTask:
    """A task of an account, with its notes and who has it (a worker's id)."""

    work: WorkTask
    noted: NotedTask | None
    owner: str | None

    @property
    def task(self) -> Any:
        """The task as it stands by its notes."""
        return self.work.task


def own_tasks(view: View, day: date) -> list[OwnedTask]:
    """The tasks that an account has on a day, open or late."""
    rows, owners = _listed(view, own_scope(view), day)
    return [row for row in rows if _is_own(view, row, owners)]


def tasks_within(view: View, scope: WorkScope, day: date) -> list[OwnedTask]:
    """The tasks of a scope on a day, open or late, whoever has them. Asks no right."""
    rows, _owners = _listed(view, scope, day)
    return rows


def _listed(view: View, scope: WorkScope, day: date) -> tuple[list[OwnedTask], WorkOwners]:
    state = compute_work(view, scope, day)
    waiting = [row for row in state.tasks if row.task.state in WAITING]
    notes = notes_of(view, waiting)
    workers = {*state.visitors.values(), *(noted.worker for noted in notes.values())}
    owners = work_owners(view, workers)
    rows = [_owned(row, notes.get(row.task.key), owners, state.visitors, day) for row in waiting]
    listed = [
        row for row in rows if row.task.state in _ON_THE_LIST and not is_impossible(row.work, row.noted, day)
    ]
    return listed, owners


def _owned(
    row: WorkTask,
    noted: NotedTask | None,
    owners: WorkOwners,
    visitors: Mapping[str, str | None],
    day: date,
) -> OwnedTask:
    wanted = (noted.worker if noted else None, visitors.get(row.subject.id))
    return OwnedTask(as_noted(row, noted, day), noted, owners.owner_of(row.subject, *wanted))


def _is_own(view: View, row: OwnedTask, owners: WorkOwners) -> bool:
    actor = view.actor
    if row.owner is not None and row.owner == actor.worker_id:
        return True
    if actor.role in _COMMUNITY:
        return row.owner is None
    if actor.role == Role.MEMBER:  # one of several members of a grid has what its primary member has
        return row.owner is None or row.owner in owners.primary.values()
    return may_fill(actor, published_version(view, row.task.form).tree.settings)


def _places(view: View, rows: Sequence[OwnedTask]) -> _Places:
    """Addresses and, where the account may see them, names of what is listed."""
    subjects = [row.work.subject for row in rows]
    places = _Places()
    places.homes = _read(view, Household, {subject.household for subject in subjects})
    known = {subject.building for subject in subjects} | {home.building_id for home in places.homes.values()}
    places.buildings = _read_buildings(view, known)
    people = {subject.id for subject in subjects if subject.kind == SubjectKind.PERSON}
    if _sight(view) != Sight.NONE:
        places.people = _read(view, Resident, people)
    facilities = {subject.id for subject in subjects if subject.kind == SubjectKind.FACILITY}
    places.facilities = _read(view, Facility, facilities)
    return places


def _read(view: View, table: Any, ids: Iterable[str | None]) -> dict[str, Any]:
    columns = {
        Household: (
            *(Household.id, Household.std_address, Household.unit, Household.room),
            Household.building_id,
        ),
        Resident: (Resident.id, Resident.name),
        Facility: (Facility.id, Facility.name, Facility.address),
    }[table]
    return _rows_of(view, select(*columns), table, ids)


def _read_buildings(view: View, ids: Iterable[str | None]) -> dict[str, Any]:
    middle = func.ST_Centroid(Building.footprint)
    columns = (Building.id, Building.address, func.ST_X(middle).label("lon"), func.ST_Y(middle).label("lat"))
    return _rows_of(view, select(*columns), Building, ids)


def _rows_of(view: View, statement: Any, table: Any, ids: Iterable[str | None]) -> dict[str, Any]:
    known = {row_id for row_id in ids if row_id}
    if not known:
        return {}
    return {row.id: row for row in view.session.execute(statement.where(is_listed_id(table.id, known)))}


def _sight(view: View) -> Sight:
    return SIGHTS.get(view.actor.role, Sight.NONE) if view.actor.role else Sight.NONE


def _row(view: View, row: OwnedTask, places: _Places, forms: Mapping[str, OpenedForm]) -> WorkRow:
    task = row.task
    return {
        "key": task.key,
        "rule": task.rule,
        "round": row.work.round_title,
        "form": task.form,
        "title": forms[task.form].tree.title,
        "subject": _subject(view, row, places),
        "opens": task.opens.isoformat(),
        "due": task.due.isoformat(),
        "state": task.state.value,
        "priority": task.priority,
        "with_others": bool(task.again) or row.work.misses >= TWICE,
        "postponed": row.noted is not None and row.noted.until is not None,
        "has_owner": row.owner is not None,
    }


def _subject(view: View, row: OwnedTask, places: _Places) -> WorkSubjectRow:
    subject = row.work.subject
    home = places.homes.get(subject.household or "")
    building = places.buildings.get(subject.building or "")
    facility = places.facilities.get(subject.id)
    address = home.std_address if home else building.address if building else ""
    address = address or (facility.address or "" if facility else "")
    return {
        "kind": subject.kind.value,
        "id": subject.id,
        "label": _label(view, row, places) or (facility.name if facility else address),
        "household": subject.household,
        "building": building.id if building else None,
        "address": address,
        "unit": home.unit if home else None,
        "room": home.room if home else None,
        "floor": floor_of(home.room) if home else None,
    }


def _label(view: View, row: OwnedTask, places: _Places) -> str | None:
    person = places.people.get(row.work.subject.id)
    if person is None:
        return None
    name: str | None = person.name
    return masked(name) if _sight(view) == Sight.MASKED else name


def _building(row: Any) -> WorkBuilding:
    return {"id": row.id, "address": row.address, "lon": round(row.lon, 7), "lat": round(row.lat, 7)}


def _order(row: WorkRow) -> tuple[Any, ...]:
    is_late = row["state"] == TaskState.OVERDUE
    return (not is_late, row["priority"], row["due"], row["subject"]["address"], row["key"])
