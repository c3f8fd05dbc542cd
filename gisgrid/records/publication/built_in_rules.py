"""Installing the rules of tasks that come with the program: each version once, by its code and number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.models import CommunityState
from gisgrid.forms.tasks.shipped import ShippedRule
from gisgrid.records.core.work_models import TaskRuleVersion
from gisgrid.storage.base import new_id


def install_rules(session: Session, actor: Actor, rules: Iterable[ShippedRule], *, now: datetime) -> int:
    """Write the versions of rules that are not there yet; how many were written or ended.

    What a version says is never changed; only its end is written where a later one takes its place.
    Whoever calls has brought the database to this version, so no right is asked.
    """
    built_in = select(TaskRuleVersion).where(TaskRuleVersion.owner_area_id.is_(None))
    known = {(row.code, row.number): row for row in session.scalars(built_in)}
    count = sum(_install(session, known.get((row.rule.code, row.number)), row, now=now) for row in rules)
    if count:
        record(session, actor, "tasks:install", "task_rule", now=now, count=count)
        touch(session, session.scalars(select(CommunityState.community_id)).all())
        session.flush()
    return count


def _install(
    session: Session, installed: TaskRuleVersion | None, shipped: ShippedRule, *, now: datetime
) -> bool:
    ends = None if shipped.rule.valid_to is None else _midnight(shipped.rule.valid_to)
    if installed is not None:
        is_ended = installed.valid_to != ends
        installed.valid_to = ends
        return is_ended
    version = TaskRuleVersion(
        id=new_id(),
        code=shipped.rule.code,
        number=shipped.number,
        rule=dict(shipped.document),
        valid_from=_midnight(shipped.rule.valid_from),
        valid_to=ends,
        made_at=now,
    )
    session.add(version)
    return True


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
