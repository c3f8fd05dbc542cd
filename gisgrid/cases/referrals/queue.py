"""An organisation's own queue of errands, and the steps it takes there."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Generic

from sqlalchemy import ColumnElement, and_, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
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
    errand_row,
    may_follow,
    note,
)
from gisgrid.errors import Conflict, NotFound, say

MOST: Final = 200


class OwnErrand(ErrandRow[Moment], Generic[Moment]):
    """An errand of the own queue, with where it is."""

    number: str
    address: str | None
    category_name: str


def queue_of(view: View, *, now: datetime) -> list[OwnErrand[datetime]]:
    """The actor's own errands: the open ones by when they fall due, then those that ended last.

    Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role has no queue.
    """
    require(view.actor, Action.CASES_QUEUE)
    ended = func.coalesce(CaseErrand.finished_at, CaseErrand.returned_at)
    clock = ErrandClock(Books(view.session, view.tz), now=now)
    statement = (
        select(CaseErrand, Case, Category.name.label("category_name"))
        .join(Case, Case.id == CaseErrand.case_id)
        .join(Category, Category.code == Case.category_code)
        .where(_own(view))
        .order_by(ended.is_not(None), ended.desc(), CaseErrand.due_at, CaseErrand.id)
        .limit(MOST)
        .options(*without_texts())
    )
    rows: list[OwnErrand[datetime]] = [
        {
            **errand_row(view, row.CaseErrand, clock.fields(row.CaseErrand, row.Case)),
            "number": row.Case.number,
            "address": row.Case.address,
            "category_name": row.category_name,
        }
        for row in view.session.execute(statement)
    ]
    # What stands still falls due later than the table knows: those that ended stay in their order.
    rows.sort(key=lambda row: (row["next"] is None, row["due_at"] if row["next"] else now))
    record(view.session, view.actor, "cases:queue", "case", now=now, count=len(rows))
    return rows


def step_errand(view: View, errand_id: str, step: ErrandStep, *, result: str = "", now: datetime) -> None:
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
    require(view.actor, Action.CASES_QUEUE)
    wait_for_others(view.session, view.community.id)
    errand = view.session.scalar(
        select(CaseErrand)
        .join(Case, Case.id == CaseErrand.case_id)
        .where(CaseErrand.id == errand_id, _own(view))
        .with_for_update()
    )
    if errand is None:
        raise NotFound(say("no such errand"))
    if step not in STEPS or not may_follow(errand, step):
        raise Conflict(say("this step can't be taken now"))
    text = checked_text(result, "result") if step in TELLING else None
    case = view.session.scalars(select(Case).where(Case.id == errand.case_id)).one()
    if step in TELLING:
        errand.due_at = ErrandClock(Books(view.session, view.tz), now=now).due(errand, case)
    STEPS[step](errand, now, text)
    note(view.session, view.actor, case, step, text=text, now=now)
    tell_errand(view.session, view.actor, case, errand, step, now=now)


def _own(view: View) -> ColumnElement[bool]:
    """The actor's own queue in this community; not what was taken back or became confidential."""
    return and_(
        CaseErrand.account_id == view.actor.account_id,
        CaseErrand.withdrawn_at.is_(None),
        Case.community_id == view.community.id,
        Case.category_code.in_(select(Category.code).where(Category.is_confidential.is_(False))),
    )
