"""Which rules of tasks a community has: the version that counts, the one to come, and those before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Account
from gisgrid.areas.view import View
from gisgrid.records.core.work_models import TaskRuleVersion
from gisgrid.records.work.rule_versions import RuleVersion, form_purposes, rule_timelines


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMade:
    """When and by whom (a name, nothing for who is gone) a version was made."""

    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRuleListed:
    """A rule: its versions, the newest first, and which of them counts today, if any.

    ``is_filled``: its form is published; without that the rule asks for nothing. ``made``: of own versions.
    """

    code: str
    versions: tuple[RuleVersion, ...]
    counts: RuleVersion | None
    is_filled: bool
    made: Mapping[int, RuleMade]

    @property
    def newest(self) -> RuleVersion:
        """The version that counts last: it may be one to come."""
        return self.versions[0]


def list_task_rules(view: View) -> list[TaskRuleListed]:
    """The rules of the community: those that are built in first, then its own.

    Raises
    ------
    NotAllowed
        The role changes no rules.
    """
    require(view.actor, Action.RULES_CHANGE)
    forms, made = form_purposes(view), _made(view)
    return [
        TaskRuleListed(
            code=code,
            versions=tuple(reversed(versions)),
            counts=_counting(view, versions),
            is_filled=versions[-1].rule.form in forms,
            made=made.get(code, {}),
        )
        for code, versions in rule_timelines(view).items()
    ]


def _counting(view: View, versions: list[RuleVersion]) -> RuleVersion | None:
    begun = [version for version in versions if version.since <= view.when.day]
    return begun[-1] if begun else None


def _made(view: View) -> dict[str, dict[int, RuleMade]]:
    statement = (
        select(TaskRuleVersion.code, TaskRuleVersion.number, TaskRuleVersion.made_at, Account.name)
        .outerjoin(Account, Account.id == TaskRuleVersion.made_by)
        .where(TaskRuleVersion.owner_area_id == view.community.id)
    )
    made: dict[str, dict[int, RuleMade]] = {}
    for code, number, at, name in view.session.execute(statement):
        made.setdefault(code, {})[number] = RuleMade(at=at, by=name)
    return made
