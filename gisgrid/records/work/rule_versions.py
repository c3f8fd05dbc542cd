"""The rules that hold in a community: its own versions, else those that are built in, else as shipped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, zip_longest
from typing import Any, Final

from sqlalchemy import or_, select

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.forms.tasks.documents import read_rule
from gisgrid.forms.tasks.model import TaskRule
from gisgrid.forms.tasks.shipped import shipped_rules
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import VersionState
from gisgrid.records.core.versions import own_forms
from gisgrid.records.core.work_models import TaskRuleVersion
from gisgrid.records.work.courses import RuleCourse

IS_ON: Final = "is_on"
"""Beside the parts of a rule: false where the version switches the rule off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """A version of a rule with the day from which it counts; ``is_own``: of the community itself."""

    rule: TaskRule
    number: int
    since: date
    is_on: bool
    is_own: bool


def rule_timelines(view: View) -> dict[str, list[RuleVersion]]:
    """The versions of each rule by code, in the order in which they came to count; an own one outdoes all."""
    own: dict[str, list[RuleVersion]] = defaultdict(list)
    built_in: dict[str, list[RuleVersion]] = defaultdict(list)
    for row in view.session.scalars(_rows(view)):
        (built_in if row.owner_area_id is None else own)[row.code].append(_version(view, row))
    for shipped in shipped_rules():
        if shipped.rule.code not in built_in:
            built_in[shipped.rule.code] = [_as_shipped(code_rule) for code_rule in _of(shipped.rule.code)]
    codes = [*built_in, *(code for code in own if code not in built_in)]
    return {code: _timeline(built_in.get(code, []), own.get(code, [])) for code in codes}


def _of(code: str) -> list[Any]:
    return [shipped for shipped in shipped_rules() if shipped.rule.code == code]


def _as_shipped(shipped: Any) -> RuleVersion:
    return RuleVersion(
        rule=shipped.rule,
        number=shipped.number,
        since=shipped.rule.valid_from,
        is_on=shipped.is_on,
        is_own=False,
    )


def _rows(view: View) -> Any:
    owner = TaskRuleVersion.owner_area_id
    wanted = or_(owner.is_(None), owner == view.community.id)
    return select(TaskRuleVersion).where(wanted).order_by(TaskRuleVersion.code, TaskRuleVersion.number)


def _version(view: View, row: TaskRuleVersion) -> RuleVersion:
    document = {name: value for name, value in row.rule.items() if name != IS_ON}
    rule = read_rule(document)
    is_own = row.owner_area_id is not None
    return RuleVersion(
        rule=rule,
        number=row.number,
        since=day_of(row.valid_from, view.tz) if is_own else rule.valid_from,
        is_on=row.rule.get(IS_ON, True) is not False,
        is_own=is_own,
    )


def _timeline(built_in: Sequence[RuleVersion], own: Sequence[RuleVersion]) -> list[RuleVersion]:
    first_own = min((version.since for version in own), default=date.max)
    before = [version for version in built_in if version.since < first_own]
    return [*before, *own]


def rule_courses(
    view: View, today: date, *, since: date, purposes: Mapping[str, str | None]
) -> list[RuleCourse]:
    """The rules that are on, or were on since a day, and whose form is among those with ``purposes``.

    A version that counts from a later day on than ``today`` changes nothing yet.
    """
    courses = [
        replace(course, purpose=purposes[course.rule.form])
        for versions in rule_timelines(view).values()
        for course in _courses([version for version in versions if version.since <= today])
        if course.rule.form in purposes
    ]
    return [
        course
        for course in courses
        if course.rule.valid_from <= today and (course.rule.valid_to is None or course.rule.valid_to > since)
    ]


def _courses(versions: Sequence[RuleVersion]) -> Iterator[RuleCourse]:
    """What is on, each stretch without a gap as one course."""
    stretches = list(_stretches(versions))
    numbers = _runs(stretches)
    for _run, members in groupby(zip(numbers, stretches, strict=True), key=lambda pair: pair[0]):
        yield RuleCourse(tuple(rule for _number, rule in members))


def _stretches(versions: Sequence[RuleVersion]) -> Iterator[TaskRule]:
    """Each version that is on, cut to the days on which it is the one that counts."""
    for version, later in zip_longest(versions, versions[1:]):
        ends = [day for day in (version.rule.valid_to, later.since if later else None) if day is not None]
        end = min(ends, default=None)
        start = version.since
        if version.is_on and (end is None or start < end):
            yield replace(version.rule, valid_from=start, valid_to=end)


def _runs(stretches: Sequence[TaskRule]) -> list[int]:
    """To which run each stretch belongs: one that begins where the one before ends goes on with it."""
    numbers, number = [], 0
    for place, stretch in enumerate(stretches):
        number += place > 0 and stretches[place - 1].valid_to != stretch.valid_from
        numbers.append(number)
    return numbers


def form_purposes(view: View) -> Mapping[str, str | None]:
    """The purposes of the forms that are published in a community, by their codes."""
    forms = own_forms(view).subquery()
    statement = (
        select(FieldForm.code, FieldForm.purpose)
        .join(forms, forms.c.id == FieldForm.id)
        .join(FormVersion, FormVersion.form_id == FieldForm.id)
        .where(FormVersion.state == VersionState.PUBLISHED, FieldForm.closed_at.is_(None))
    )
    return {row.code: row.purpose for row in view.session.execute(statement)}
