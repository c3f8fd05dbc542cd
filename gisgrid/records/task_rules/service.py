"""Changing a rule of tasks: a new version of the community's own that counts from tomorrow on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.days import start_of
from gisgrid.errors import Conflict, InvalidInput, NotFound, say
from gisgrid.forms.tasks.documents import read_rule
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.versions import published_version
from gisgrid.records.core.work_models import TaskRuleVersion
from gisgrid.records.task_rules.inputs import NewRule, RuleChange, changed_document, new_document
from gisgrid.records.work.rule_versions import IS_ON, rule_timelines
from gisgrid.storage.base import new_id

MOST_OWN: Final = 50
"""So many rules of its own a community has at most."""
_OWN: Final = "own_"


def change_rule(view: View, code: str, sent: RuleChange, *, now: datetime) -> date:
    """Keep a changed rule; the day from which it counts. Today's lists stay as they are.

    Raises
    ------
    NotAllowed
        The role changes no rules.
    NotFound
        No such rule.
    InvalidInput
        A number or the choice can't be so; all faults at once.
    """
    require(view.actor, Action.RULES_CHANGE)
    wait_for_others(view.session, view.community.id)
    versions = rule_timelines(view).get(code)
    if not versions:
        raise NotFound("no such rule")
    newest, since = versions[-1], _tomorrow(view)
    document = changed_document(newest.rule, sent, since=since)
    is_same = read_rule({**document, "from": newest.rule.valid_from.isoformat()}) == newest.rule
    if is_same and newest.is_on == sent.is_on:
        return newest.since
    _keep(view, document, is_on=sent.is_on, since=since, now=now)
    return since


def add_rule(view: View, sent: NewRule, *, now: datetime) -> str:
    """Keep a new rule of the community's own; its code.

    Raises
    ------
    NotAllowed
        The role changes no rules.
    InvalidInput
        No such form is filled, or a number or the choice can't be so; all faults at once.
    Conflict
        The community has as many rules of its own as it may.
    """
    require(view.actor, Action.RULES_CHANGE)
    wait_for_others(view.session, view.community.id)
    own = [code for code in rule_timelines(view) if code.startswith(_OWN)]
    if len(own) >= MOST_OWN:
        raise Conflict(say("there are {most} rules of your own at most", most=MOST_OWN))
    try:
        form = published_version(view, sent.form).form
    except NotFound as error:
        raise InvalidInput(error.args[0], field="form") from error
    code = f"{_OWN}{max((int(known.removeprefix(_OWN)) for known in own), default=0) + 1}"
    since = _tomorrow(view)
    document = new_document(code, SubjectKind(form.subject), sent, since=since)
    _keep(view, document, is_on=True, since=since, now=now)
    return code


def _keep(view: View, document: dict[str, Any], *, is_on: bool, since: date, now: datetime) -> None:
    code = document["code"]
    last = select(func.max(TaskRuleVersion.number)).where(
        TaskRuleVersion.owner_area_id == view.community.id, TaskRuleVersion.code == code
    )
    row = TaskRuleVersion(
        id=new_id(),
        code=code,
        owner_area_id=view.community.id,
        number=(view.session.scalar(last) or 0) + 1,
        rule={**document, IS_ON: is_on},
        valid_from=start_of(since, view.tz),
        made_at=now,
        made_by=view.actor.account_id,
    )
    view.session.add(row)
    record(view.session, view.actor, "task_rules:change", "task_rule", now=now, object_id=row.id)
    touch(view.session, [view.community.id])
    view.session.flush()


def _tomorrow(view: View) -> date:
    return view.when.day + timedelta(days=1)
