"""The versions of the rules a community has had, its own working days, and which version a case keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.cases.core.limit_models import CalendarDay, LimitVersion
from gisgrid.cases.core.models import Category
from gisgrid.cases.deadlines.limits import Limit
from gisgrid.cases.deadlines.rulebook import DEFAULT, Rulebook, limit_json, read_rulebook
from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.days import FIRST_DAY, LAST_DAY
from gisgrid.errors import Fault, InvalidInput, NotFound

_NAME_LIMIT = 60


class Books:
    """Rules and calendars of communities, each read from the database once."""

    def __init__(self, session: Session, tz: tzinfo) -> None:
        self._session = session
        self.tz = tz
        self._versions: dict[str, Sequence[LimitVersion]] = {}
        self._days: dict[str, dict[date, bool]] = {}
        self._rules: dict[str, Rulebook] = {}

    def version_at(self, community_id: str, at: datetime) -> LimitVersion | None:
        """The version in force at an instant; nothing where the standard rules were."""
        versions = [version for version in self.versions(community_id) if version.valid_from <= at]
        return max(versions, key=lambda version: (version.valid_from, version.number), default=None)

    def versions(self, community_id: str) -> Sequence[LimitVersion]:
        """All versions of a community, the newest first."""
        if community_id not in self._versions:
            statement = select(LimitVersion).where(LimitVersion.community_id == community_id)
            rows = self._session.scalars(statement.order_by(LimitVersion.number.desc())).all()
            self._versions[community_id] = rows
        return self._versions[community_id]

    def rules(self, version: LimitVersion | str | None) -> Rulebook:
        """The rules of a version, by itself or its id; without one the standard rules."""
        if isinstance(version, str):
            if version not in self._rules:
                self._rules[version] = self.rules(self._session.get(LimitVersion, version))
            return self._rules[version]
        return DEFAULT if version is None else _read(orjson.dumps(version.rules))

    def calendar(self, community_id: str, rules: Rulebook) -> WorkCalendar:
        """Working time of a community under some rules."""
        if community_id not in self._days:
            statement = select(CalendarDay.day, CalendarDay.is_work)
            rows = self._session.execute(statement.where(CalendarDay.community_id == community_id))
            self._days[community_id] = {row.day: row.is_work for row in rows}
        return rules.calendar(self.tz, self._days[community_id])


@lru_cache(maxsize=64)
def _read(document: bytes) -> Rulebook:
    return read_rulebook(orjson.loads(document))


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version as a page lists it; ``by`` is the account that made it."""

    number: int
    valid_from: datetime
    made_at: datetime
    by: str | None
    rules: Rulebook
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    """A day on which the community works, or doesn't, other than the calendar says."""

    day: date
    is_work: bool
    name: str


def list_versions(view: View, *, now: datetime) -> list[VersionRow]:
    """Every version there has been or will be, the newest first. The standard rules before them are none.

    Raises
    ------
    NotAllowed
        The role may not see the rules' history.
    """
    require(view.actor, Action.LIMITS_CHANGE)
    books = Books(view.session, view.tz)
    names: dict[str | None, str] = dict(view.session.execute(select(Account.id, Account.name)).all())
    current = books.version_at(view.community.id, now)
    return [
        VersionRow(
            number=version.number,
            valid_from=version.valid_from,
            made_at=version.made_at,
            by=names.get(version.account_id),
            rules=books.rules(version),
            is_in_force=version is current,
        )
        for version in books.versions(view.community.id)
    ]


def rules_of(view: View, *, at: datetime) -> Rulebook:
    """The rules in force in the community that is looked at."""
    books = Books(view.session, view.tz)
    return books.rules(books.version_at(view.community.id, at))


def own_days(view: View) -> list[OwnDay]:
    """The community's own days, in order."""
    statement = select(CalendarDay).where(CalendarDay.community_id == view.community.id)
    rows = view.session.scalars(statement.order_by(CalendarDay.day))
    return [OwnDay(day=row.day, is_work=row.is_work, name=row.name) for row in rows]


def add_version(view: View, rules: Rulebook, *, valid_from: datetime, now: datetime) -> int:
    """A new version from an instant on; its number. Cases that are reported before keep theirs.

    Raises
    ------
    NotAllowed
        The role may not change the rules.
    InvalidInput
        It would hold in the past: no promise is changed after it was given; or a category isn't there.
    """
    require(view.actor, Action.LIMITS_CHANGE)
    if valid_from < now:
        raise InvalidInput("new rules begin now or later, never in the past", field="valid_from")
    _refuse_unknown(view, rules)
    wait_for_others(view.session, view.community.id)
    before = _flat(rules_of(view, at=valid_from))
    last = view.session.scalar(
        select(func.max(LimitVersion.number)).where(LimitVersion.community_id == view.community.id)
    )
    number = (last or 0) + 1
    view.session.add(
        LimitVersion(
            community_id=view.community.id,
            number=number,
            valid_from=valid_from,
            made_at=now,
            account_id=view.actor.account_id,
            rules=rules.as_json(),
        )
    )
    after = _flat(rules)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    change = {name: (before.get(name), after.get(name)) for name in names}
    _noted(view, "limits:change", change, now=now)
    return number


def _refuse_unknown(view: View, rules: Rulebook) -> None:
    known = set(view.session.scalars(select(Category.code)))
    faults = [
        Fault(message="there is no such category", field=f"categories.{code}")
        for code in rules.categories
        if code not in known
    ]
    if faults:
        raise InvalidInput(faults)


def set_own_day(view: View, own: OwnDay, *, now: datetime) -> None:
    """Say whether the community works on a day. Deadlines that were given stay.

    Raises
    ------
    NotAllowed
        The role may not change the rules.
    InvalidInput
        The day has no name, or lies outside the calendar.
    """
    require(view.actor, Action.LIMITS_CHANGE)
    if not FIRST_DAY <= own.day < LAST_DAY:
        raise InvalidInput("a day lies between 1900 and 2199", field="day")
    if not 0 < len(own.name.strip()) <= _NAME_LIMIT:
        raise InvalidInput("an own day has a name of 1 to 60 characters", field="name")
    row = view.session.get(CalendarDay, (view.community.id, own.day))
    before = None if row is None else row.is_work
    if row is None:
        row = CalendarDay(community_id=view.community.id, day=own.day)
        view.session.add(row)
    row.is_work, row.name = own.is_work, own.name.strip()
    _noted(view, "calendar:change", {own.day.isoformat(): (before, own.is_work)}, now=now)


def drop_own_day(view: View, day: date, *, now: datetime) -> None:
    """Let the calendar decide again on a day.

    Raises
    ------
    NotAllowed
        The role may not change the rules.
    NotFound
        The community has said nothing of that day.
    """
    require(view.actor, Action.LIMITS_CHANGE)
    row = view.session.get(CalendarDay, (view.community.id, day))
    if row is None:
        raise NotFound("the community has no rule of its own for this day")
    view.session.delete(row)
    _noted(view, "calendar:change", {day.isoformat(): (row.is_work, None)}, now=now)


def flat_limits(rules: Rulebook) -> dict[str, Limit]:
    """Every limit by its field, like ``severities.big.deadline`` and ``hotline.general``."""
    limits: dict[str, Limit] = {}
    rows = [(f"severities.{key}", rule) for key, rule in rules.severities.items()]
    rows += [(f"categories.{key}", rule) for key, rule in sorted(rules.categories.items())]
    for field, rule in rows:
        limits |= {f"{field}.target": rule.target} if rule.target else {}
        limits[f"{field}.deadline"] = rule.deadline
    return limits | {f"hotline.{key}": limit for key, limit in rules.hotline.items()}


def _flat(rules: Rulebook) -> dict[str, str]:
    """Rules as fields and plain texts, for the trail of changes."""
    fields = {"hours": " ".join(f"{shift.start:%H:%M}–{shift.end:%H:%M}" for shift in rules.hours)}
    fields["holidays"] = rules.holidays.value
    fields["claim_minutes"] = str(rules.claim_minutes)
    fields |= {f"levels.{who}": str(percent) for who, percent in rules.levels.rows()}
    for field, limit in flat_limits(rules).items():
        fields[field] = " ".join(str(value) for value in (limit_json(limit) or {}).values())
    return fields


def _noted(view: View, action: str, change: dict[str, tuple[Any, Any]], *, now: datetime) -> None:
    view.session.flush()
    touch(view.session, [view.community.id])
    record(
        view.session,
        view.actor,
        action,
        "area",
        now=now,
        object_id=view.community.id,
        fields=tuple(change),
        change=change,
    )
