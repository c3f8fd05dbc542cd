"""Who serves which area: shown on a map, begun and ended from a day on, each grid with one primary member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import AuditEntry, Duty, DutyKind, Worker
from gisgrid.areas.communities import touch
from gisgrid.areas.models import Area, Level
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.days import day_of, start_of
from gisgrid.errors import Conflict, InvalidInput, NotFound
from gisgrid.figures.shapes import simplified
from gisgrid.geometry.lattice import as_array
from gisgrid.places.queries import Feature
from gisgrid.storage.base import new_id

GIVEN: Final = tuple(kind for kind in DutyKind if kind != DutyKind.BUILDING_STEWARD)
"""Duties of areas; a building steward's is of buildings and comes by file."""
_SIMPLE_M: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDuty:
    """Somebody is to serve an area from a day on. ``replaces``: the primary member of today ends then."""

    worker: str
    area: str
    kind: str
    first: date
    is_primary: bool = False
    replaces: bool = False


ServingDuty = TypedDict(
    "ServingDuty",
    {
        "id": str,
        "area": str,
        "area_name": str,
        "level": str,
        "worker": str,
        "name": str,
        "kind": str,
        "primary": bool,
        "from": str,
        "until": str | None,
    },
)
"""A duty of an area, by days."""


class DutyEvent(TypedDict):
    """What was changed of the duties of an area: when, in which role, whom for whom."""

    at: datetime
    action: str
    kind: str | None
    role: str | None
    before: str | None
    after: str | None


def serving_now(view: View) -> list[ServingDuty]:
    """Every duty of the community's areas that holds today or later, areas by code, the primary first.

    Raises
    ------
    NotAllowed
        The role may not change duties.
    """
    require(view.actor, Action.DUTIES_CHANGE)
    areas = view.present.tree.areas
    rows = view.session.execute(
        select(Duty, Worker.name)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(Duty.area_id.in_(areas), or_(Duty.valid_to.is_(None), Duty.valid_to > view.when.at))
    )
    duties = [_row(view, duty, name) for duty, name in rows]
    return sorted(
        duties, key=lambda row: (len(row["area"]), row["area"], not row["primary"], row["kind"], row["from"])
    )


def _row(view: View, duty: Duty, name: str) -> ServingDuty:
    area = view.present.tree.areas[duty.area_id or ""]
    return {
        "id": duty.id,
        "area": area.code,
        "area_name": area.name,
        "level": area.level.value,
        "worker": duty.worker_id,
        "name": name,
        "kind": duty.kind,
        "primary": duty.is_primary and duty.kind == DutyKind.GRID_MEMBER,
        "from": day_of(duty.valid_from, view.tz).isoformat(),
        "until": day_of(duty.valid_to, view.tz).isoformat() if duty.valid_to else None,
    }


def duty_shapes(view: View) -> list[Feature]:
    """Grids with who is their primary member today, simplified for drawing.

    Raises
    ------
    NotAllowed
        The role may not change duties.
    """
    require(view.actor, Action.DUTIES_CHANGE)
    today = day_of(view.when.at, view.tz).isoformat()
    holders = {
        row["area"]: row["name"] for row in serving_now(view) if row["primary"] and row["from"] <= today
    }
    grids = [area for area in view.present.tree.at_level(Level.GRID) if area.id in view.present.outlines]
    shapes = simplified(as_array([view.present.outlines[area.id] for area in grids]), _SIMPLE_M)
    return [
        (
            shape,
            {
                "code": area.code,
                "name": area.name,
                "level": area.level.value,
                "member": holders.get(area.code),
            },
        )
        for shape, area in zip(shapes, grids, strict=True)
    ]


def workers_here(view: View) -> list[dict[str, str]]:
    """Whom a duty can be given: who serves in the community or nowhere, by name.

    Raises
    ------
    NotAllowed
        The role may not change duties.
    """
    require(view.actor, Action.DUTIES_CHANGE)
    areas = select(Area.id).where(Area.community_id == view.community.id)
    here = select(Duty.worker_id).where(Duty.area_id.in_(areas))
    is_free = Worker.id.not_in(select(Duty.worker_id))
    rows = view.session.execute(
        select(Worker.id, Worker.name, Worker.code)
        .where(Worker.id.in_(here) | is_free)
        .order_by(Worker.name, Worker.id)
    )
    return [{"id": row.id, "name": row.name, "code": row.code or ""} for row in rows]


def begin_duty(view: View, given: NewDuty, *, now: datetime) -> str:
    """Let somebody serve an area from a day on; the id of the duty.

    Raises
    ------
    NotAllowed
        The role may not change duties.
    NotFound
        There is no such area in the community.
    InvalidInput
        No such worker or duty, a day that is over, or a duty that isn't for this kind of area.
    Conflict
        The same person has the duty already, or the grid has a primary member who isn't to be replaced.
    """
    require(view.actor, Action.DUTIES_CHANGE)
    area = _area(view, given.area)
    begins = _beginning(view, given, area, now=now)
    open_ = view.session.scalars(
        select(Duty)
        .where(
            Duty.area_id == area.id,
            Duty.kind == given.kind,
            or_(Duty.valid_to.is_(None), Duty.valid_to > begins),
        )
        .with_for_update()
    ).all()
    own = [duty for duty in open_ if duty.worker_id == given.worker]
    if [duty for duty in own if duty.is_primary or not given.is_primary]:
        raise Conflict("this duty is as it is already")
    primary = [duty for duty in open_ if duty.is_primary and given.is_primary]
    if primary and not given.replaces:
        raise Conflict("the grid has a primary member: say that they are replaced")
    if [duty for duty in primary if duty.valid_from > begins]:
        raise Conflict("another primary member begins after that day: end that first")
    before = [duty.worker_id for duty in primary]
    for duty in (*own, *primary):
        _close(view, duty, at=begins)
    view.session.flush()
    row = Duty(
        id=new_id(),
        worker_id=given.worker,
        area_id=area.id,
        kind=given.kind,
        is_primary=given.is_primary,
        valid_from=begins,
    )
    view.session.add(row)
    view.session.flush()
    change = {
        "worker": (before[0] if before else None, given.worker),
        "from": (None, given.first.isoformat()),
    }
    _record(view, "duty:begin", area.id, given.kind, now=now, change=change)
    return row.id


def _beginning(view: View, duty: NewDuty, area: TreeArea, *, now: datetime) -> datetime:
    if duty.kind not in GIVEN:
        raise InvalidInput("there is no such duty", field="kind")
    if duty.worker not in {worker["id"] for worker in workers_here(view)}:
        raise InvalidInput("there is no such worker", field="worker")
    if duty.is_primary and (duty.kind != DutyKind.GRID_MEMBER or area.level != Level.GRID):
        raise InvalidInput("only a grid has a primary member", field="primary")
    today = day_of(now, view.tz)
    if duty.first < today:
        raise InvalidInput("a duty begins today or later", field="first")
    return now if duty.first == today else start_of(duty.first, view.tz)


def end_duty(view: View, duty_id: str, last: date, *, now: datetime) -> None:
    """End a duty after a day; one that hasn't begun by then is taken back.

    Raises
    ------
    NotAllowed
        The role may not change duties.
    NotFound
        There is no such duty in the community, or it has ended.
    InvalidInput
        The day is over.
    Conflict
        It is a grid's only primary member: another is to be named in their place.
    """
    require(view.actor, Action.DUTIES_CHANGE)
    duty = view.session.scalar(
        select(Duty).where(Duty.id == duty_id, Duty.area_id.in_(view.present.tree.areas)).with_for_update()
    )
    if duty is None or (duty.valid_to is not None and duty.valid_to <= now):
        raise NotFound("there is no such duty")
    today = day_of(now, view.tz)
    if last < today:
        raise InvalidInput("a duty ends today or later", field="last")
    if duty.is_primary and duty.kind == DutyKind.GRID_MEMBER:
        raise Conflict("a grid has exactly one primary member: name another in their place")
    ends = now if last == today else start_of(date.fromordinal(last.toordinal() + 1), view.tz)
    _close(view, duty, at=ends)
    change = {"worker": (duty.worker_id, None), "until": (None, last.isoformat())}
    _record(view, "duty:end", duty.area_id or "", duty.kind, now=now, change=change)


def duty_history(view: View, code: str, *, most: int = 20) -> list[DutyEvent]:
    """What was changed of the duties of an area, the newest first: when, who did it, whom for whom.

    Raises
    ------
    NotAllowed
        The role may not change duties.
    NotFound
        There is no such area in the community.
    """
    require(view.actor, Action.DUTIES_CHANGE)
    area = _area(view, code)
    entries = view.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == "area",
            AuditEntry.object_id == area.id,
            AuditEntry.action.in_(("duty:begin", "duty:end")),
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(most)
    ).all()
    changes = [entry.details.get("change", {}) for entry in entries]
    ids = {worker_id for change in changes for worker_id in change.get("worker", ()) if worker_id}
    names = dict(view.session.execute(select(Worker.id, Worker.name).where(Worker.id.in_(ids))).all())
    return [
        {
            "at": entry.at,
            "action": entry.action,
            "kind": (change.get("kind") or [None, None])[1],
            "role": entry.details.get("role"),
            "before": names.get((change.get("worker") or [None, None])[0]),
            "after": names.get((change.get("worker") or [None, None])[1]),
        }
        for entry, change in zip(entries, changes, strict=True)
    ]


def _area(view: View, code: str) -> TreeArea:
    return view.present.tree.by_code(code)


def _close(view: View, duty: Duty, *, at: datetime) -> None:
    """End a duty at an instant; an interval is never empty, so one that hasn't begun goes altogether."""
    if duty.valid_from >= at:
        view.session.delete(duty)
    else:
        duty.valid_to = at


def _record(
    view: View, action: str, area_id: str, kind: str, *, now: datetime, change: dict[str, tuple[Any, Any]]
) -> None:
    touch(view.session, [view.community.id])
    record(
        view.session,
        view.actor,
        action,
        "area",
        now=now,
        object_id=area_id,
        fields=("worker",),
        change={"kind": (None, kind), **change},
    )
