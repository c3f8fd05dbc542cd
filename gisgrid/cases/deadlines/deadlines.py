"""The deadline a case gets when it is reported, and where it stands against that now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.cases.core.models import CaseLog
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.core.workflow import CaseState
from gisgrid.cases.deadlines.levels import Levels
from gisgrid.cases.deadlines.limits import Due, Limit, Rule, due_against, end_of, reached
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.rulebook import HotlineClass, Rulebook, limit_json, read_limit
from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.cases.deadlines.worktime import LimitUnit, Pause, closed, counted, shifted
from gisgrid.errors import InvalidInput


class Arrival(Enum):
    """How a case comes in: reported here, under way somewhere else for a while, or ended there already."""

    REPORTED = auto()
    UNDERWAY = auto()
    """Reminders of its time that have passed are known there; that it is late is told here too."""
    ENDED = auto()


class Timed(Protocol):
    """The columns of a case that its time limit needs."""

    id: Any
    community_id: Any
    category_code: Any
    severity: Any
    reported_at: Any
    due_at: Any
    target_at: Any
    time_limit: Any
    limit_version_id: Any
    closed_at: Any
    escalated: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeadline:
    """Columns of a case: by when, under which version of the rules, and when somebody is told next.

    ``time_limit`` holds the rule as it was then (``deadline``, ``target``; none where the deadline was given
    with the case), ``by`` category where it is one's own and ``by`` hotline where it is that of a class,
    the class (``hotline``) of a work order that has one, whether it was ``extended``, and ``since`` when
    time is counted, where that isn't the report. ``escalated`` is the highest level told, in percent,
    and less than 0 as long as nobody has looked which ones it had reached when it came in.
    """

    due_at: datetime | None
    target_at: datetime | None = None
    time_limit: dict[str, Any] | None = None
    limit_version_id: str | None = None
    escalates_at: datetime | None = None
    escalated: int = 0

    def columns(self) -> dict[str, Any]:
        """By column, for an insert."""
        # Not ``asdict``: it copies every moment too, and for many cases that takes seconds.
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**columns, "time_limit": deepcopy(self.time_limit)}

    def keep(self, case: Any) -> None:
        """Write them into a case."""
        for name, value in self.columns().items():
            setattr(case, name, value)


def deadline_for(  # noqa: PLR0913 - whose rules, what the case is, and what came with it
    books: Books,
    *,
    community_id: str,
    category: str,
    severity: Severity,
    reported_at: datetime,
    given: datetime | None = None,
    hotline: HotlineClass | None = None,
    arrival: Arrival = Arrival.REPORTED,
) -> CaseDeadline:
    """The deadline of a case under the rules in force when it was reported, or ``given`` with it.

    ``hotline`` is the class of a work order; it is kept beside a deadline that was given too, for when the
    case is opened again.
    """
    version = books.version_at(community_id, reported_at)
    rules = books.rules(version)
    calendar = books.calendar(community_id, rules)
    version_id = version.id if version else None
    if given is not None:
        limit = _rule_json(None) | _class_json(hotline)
        deadline = CaseDeadline(due_at=given, time_limit=limit, limit_version_id=version_id)
        unit = LimitUnit.CONTINUOUS_HOUR
    else:
        rule, limit = _rule_of(rules, category, severity, hotline)
        ends, target = _ends(rule, reported_at, calendar)
        deadline = CaseDeadline(due_at=ends, target_at=target, time_limit=limit, limit_version_id=version_id)
        unit = rule.deadline.unit
    if arrival == Arrival.ENDED:
        return deadline
    if arrival == Arrival.UNDERWAY:
        return replace(deadline, escalates_at=reported_at, escalated=-1)
    first = _next_level(calendar, unit, rules.levels, reported_at, deadline.due_at, last=0)
    return replace(deadline, escalates_at=first)


def time_of(books: Books, case: Timed, *, now: datetime, pauses: Sequence[Pause] = ()) -> Due | None:
    """Where a case stands against its time limit, a closed one when it was closed; nothing without one."""
    if case.due_at is None:
        return None
    rules = _rules_of(books, case)
    calendar, unit, target_unit = _clock_of(books, case, rules)
    now = case.closed_at or now
    still = [(first, now) for first, last in pauses if last is None and first < now]
    return due_against(
        since_of(case),
        _put_off(calendar, unit, case, case.due_at, still),
        unit=unit,
        target=case.target_at and _put_off(calendar, target_unit, case, case.target_at, still),
        calendar=calendar,
        now=now,
        pauses=pauses,
    )


def limit_of(case: Timed, name: str = "deadline") -> Limit | None:
    """The limit a case was given by a rule; nothing where its deadline came with it."""
    stored = (case.time_limit or {}).get(name)
    return read_limit(stored) if stored else None


def is_extended(case: Timed) -> bool:
    """Whether somebody has put the deadline off since."""
    return bool((case.time_limit or {}).get("extended"))


def hotline_of(case: Timed) -> HotlineClass | None:
    """The class of a work order of the hotline; nothing where none was told."""
    stored = (case.time_limit or {}).get("hotline")
    return HotlineClass(stored) if stored else None


def since_of(case: Timed) -> datetime:
    """From when its time is counted: the report, or when it was opened again."""
    stored = (case.time_limit or {}).get("since")
    since: datetime = datetime.fromisoformat(stored) if stored else case.reported_at
    return since


def resumed(books: Books, case: Timed, *, pauses: Sequence[Pause], now: datetime) -> CaseDeadline:
    """The deadline of a case whose suspension ends now: put off by the time it took, each in its unit."""
    if case.due_at is None:
        return _changed(case)
    rules = _rules_of(books, case)
    calendar, unit, target_unit = _clock_of(books, case, rules)
    last = [(first, now) for first, ended in pauses if ended is None and first < now]
    ends = _put_off(calendar, unit, case, case.due_at, last)
    ended = closed(pauses, now)
    return _changed(
        case,
        due_at=ends,
        target_at=case.target_at and _put_off(calendar, target_unit, case, case.target_at, last),
        escalated=max(case.escalated, 0),
        escalates_at=_next_level(
            calendar, unit, rules.levels, since_of(case), ends, last=case.escalated, pauses=ended
        ),
    )


def extended(
    books: Books, case: Timed, until: datetime, *, pauses: Sequence[Pause], now: datetime
) -> CaseDeadline:
    """The deadline of a case that gets a new deadline; levels of it that lie ahead again are told again."""
    rules = _rules_of(books, case)
    calendar, unit, _target = _clock_of(books, case, rules)
    since, ends = since_of(case), until.astimezone(UTC)
    then = due_against(since, ends, unit=unit, target=None, calendar=calendar, now=now, pauses=pauses)
    last = min(max(case.escalated, 0), rules.levels.reached(then.passed))
    return _changed(
        case,
        due_at=ends,
        target_at=None,
        time_limit={**(case.time_limit or _rule_json(None)), "extended": True},
        escalates_at=_next_level(
            calendar, unit, rules.levels, since, ends, last=last, pauses=closed(pauses, now)
        ),
        escalated=last,
    )


def reopened(books: Books, case: Timed, *, now: datetime) -> CaseDeadline:
    """The deadline of a case that is opened again: its own rule, counted from now."""
    rules = _rules_of(books, case)
    rule, limit = _rule_of(rules, case.category_code, Severity(case.severity), hotline_of(case))
    calendar = books.calendar(case.community_id, rules)
    ends, target = _ends(rule, now, calendar)
    return _changed(
        case,
        due_at=ends,
        target_at=target,
        time_limit={
            **(case.time_limit or {}),
            **limit,
            "extended": False,
            "since": now.isoformat(),
        },
        escalates_at=_next_level(calendar, rule.deadline.unit, rules.levels, now, ends, last=0),
        escalated=0,
    )


def next_level_at(
    books: Books, case: Timed, *, last: int, pauses: Sequence[Pause], now: datetime
) -> datetime | None:
    """When the level after ``last`` is reached, if nothing suspends the case; nothing after the last one."""
    rules = _rules_of(books, case)
    calendar, unit, _target = _clock_of(books, case, rules)
    ended = closed(pauses, now)
    return _next_level(calendar, unit, rules.levels, since_of(case), case.due_at, last=last, pauses=ended)


def pauses_of(session: Session, cases: Collection[str]) -> Mapping[str, Sequence[Pause]]:
    """When cases were suspended, by their ids, from their logs; an open suspension has no end."""
    pauses: dict[str, list[Pause]] = defaultdict(list)
    if not cases:
        return pauses
    of_suspension = (CaseLog.from_state == CaseState.SUSPENDED) | (CaseLog.to_state == CaseState.SUSPENDED)
    statement = select(CaseLog.case_id, CaseLog.at, CaseLog.to_state, CaseLog.details).where(
        CaseLog.case_id.in_(cases), of_suspension
    )
    for row in session.execute(statement.order_by(CaseLog.at, CaseLog.id)):
        mine = pauses[row.case_id]
        is_open = bool(mine) and mine[-1][1] is None
        if row.to_state == CaseState.SUSPENDED and not is_open:
            # What another house told of it says since when.
            since = (row.details or {}).get("suspended")
            mine.append((datetime.fromisoformat(since) if since else row.at, None))
        elif row.to_state != CaseState.SUSPENDED and is_open:
            mine[-1] = (mine[-1][0], row.at)
    return pauses


def _ends(rule: Rule, since: datetime, calendar: WorkCalendar) -> tuple[datetime, datetime | None]:
    ends = end_of(rule.deadline, since, calendar)
    return ends, min(end_of(rule.target, since, calendar), ends) if rule.target else None


def _rule_json(rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"deadline": None, "target": None}
    return {"deadline": limit_json(rule.deadline), "target": limit_json(rule.target)}


def _rule_of(
    rules: Rulebook, category: str, severity: Severity, hotline: HotlineClass | None
) -> tuple[Rule, dict[str, Any]]:
    """The rule of a case, and how it is kept."""
    rule = rules.rule_for(category, severity, hotline)
    if rules.goes_by_class(severity, hotline):
        by = {"by": "hotline"}
    else:
        by = {"by": "category"} if rules.goes_by_category(category, severity) else {}
    return rule, _rule_json(rule) | by | _class_json(hotline)


def _class_json(hotline: HotlineClass | None) -> dict[str, Any]:
    return {"hotline": hotline.value} if hotline else {}


def levels_of(books: Books, case: Timed) -> Levels:
    """At how much of its time who is told of a case, by the rules it was reported under."""
    return _rules_of(books, case).levels


def clock_of(books: Books, case: Timed) -> tuple[WorkCalendar, LimitUnit]:
    """The calendar of a case, and how the time to its deadline is counted."""
    calendar, unit, _target = _clock_of(books, case, _rules_of(books, case))
    return calendar, unit


def _rules_of(books: Books, case: Timed) -> Rulebook:
    return books.rules(case.limit_version_id)


def _clock_of(books: Books, case: Timed, rules: Rulebook) -> tuple[WorkCalendar, LimitUnit, LimitUnit]:
    """The calendar of a case, and how its deadline and its target are counted."""
    calendar = books.calendar(case.community_id, rules)
    deadline, target = limit_of(case), limit_of(case, "target")
    unit = deadline.unit if deadline else LimitUnit.CONTINUOUS_HOUR
    return calendar, unit, target.unit if target else unit


def _put_off(
    calendar: WorkCalendar,
    unit: LimitUnit,
    case: Timed,
    end: datetime,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    return shifted(calendar, unit, end, since=since_of(case), pauses=pauses) if pauses else end


def _next_level(
    calendar: WorkCalendar,
    unit: LimitUnit,
    levels: Levels,
    since: datetime,
    ends: datetime | None,
    *,
    last: int,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> datetime | None:
    following = levels.after(last)
    if following is None or ends is None:
        return None
    allowed = counted(calendar, unit, since, ends, pauses)
    if allowed <= timedelta():  # other systems give deadlines from before the report: it is late at once
        return since
    try:
        return reached(since, allowed, following, unit=unit, calendar=calendar, pauses=pauses)
    except (InvalidInput, OverflowError):  # beyond the calendar: a deadline far ahead, many times over
        return None


def _changed(case: Timed, **changes: Any) -> CaseDeadline:
    names = ("due_at", "target_at", "time_limit", "limit_version_id", "escalated")
    return CaseDeadline(**{**{name: getattr(case, name) for name in names}, **changes})
