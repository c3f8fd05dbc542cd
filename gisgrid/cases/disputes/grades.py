"""Grades of disputes: what a community calls them, and after how many days they are followed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.cases.disputes.models import DisputeRules
from gisgrid.cases.disputes.pipeline import Grade
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.labels.disputes import GRADES

MOST_FOLLOW_UPS: Final = 4
_MOST_DAYS: Final = 365
_NAME_LIMIT: Final = 20
_BETWEEN: Final = str.maketrans(dict.fromkeys(",;\uff0c\u3001\uff1b", " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRule:
    """What a grade is called, and on which days after the settlement it is followed up."""

    name: str
    days: tuple[int, ...]


Grades = Mapping[Grade, GradeRule]

DEFAULT: Final[Grades] = {
    Grade.GENERAL: GradeRule(name=GRADES["general"], days=(7,)),
    Grade.COMPLEX: GradeRule(name=GRADES["complex"], days=(7, 30)),
    Grade.MAJOR: GradeRule(name=GRADES["major"], days=(3, 15, 30)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesVersion:
    """A version of the rules as a page lists it."""

    number: int
    made_at: datetime
    by: str | None
    grades: Grades


def grades_of(session: Session, community_id: str) -> Grades:
    """The grades of a community in force; the standard ones while it has set none."""
    statement = select(DisputeRules.rules).where(DisputeRules.community_id == community_id)
    rules = session.scalar(statement.order_by(DisputeRules.number.desc()).limit(1))
    return DEFAULT if rules is None else _read(rules)


def grade_versions(view: View) -> list[GradesVersion]:
    """Every version there has been, the newest first.

    Raises
    ------
    NotAllowed
        The role may not change the grades.
    """
    require(view.actor, Action.DISPUTE_GRADES_CHANGE)
    rows = view.session.execute(
        select(DisputeRules, Account.name)
        .outerjoin(Account, Account.id == DisputeRules.account_id)
        .where(DisputeRules.community_id == view.community.id)
        .order_by(DisputeRules.number.desc())
    )
    return [
        GradesVersion(
            number=row.DisputeRules.number,
            made_at=row.DisputeRules.made_at,
            by=row.name,
            grades=_read(row.DisputeRules.rules),
        )
        for row in rows
    ]


def change_grades(view: View, grades: Grades, *, now: datetime) -> int | None:
    """New grades from now on; the number of the version, nothing where nothing changes.

    Disputes that are settled already keep the days they were given.

    Raises
    ------
    NotAllowed
        The role may not change them.
    InvalidInput
        A name is missing or double, or the days aren't 1 to 4 growing numbers; every fault at once.
    """
    require(view.actor, Action.DISPUTE_GRADES_CHANGE)
    _check(grades)
    session, community = view.session, view.community.id
    wait_for_others(session, community)
    before, after = _flat(grades_of(session, community)), _flat(grades)
    change = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if not change:
        return None
    last = session.scalar(select(func.max(DisputeRules.number)).where(DisputeRules.community_id == community))
    number = (last or 0) + 1
    session.add(
        DisputeRules(
            community_id=community,
            number=number,
            made_at=now,
            account_id=view.actor.account_id,
            rules={key.value: {"name": rule.name, "days": list(rule.days)} for key, rule in grades.items()},
        )
    )
    record(
        session,
        view.actor,
        "disputes:grades",
        "area",
        now=now,
        object_id=community,
        fields=tuple(change),
        change=change,
    )
    touch(session, [community])
    session.flush()
    return number


def planned_days(rule: GradeRule, settled_on: date) -> list[date]:
    """When a dispute is followed up."""
    return [settled_on + timedelta(days=days) for days in rule.days]


def read_days(text: str) -> tuple[int, ...]:
    """Days as people write them: ``7, 30``; commas of either width, or blanks.

    Raises
    ------
    InvalidInput
        Something in it is no whole number.
    """
    parts = text.translate(_BETWEEN).split()
    if not all(part.isdecimal() and len(part) <= 4 for part in parts):
        raise InvalidInput("days are whole numbers like 7, 30", field="days")
    return tuple(int(part) for part in parts)


def _read(rules: Mapping[str, Any]) -> Grades:
    return {
        Grade(key): GradeRule(name=str(rule["name"]), days=tuple(rule["days"])) for key, rule in rules.items()
    }


def _flat(grades: Grades) -> dict[str, str]:
    names = {f"{key}.name": rule.name for key, rule in grades.items()}
    return names | {f"{key}.days": ", ".join(map(str, rule.days)) for key, rule in grades.items()}


def _check(grades: Grades) -> None:
    faults = []
    names = [rule.name.strip() for rule in grades.values()]
    for key in Grade:
        rule = grades.get(key)
        if (
            rule is None
            or not 0 < len(rule.name.strip()) <= _NAME_LIMIT
            or names.count(rule.name.strip()) > 1
        ):
            faults.append(
                Fault(
                    message=say(
                        "each grade has a name of its own of 1 to {most} characters", most=_NAME_LIMIT
                    ),
                    field=f"{key}.name",
                )
            )
        if rule is not None and not _is_plan(rule.days):
            faults.append(
                Fault(
                    message=say(
                        "follow-ups are 1 to {most} growing numbers of days up to {days}",
                        most=MOST_FOLLOW_UPS,
                        days=_MOST_DAYS,
                    ),
                    field=f"{key}.days",
                )
            )
    if faults:
        raise InvalidInput(faults)


def _is_plan(days: Sequence[int]) -> bool:
    return (
        0 < len(days) <= MOST_FOLLOW_UPS
        and list(days) == sorted(set(days))
        and days[0] >= 1
        and days[-1] <= _MOST_DAYS
    )
