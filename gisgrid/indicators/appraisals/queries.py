"""Appraisals of a month: of all members for those who lead, of oneself for a member."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Duty, DutyKind, Role, Worker
from gisgrid.areas.models import Area, AreaName, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.days import local_text_or_none
from gisgrid.errors import NotFound
from gisgrid.indicators.appraisals.rules import EXTERNAL_SHARE, Appraisal, appraised, span_of
from gisgrid.indicators.formulas import COUNTS
from gisgrid.indicators.groups import member_key, members
from gisgrid.indicators.models import Appeal, AppraisalRule, ExternalMark
from gisgrid.indicators.queries import counted_within

NONE = dict.fromkeys(COUNTS, 0)


class AppealRow(TypedDict):
    """An appeal, and what was answered."""

    id: str
    at: str
    reason: str
    answer: str | None
    answered_at: str | None
    adjusted: int


class ShareRow(TypedDict):
    """Whether there is an appraisal from a month on, and how much outside marks weigh."""

    month: str
    is_on: bool
    share: int
    by: str | None
    made_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppraisalChoice:
    """Whether a community appraises in a month, and how much outside marks weigh, in per cent."""

    is_on: bool = False
    share: int = EXTERNAL_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraised:
    """Somebody's appraisal of a month, with what was said about it; ``own_mark`` is the asker's own."""

    worker_id: str
    name: str
    appraisal: Appraisal | None
    own_mark: int | None
    appeals: list[AppealRow]


def appraisals(view: View, month: date, *, now: datetime) -> list[Appraised]:
    """Everybody who was a grid member in a month, by grid code. Leaves one audit entry.

    Heads get all, a member the own one only, an evaluator names and the own marks without scores; in a month
    for which the community has not chosen the appraisal there is nobody.
    """
    require(view.actor, Action.APPRAISALS_VIEW)
    workers = members_in(view, month) if choice_in(view, month).is_on else {}
    rows: list[Appraised] = []
    if view.actor.role is Role.EVALUATOR:
        marks = _marks(view, month, given_by=view.actor.account_id)
        for worker_id, name in workers.items():
            own = next(iter(marks.get(worker_id, {}).values()), None)
            rows.append(Appraised(worker_id=worker_id, name=name, appraisal=None, own_mark=own, appeals=[]))
    else:
        rows = _with_scores(view, month, workers, now=now)
    record(view.session, view.actor, "appraisals:list", "worker", now=now, count=len(rows))
    return rows


def _with_scores(view: View, month: date, workers: dict[str, str], *, now: datetime) -> list[Appraised]:
    counts = _counts(view, month, now=now)
    marks, share = _marks(view, month), choice_in(view, month).share
    appeals = _appeals(view, month)
    rows = []
    for worker_id, name in workers.items():
        said = appeals.get(worker_id, [])
        adjusted = sum(appeal["adjusted"] for appeal in said)
        score = appraised(
            counts.get(worker_id, NONE),
            marks=list(marks.get(worker_id, {}).values()),
            share=share,
            adjusted=adjusted,
        )
        own = marks.get(worker_id, {}).get(view.actor.account_id or "")
        rows.append(Appraised(worker_id=worker_id, name=name, appraisal=score, own_mark=own, appeals=said))
    return rows


def members_in(view: View, month: date) -> dict[str, str]:
    """Names by id of those who were grid members at any time of a month, by grid code."""
    span = span_of(month, view.tz)
    here = select(Area.id).where(or_(Area.community_id == view.community.id, Area.id == view.community.id))
    held = and_(Duty.valid_from < span.end, or_(Duty.valid_to.is_(None), Duty.valid_to > span.start))
    code = func.min(AreaName.code)
    statement = (
        select(Worker.id, Worker.name)
        .join(Duty, Duty.worker_id == Worker.id)
        .outerjoin(AreaName, and_(AreaName.area_id == Duty.area_id, AreaName.valid_to.is_(None)))
        .where(Duty.kind == DutyKind.GRID_MEMBER, Duty.area_id.in_(here), held, _is_own(view))
        .group_by(Worker.id, Worker.name)
        .order_by(code, Worker.name, Worker.id)
    )
    return {row.id: row.name for row in view.session.execute(statement)}


def known_member(view: View, worker_id: str, month: date) -> str:
    """The name of somebody who was a grid member in a month.

    Raises
    ------
    NotFound
        Nobody within what the actor may see.
    """
    name = members_in(view, month).get(worker_id)
    if name is None:
        raise NotFound("nobody here is this grid member")
    return name


def _is_own(view: View) -> ColumnElement[bool]:
    """Members see themselves only."""
    return Worker.id == (view.actor.worker_id or "") if view.actor.role is Role.MEMBER else true()


def _counts(view: View, month: date, *, now: datetime) -> dict[str, dict[str, int]]:
    """What the logs say of everybody's cases, also of those that lie in grids served by others since."""
    scope = is_of(view, PlacedKind.CASE, Case)
    if view.actor.role is Role.MEMBER:
        scope = and_(scope, member_key() == (view.actor.worker_id or ""))
    return counted_within(view, span_of(month, view.tz), members(view), scope, now=now)


def choice_in(view: View, month: date) -> AppraisalChoice:
    """What a community has chosen for a month: by the last rule made for it or for a month before."""
    statement = (
        select(AppraisalRule.is_on, AppraisalRule.external_share)
        .where(AppraisalRule.community_id == view.community.id, AppraisalRule.month <= month)
        .order_by(AppraisalRule.month.desc(), AppraisalRule.number.desc())
        .limit(1)
    )
    rule = view.session.execute(statement).one_or_none()
    return AppraisalChoice(is_on=rule.is_on, share=rule.external_share) if rule else AppraisalChoice()


def shares(view: View) -> list[ShareRow]:
    """Every rule there has been, the newest first: from which month, whether, how much, by whom, when."""
    require(view.actor, Action.APPRAISALS_DECIDE)
    rows = view.session.execute(
        select(AppraisalRule, Account.name)
        .outerjoin(Account, Account.id == AppraisalRule.account_id)
        .where(AppraisalRule.community_id == view.community.id)
        .order_by(AppraisalRule.number.desc())
    )
    return [
        {
            "month": f"{rule.month:%Y-%m}",
            "is_on": rule.is_on,
            "share": rule.external_share,
            "by": name,
            "made_at": rule.made_at.astimezone(view.tz).isoformat(timespec="minutes"),
        }
        for rule, name in rows
    ]


def _marks(view: View, month: date, *, given_by: str | None = None) -> dict[str, dict[str, int]]:
    """By worker the last mark of each evaluator."""
    own = ExternalMark.account_id == given_by if given_by else true()
    rows = view.session.scalars(
        select(ExternalMark)
        .where(ExternalMark.community_id == view.community.id, ExternalMark.month == month, own)
        .order_by(ExternalMark.at, ExternalMark.id)
    )
    marks: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        marks[row.worker_id][row.account_id or ""] = row.mark
    return marks


def _appeals(view: View, month: date) -> dict[str, list[AppealRow]]:
    rows = view.session.scalars(
        select(Appeal)
        .where(Appeal.community_id == view.community.id, Appeal.month == month)
        .order_by(Appeal.at, Appeal.id)
    )
    appeals: dict[str, list[AppealRow]] = defaultdict(list)
    for row in rows:
        appeals[row.worker_id].append(
            {
                "id": row.id,
                "at": row.at.astimezone(view.tz).isoformat(timespec="minutes"),
                "reason": row.reason,
                "answer": row.answer,
                "answered_at": local_text_or_none(row.answered_at, view.tz, timespec="minutes"),
                "adjusted": row.adjusted,
            }
        )
    return appeals


def open_appeals(view: View) -> list[str]:
    """Months in which an appeal waits for an answer, as 2026-10; for those who answer."""
    if not may(view.actor, Action.APPRAISALS_DECIDE):
        return []
    months = view.session.scalars(
        select(Appeal.month)
        .where(Appeal.community_id == view.community.id, Appeal.answered_at.is_(None))
        .distinct()
        .order_by(Appeal.month)
    )
    return [f"{month:%Y-%m}" for month in months]
