"""What people on duty are able to do, in the words of the categories: cases go to who has the skill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Worker
from gisgrid.cases.core.models import Category, WorkerSkill
from gisgrid.errors import InvalidInput, NotFound, say

_LONGEST: Final = 40
_MOST: Final = 30


def known_skills(session: Session, actor: Actor) -> list[str]:
    """Every skill that a category asks for or somebody has, in order.

    Raises
    ------
    NotAllowed
        The role keeps neither categories nor people on duty.
    """
    require(actor, Action.WORKERS_MANAGE)
    asked = session.scalars(select(Category.skill).where(Category.skill.is_not(None)).distinct())
    held = session.scalars(select(WorkerSkill.skill).distinct())
    return sorted({skill for skill in (*asked, *held) if skill})


def skills_of(session: Session, actor: Actor, worker_id: str) -> list[str]:
    """What somebody is able to do, in order.

    Raises
    ------
    NotAllowed
        The role keeps no people on duty.
    """
    require(actor, Action.WORKERS_MANAGE)
    statement = select(WorkerSkill.skill).where(WorkerSkill.worker_id == worker_id)
    return list(session.scalars(statement.order_by(WorkerSkill.skill)))


def set_skills(
    session: Session, actor: Actor, worker_id: str, skills: Iterable[str], *, now: datetime
) -> None:
    """Say anew what somebody is able to do.

    Raises
    ------
    NotAllowed
        The role keeps no people on duty.
    NotFound
        There is no such worker.
    InvalidInput
        A skill is too long, or they are too many.
    """
    require(actor, Action.WORKERS_MANAGE)
    if session.get(Worker, worker_id) is None:
        raise NotFound("there is no such worker")
    wanted = sorted({skill.strip() for skill in skills if skill.strip()})
    if [skill for skill in wanted if len(skill) > _LONGEST]:
        raise InvalidInput(say("a skill has at most {most} characters", most=_LONGEST), field="skills")
    if len(wanted) > _MOST:
        raise InvalidInput(say("somebody has at most {most} skills", most=_MOST), field="skills")
    before = skills_of(session, actor, worker_id)
    if before == wanted:
        return
    session.execute(delete(WorkerSkill).where(WorkerSkill.worker_id == worker_id))
    session.add_all(WorkerSkill(worker_id=worker_id, skill=skill) for skill in wanted)
    session.flush()
    record(
        session,
        actor,
        "worker:skills",
        "worker",
        now=now,
        object_id=worker_id,
        fields=("skills",),
        change={"skills": ("、".join(before), "、".join(wanted))},
    )
