"""Logs of the demo's cases and how each stands after its own: who takes the steps, and by when it is due.

The workflow and the rules of deadlines say what may follow and by when, as for a step that is taken. All
58,000 lines are inserted: the service takes milliseconds for each step, and tells people of it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from data.demo.history.case_lives import Crew, Life, life_of
from data.demo.history.clock import now, zone
from data.demo.history.habits import habits
from data.demo.load.ids import Loading
from data.demo.records import DemoCase as CaseRecord
from data.demo.records import DemoCommunity
from gisgrid.access.models import DutyKind, Role
from gisgrid.areas.division import Division
from gisgrid.cases.core.case_state import CaseSnapshot, replayed
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.core.workflow import ENDED_STATES
from gisgrid.cases.deadlines.deadlines import (
    Arrival,
    CaseDeadline,
    deadline_for,
    extended,
    levels_of,
    next_level_at,
    reopened,
    resumed,
    time_of,
)
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.worktime import Pause
from gisgrid.storage.base import new_id

_NOBODY = Crew(member=None, helper=None, member_account=None, staff_account=None, head_account=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Columns of a case that its log decides, the rows of the log, and of those who helped."""

    columns: dict[str, Any]
    steps: list[dict[str, Any]]
    helping: list[dict[str, Any]]


class Lives:
    """Makes the log of each case of one community."""

    def __init__(self, loading: Loading, demo: DemoCommunity, division: Division) -> None:
        self._loading, self._demo, self._division = loading, demo, division
        self._books = Books(loading.session, zone())
        self._at = max(loading.now, now()).replace(microsecond=0)
        self._crews = _crews(loading, demo)

    def of(self, record: CaseRecord, *, cell_id: str | None) -> Loaded:
        """Everything of a case that follows from what happened to it."""
        grid = self._division.grid_of(cell_id)
        case_id = self._loading.ids["case"][record.number]
        limit = _Limit(self._books, self._loading.community_id, record)
        life = Life(
            case=record,
            crew=self._crews[grid.code if grid else ""],
            clock=limit,
            due=limit.case.due_at,
            at=self._at,
            results=habits()[record.category].results,
            original=self._loading.ids["case"].get(record.duplicate_of or ""),
            rng=random.Random(f"{self._demo.seed}/{self._demo.index}/life/{record.number}"),
        )
        log = life_of(life)
        snapshot = replayed(line.event for line in log)
        steps = [
            {
                "id": new_id(),
                "case_id": case_id,
                "at": line.event.at,
                "account_id": line.account,
                "action": line.event.action,
                "from_state": line.event.from_state,
                "to_state": line.event.to_state,
                "text": line.event.text,
                "details": dict(line.event.details),
            }
            for line in log
        ]
        return Loaded(
            columns=limit.columns(ended=snapshot.state in ENDED_STATES, now=self._loading.now)
            | _columns(snapshot),
            steps=steps,
            helping=_helping(snapshot, case_id),
        )


def _columns(snapshot: CaseSnapshot) -> dict[str, Any]:
    names = (name for name in CaseSnapshot.__dataclass_fields__ if name != "co_handlers")
    return {name: getattr(snapshot, name) for name in names}


def _helping(snapshot: CaseSnapshot, case_id: str) -> list[dict[str, Any]]:
    return [
        {
            "case_id": case_id,
            "worker_id": helper.worker_id,
            "asked_at": helper.asked_at,
            "receipted_at": helper.receipted_at,
            "signed_at": helper.signed_at,
        }
        for helper in snapshot.co_handlers
    ]


def _crews(loading: Loading, demo: DemoCommunity) -> dict[str, Crew]:
    """By grid code, who works there; the heads alone for what lies in no grid."""
    accounts = {
        loading.ids["worker"][account.worker]: loading.ids["account"][account.name]
        for account in demo.accounts
        if account.worker and account.role in (Role.MEMBER, Role.STAFF, Role.HEAD)
    }
    heads = [loading.ids["account"][account.name] for account in demo.accounts if account.role == Role.HEAD]
    by_grid: dict[tuple[str, str], list[str]] = defaultdict(list)
    for duty in sorted(demo.duties, key=lambda duty: not duty.primary):
        if duty.area and duty.valid_to is None:
            by_grid[(duty.kind, duty.area)].append(loading.ids["worker"][duty.worker])
    grids = sorted(area for kind, area in by_grid if kind == DutyKind.GRID_MEMBER)
    desks = {"": replace(_NOBODY, member_account=heads[0], staff_account=heads[0], head_account=heads[0])}
    for grid, neighbour in zip(grids, [*grids[1:], *grids[:1]], strict=True):
        member = by_grid[(DutyKind.GRID_MEMBER, grid)][0]
        helper = by_grid[(DutyKind.GRID_MEMBER, neighbour)][0]
        cadres = by_grid[(DutyKind.GRID_SUPERVISOR, grid)]
        staff = next((accounts[cadre] for cadre in cadres if cadre in accounts), heads[0])
        desks[grid] = Crew(
            member=member,
            helper=helper,
            member_account=accounts.get(member),
            helper_account=accounts.get(helper),
            staff_account=staff,
            head_account=heads[0],
        )
    return desks


class _Limit:
    """The time limit of one case as its life goes on."""

    def __init__(self, books: Books, community_id: str, record: CaseRecord) -> None:
        self._books = books
        self._pauses = list[Pause]()
        first = deadline_for(
            books,
            community_id=community_id,
            category=record.category,
            severity=Severity(record.severity),
            reported_at=record.reported_at,
            arrival=Arrival.UNDERWAY if record.closed_at is None else Arrival.ENDED,
        )
        self.case: Any = SimpleNamespace(
            community_id=community_id,
            category_code=record.category,
            severity=record.severity,
            reported_at=record.reported_at,
            closed_at=None,
        )
        self._keep(first)

    def columns(self, *, ended: bool, now: datetime) -> dict[str, object]:
        """What stands in the row: of what has passed people were told then, of what has ended nobody is."""
        columns = self._deadline.columns()
        if ended:
            return columns | {"escalates_at": None}
        due = time_of(self._books, self.case, now=now, pauses=self._pauses)
        level = levels_of(self._books, self.case).reached(due.passed) if due else 0
        level = max(level, columns["escalated"])
        following = next_level_at(self._books, self.case, last=level, pauses=self._pauses, now=now)
        return columns | {
            "escalated": level,
            "escalates_at": following if following and following > now else None,
        }

    def extended(self, until: datetime, *, at: datetime) -> datetime | None:
        """Put off until a moment."""
        return self._keep(extended(self._books, self.case, until, pauses=self._pauses, now=at))

    def suspended(self, *, at: datetime) -> None:
        """Stands still."""
        self._pauses.append((at, None))

    def resumed(self, *, at: datetime) -> datetime | None:
        """Goes on."""
        due = self._keep(resumed(self._books, self.case, pauses=self._pauses, now=at))
        self._pauses[-1] = (self._pauses[-1][0], at)
        return due

    def reopened(self, *, at: datetime) -> datetime | None:
        """Counted anew."""
        return self._keep(reopened(self._books, self.case, now=at))

    def _keep(self, deadline: CaseDeadline) -> datetime | None:
        self._deadline = deadline
        deadline.keep(self.case)
        return deadline.due_at
