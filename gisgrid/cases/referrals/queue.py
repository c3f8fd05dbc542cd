"""An organisation's own queue of errands, and the steps it takes there."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Generic

from sqlalchemy import ColumnElement, and_, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import Look
from gisgrid.cases.core.answers import Moment
from gisgrid.cases.core.models import Case, CaseErrand, Category
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.referrals.clock import ErrandClock
from gisgrid.cases.referrals.notifications import tell_errand
from gisgrid.cases.referrals.store import (
    STEPS,
    TELLING,
    ErrandRow,
    ErrandStep,
    checked_text,
    may_follow,
    note,
    told_errand,
)
from gisgrid.errors import Conflict, NotFound, say

MOST: Final = 200


class OwnErrand(ErrandRow[Moment], Generic[Moment]):
    """An errand of the own queue, with where it is."""

    number: str
    address: str | None
    category_name: str


def queue_of(look: Look, *, now: datetime) -> list[OwnErrand[datetime]]:
    """The actor's own errands: the open ones by when they fall due, then those that ended last.

    Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role has no queue.
    """
    require(look.actor, Action.CASES_QUEUE)
    ended = func.coalesce(CaseErrand.finished_at, CaseErrand.returned_at)
    clock = ErrandClock(Books(look.session, look.tz), now=now)
    statement = (
        select(CaseErrand, Case, Category.name.label("category_name"))
        .join(Case, Case.id == CaseErrand.case_id)
        .join(Category, Category.code == Case.category_code)
        .where(_own(look))
        .order_by(ended.is_not(None), ended.desc(), CaseErrand.due_at, CaseErrand.id)
        .limit(MOST)
        .options(*without_texts())
    )
    rows: list[OwnErrand[datetime]] = [
        {
            **told_errand(look, row.CaseErrand, clock.told(row.CaseErrand, row.Case)),
            "number": row.Case.number,
            "address": row.Case.address,
            "category_name": row.category_name,
        }
        for row in look.session.execute(statement)
    ]
    # What stands still falls due later than the table knows: those that ended stay in their order.
    rows.sort(key=lambda one: (one["next"] is None, one["due_at"] if one["next"] else now))
    record(look.session, look.actor, "cases:queue", "case", now=now, count=len(rows))
    return rows


def step_errand(look: Look, errand_id: str, step: ErrandStep, *, result: str = "", now: datetime) -> None:
    """Receipt an errand of one's own queue, start it, finish it with its result, or return it with a reason.

    Raises
    ------
    NotAllowed
        The role has no queue.
    NotFound
        No such errand in the actor's own queue.
    Conflict
        The step was taken before, or another comes first.
    InvalidInput
        It ends without a text, or with a phone or identity number in it.
    """
    require(look.actor, Action.CASES_QUEUE)
    wait_for_others(look.session, look.community.id)
    errand = look.session.scalar(
        select(CaseErrand)
        .join(Case, Case.id == CaseErrand.case_id)
        .where(CaseErrand.id == errand_id, _own(look))
        .with_for_update()
    )
    if errand is None:
        raise NotFound(say("no such errand"))
    if step not in STEPS or not may_follow(errand, step):
        raise Conflict(say("this step can't be taken now"))
    text = checked_text(result, "result") if step in TELLING else None
    case = look.session.scalars(select(Case).where(Case.id == errand.case_id)).one()
    if step in TELLING:
        errand.due_at = ErrandClock(Books(look.session, look.tz), now=now).due(errand, case)
    STEPS[step](errand, now, text)
    note(look.session, look.actor, case, step, text=text, now=now)
    tell_errand(look.session, look.actor, case, errand, step, now=now)


def _own(look: Look) -> ColumnElement[bool]:
    """The actor's own queue in this community; not what was taken back or became confidential."""
    return and_(
        CaseErrand.account_id == look.actor.account_id,
        CaseErrand.withdrawn_at.is_(None),
        Case.community_id == look.community.id,
        Case.category_code.in_(select(Category.code).where(Category.is_confidential.is_(False))),
    )
