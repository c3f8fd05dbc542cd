"""Hand-over sheets: what each grid member gives and takes when a plan is published.

Before a plan is published they show what would pass; afterwards what did, as it was kept then, with the
addresses, elders and open cases of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.models import AreaName
from gisgrid.areas.view import Caches, View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.scope import is_open, visible_cases
from gisgrid.days import local_text_or_none
from gisgrid.errors import NotFound
from gisgrid.figures.counts import is_elder_sql, is_here
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT, OLD_ELDER_AGE, age_or_none
from gisgrid.people.queries import Sight, masked, sight_of
from gisgrid.places.models import Building, Household
from gisgrid.redraw.impact.duties import worker_names
from gisgrid.redraw.plans.models import NoteKind, Plan, PlanNote, PlanState
from gisgrid.redraw.plans.store import open_plan
from gisgrid.redraw.publication.due import WAITS
from gisgrid.redraw.transfer.answers import (
    ElderRow,
    HandoverView,
    PassedBuilding,
    PassedCase,
    PassedHome,
    PassedTask,
    SheetLine,
    SheetPart,
    SheetView,
)
from gisgrid.redraw.transfer.handovers import Pass, households_by_hands, passes
from gisgrid.redraw.transfer.sides import TransferredGrid, arrived, beyond, goes_away, transferred_grid
from gisgrid.redraw.transfer.visitors import Visits
from gisgrid.redraw.transfer.waiting_tasks import waiting_tasks
from gisgrid.welfare.queries import visits_of

_FIELDS: Final = ("std_address", "name", "birth_date")
_MOST: Final = 500
_COUNTING: Final = frozenset({Role.HEAD, Role.STAFF, Role.LOCAL})
"""Roles that know how many elders a household has, in their whole community."""
_WHOLE: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Roles that know how many tasks wait, in their whole community; others in what they serve."""


@dataclass(frozen=True, kw_only=True)
class _SheetHome:
    """A household as the actor may know it, with its building; ``key`` is its place among others."""

    key: tuple[str, str, str]
    building: str
    row: PassedHome


@dataclass(frozen=True, kw_only=True)
class _Homes:
    """Households and open cases that pass, by their ids, as the actor may know them."""

    rows: dict[str, _SheetHome]
    cases: dict[str, PassedCase]
    crossing: TransferredGrid | None


def handover(view: View, plan_id: str, *, caches: Caches, now: datetime) -> HandoverView:
    """The sheets of a plan: one per member who gives or takes; members see their own, once it is published.

    Leaves one audit entry.

    Raises
    ------
    NotFound
        No such plan, or nothing in it that is this member's.
    """
    require(view.actor, Action.HANDOVER_VIEW)
    plan, crossing = _plan(view, plan_id)
    parts, is_to_come = _passes(view, plan, caches)
    if crossing is not None and plan.community_id != view.community.id:
        passed = arrived(parts, crossing)
        hands = {part.taker for part in passed}
    else:
        passed = [part for part in parts if part.giver != part.taker or goes_away(part, crossing)]
        hands = {part.giver for part in passed} | {part.taker for part in passed}
    workers = _own_first(view, hands)
    if view.actor.role == Role.MEMBER:
        workers = [worker for worker in workers if worker == view.actor.worker_id]
        passed = [part for part in passed if view.actor.worker_id in {part.giver, part.taker}]
        if not passed:
            raise NotFound("no such plan")
    homes = _Homes(
        rows=_households(view, passed, is_to_come=is_to_come),
        cases=_cases(view, passed),
        crossing=crossing,
    )
    people = worker_names(view, [worker for worker in workers if worker] + _others(passed))
    names = _grid_names(view, passed)
    sheets = [_sheet(worker, passed, homes, people=people, names=names) for worker in workers]
    count = len(homes.rows)
    record(
        view.session,
        view.actor,
        "handover:view",
        "plan",
        now=now,
        object_id=plan.id,
        count=count,
        fields=_FIELDS,
    )
    return {
        "plan": plan.id,
        "name": plan.name,
        "state": plan.state,
        "revision": plan.published_revision,
        "sheets": sheets,
    }


def _plan(view: View, plan_id: str) -> tuple[Plan, TransferredGrid | None]:
    """A plan of the community, or a published one that gave it a grid; and the grid that went by it."""
    plan = view.session.get(Plan, plan_id)
    if plan is None or plan.state == PlanState.DISCARDED:
        raise NotFound("no such plan")
    is_published = plan.state == PlanState.PUBLISHED
    crossing = transferred_grid(_publishing(view, plan)) if is_published else None
    is_taker = crossing is not None and crossing.taker == view.community.code
    if plan.community_id != view.community.id and not is_taker:
        raise NotFound("no such plan")
    if not is_published and not may(view.actor, Action.REDRAW_VIEW):
        raise NotFound("no such plan")
    return plan, crossing


def _publishing(view: View, plan: Plan) -> Mapping[str, Any]:
    """What was kept when a plan was published."""
    note = view.session.scalar(
        select(PlanNote)
        .where(PlanNote.plan_id == plan.id, PlanNote.kind == NoteKind.PUBLISH)
        .order_by(PlanNote.at.desc(), PlanNote.id.desc())
        .limit(1)
    )
    return (note.details if note else None) or {}


def _passes(view: View, plan: Plan, caches: Caches) -> tuple[list[Pass], bool]:
    """What passes by a plan, and whether that is still to come."""
    if plan.state != PlanState.PUBLISHED:
        opened = open_plan(view, plan.id, caches=caches)
        return passes(view, opened.base, opened.drawing), True
    details = _publishing(view, plan)
    return [Pass.from_json(stored) for stored in details.get("passes", ())], bool(details.get(WAITS))


def _own_first(view: View, workers: Iterable[str | None]) -> list[str | None]:
    names = worker_names(view, {worker for worker in workers if worker})
    return sorted(workers, key=lambda worker: (worker is None, names.get(worker or "", ""), worker or ""))


def _others(passed: Sequence[Pass]) -> list[str]:
    return [worker for part in passed for worker in (part.giver, part.taker) if worker]


def _grid_names(view: View, passed: Sequence[Pass]) -> dict[str, str]:
    """Names of the grids by code, also of those that are closed or only planned."""
    codes = {code for part in passed for code in (part.source, part.target) if code}
    rows = view.session.execute(
        select(AreaName.code, AreaName.name).where(AreaName.code.in_(codes)).order_by(AreaName.valid_from)
    )
    return {code: code for code in codes} | {row.code: row.name for row in rows}


def _households(view: View, passed: Sequence[Pass], *, is_to_come: bool) -> dict[str, _SheetHome]:
    """Households that pass, by id, in the order of their addresses."""
    homes: dict[str, _SheetHome] = {}
    hands, workers = households_by_hands(passed), worker_names(view, _others(passed))
    for ids in _chunks([home for part in passed for home in part.households]):
        rows = view.session.execute(
            select(Household, Building.address)
            .outerjoin(Building, Building.id == Household.building_id)
            .where(Household.id.in_(ids), is_here(view))
        ).all()
        elders = _elders(view, ids)
        visits = Visits(
            rows=visits_of(view, [elder.id for some in elders.values() for elder in some]),
            hands=hands,
            workers=workers,
            is_to_come=is_to_come,
        )
        tasks = waiting_tasks(view, ids)
        for household, address in rows:
            own = elders.get(household.id, [])
            known = _household(view, household, address, own, visits=visits)
            homes[household.id] = _with_tasks(view, household, known, tasks.get(household.id, []))
    return dict(sorted(homes.items(), key=lambda entry: entry[1].key))


def _chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    """Ids in portions that one statement takes."""
    unique = list(dict.fromkeys(ids))
    return [unique[first : first + _MOST] for first in range(0, len(unique), _MOST)]


def _elders(view: View, ids: Sequence[str]) -> dict[str, list[Resident]]:
    rows = view.session.scalars(
        select(Resident)
        .where(Resident.household_id.in_(ids), is_elder_sql(view))
        .order_by(Resident.birth_date, Resident.id)
    )
    elders: dict[str, list[Resident]] = {}
    for row in rows:
        elders.setdefault(row.household_id, []).append(row)
    return elders


def _household(
    view: View, household: Household, building: str | None, elders: list[Resident], *, visits: Visits
) -> _SheetHome:
    """A household as the actor may know it: names of elders in the own grids, masked for heads."""
    sight = sight_of(view, household)
    asked = [] if household.consent in NO_CONSENT else elders
    room = household.std_address.removeprefix(building or "").strip() or household.std_address
    ages = [age for elder in asked if (age := age_or_none(elder.birth_date, view.when.day)) is not None]
    counted = view.actor.role in _COUNTING or sight == Sight.FULL
    row: PassedHome = {
        "id": household.id,
        "room": room,
        "address": household.std_address,
        "elders": len(asked) if counted else None,
        "elders_80": sum(age >= OLD_ELDER_AGE for age in ages) if counted else None,
        "names": _names(asked, ages, sight, visits=visits),
        "open_tasks": None,
        "tasks": [],
    }
    place = building or household.std_address
    return _SheetHome(key=(place, household.unit or "", household.room or ""), building=place, row=row)


def _with_tasks(view: View, household: Household, home: _SheetHome, tasks: list[PassedTask]) -> _SheetHome:
    """With what waits there: each in the own grids, how many for who knows counts."""
    is_open = sight_of(view, household) == Sight.FULL
    is_counted = is_open or view.actor.role in _WHOLE
    row: PassedHome = {
        **home.row,
        "open_tasks": len(tasks) if is_counted else None,
        "tasks": tasks if is_open else [],
    }
    return replace(home, row=row)


def _names(elders: list[Resident], ages: list[int], sight: Sight, *, visits: Visits) -> list[ElderRow]:
    if sight == Sight.NONE:
        return []
    full = sight in {Sight.FULL, Sight.NAMES}
    return [
        {
            "name": elder.name if full else masked(elder.name),
            "age": age if sight == Sight.FULL else None,
            **visits.of(elder),
        }
        for elder, age in zip(elders, ages, strict=True)
    ]


def _cases(view: View, passed: Sequence[Pass]) -> dict[str, PassedCase]:
    """Cases that pass and are still open, by id, as far as the actor may see them."""
    cases: dict[str, PassedCase] = {}
    for ids in _chunks([case for part in passed for case in part.cases]):
        rows = view.session.execute(
            select(Case.id, Case.number, Case.address, Case.due_at, Category.name)
            .join(Category, Category.code == Case.category_code)
            .where(Case.id.in_(ids), is_open(), visible_cases(view))
            .order_by(Case.number)
        )
        for row in rows:
            due = local_text_or_none(row.due_at, view.tz)
            cases[row.id] = {
                "id": row.id,
                "number": row.number,
                "category": row.name,
                "address": row.address,
                "deadline": due,
            }
    return cases


def _sheet(
    worker: str | None,
    passed: Sequence[Pass],
    homes: _Homes,
    *,
    people: dict[str, str],
    names: dict[str, str],
) -> SheetView:
    gives = [_part(part, part.taker, homes, people, names=names) for part in passed if part.giver == worker]
    takes = [_part(part, part.giver, homes, people, names=names) for part in passed if part.taker == worker]
    return {"worker": worker, "member": people.get(worker or ""), "gives": gives, "takes": takes}


def _part(
    part: Pass, other: str | None, homes: _Homes, people: dict[str, str], *, names: dict[str, str]
) -> SheetPart:
    """What passes between two grids: households by building, totals, open cases."""
    rows = [homes.rows[home] for home in part.households if home in homes.rows]
    rows.sort(key=lambda home: home.key)
    people_known = len(rows) == len(set(part.households))
    elders, elders_80, with_visitor, to_agree = _people([home.row for home in rows], is_whole=people_known)
    cases = [homes.cases[case] for case in part.cases if case in homes.cases]
    return {
        "with": people.get(other or ""),
        "from": part.source,
        "from_name": names.get(part.source or ""),
        "to": part.target,
        "to_name": names.get(part.target or ""),
        "totals": {
            "buildings": len(part.buildings),
            "households": len(part.households),
            "elders": elders,
            "elders_80": elders_80,
            "with_visitor": with_visitor,
            "to_agree": to_agree,
            "open_tasks": _sum(home.row["open_tasks"] for home in rows) if people_known else None,
            "open_cases": len(part.cases),
        },
        "buildings": _by_building(rows),
        "cases": sorted(cases, key=lambda case: case["number"]),
        "community": beyond(part, homes.crossing),
    }


def _people(rows: Sequence[PassedHome], *, is_whole: bool) -> tuple[int | None, ...]:
    """Elders, those of 80 and over, with a visitor, to be agreed.

    Nothing where households have left the community since.
    """
    if not is_whole:
        return (None,) * 4
    counts = (_sum(row["elders"] for row in rows), _sum(row["elders_80"] for row in rows))
    return *counts, *_visitors(rows)


def _visitors(rows: Sequence[PassedHome]) -> tuple[int | None, int | None]:
    """How many elders have a visitor, and with how many that is to be agreed; only where all are known."""
    if any(row["elders"] is None or row["elders"] != len(row["names"]) for row in rows):
        return None, None
    elders = [elder for row in rows for elder in row["names"]]
    visited = sum(elder["visitor"] is not None for elder in elders)
    return visited, sum(elder["agree_with"] is not None for elder in elders)


def _sum(counts: Iterable[int | None]) -> int | None:
    """The sum of counts, nothing where one of them is not the reader's to know."""
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)


def _by_building(rows: Iterable[_SheetHome]) -> list[PassedBuilding]:
    by_building: dict[str, list[PassedHome]] = {}
    for home in rows:
        by_building.setdefault(home.building, []).append(home.row)
    return [{"address": address, "households": homes} for address, homes in by_building.items()]


def as_lines(sheets: HandoverView) -> list[SheetLine]:
    """The sheets as the lines of a table: one per household and one per open case."""
    return [
        line
        for sheet in sheets["sheets"]
        for direction, parts in (("gives", sheet["gives"]), ("takes", sheet["takes"]))
        for part in parts
        for line in _lines(sheet["member"], direction, part)
    ]


def _lines(member: str | None, direction: str, part: SheetPart) -> list[SheetLine]:
    homes: list[SheetLine] = [
        {
            "member": member,
            "direction": direction,
            "with": part["with"],
            "from": part["from"],
            "to": part["to"],
            "kind": "household",
            "address": home["address"],
            "elders": home["elders"],
            "elders_80": home["elders_80"],
            "names": [elder["name"] for elder in home["names"]],
            "visitors": [_visitor_word(elder) for elder in home["names"]],
            "agree_with": sorted({elder["agree_with"] for elder in home["names"] if elder["agree_with"]}),
            "tasks": [f"{task['title'].get('zh') or ''} {task['due']}".strip() for task in home["tasks"]],
            "case": "",
        }
        for building in part["buildings"]
        for home in building["households"]
    ]
    cases: list[SheetLine] = [
        {
            "member": member,
            "direction": direction,
            "with": part["with"],
            "from": part["from"],
            "to": part["to"],
            "kind": "case",
            "address": case["address"],
            "elders": "",
            "elders_80": "",
            "names": [],
            "visitors": [],
            "agree_with": [],
            "tasks": [],
            "case": f"{case['number']} {case['category']}",
        }
        for case in part["cases"]
    ]
    return homes + cases


def _visitor_word(elder: ElderRow) -> str | None:
    """The visitor of an elder in a cell, in the order of the names; a dash where there is none."""
    return elder["visitor"]["name"] if elder["visitor"] else "–"
