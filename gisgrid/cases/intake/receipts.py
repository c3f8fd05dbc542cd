"""Following reports: by a receipt code without logging in, or one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any, Final, Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import NOBODY, Actor, require
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import REPORTED
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.rules import CaseAction, WorkPolicy, parse_receipt
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.core.store import log_of
from gisgrid.cases.public.reporters import ME_TOO, FollowedCase, case_of_follower, public_case_row
from gisgrid.cases.steps import open_by_receipt
from gisgrid.days import local_text_or_none
from gisgrid.errors import NotFound

_DEFAULT: Final = WorkPolicy()


class ReportedFacts(TypedDict):
    """A case as its reporter is told of it."""

    number: str
    category: str
    category_name: str
    state: str
    reported_at: str
    deadline: str | None
    result: str | None


class OwnReport(ReportedFacts):
    """A case that somebody reported with their account."""

    id: str


class TimelineStep(TypedDict):
    """A step of a case, without names and texts."""

    at: str
    action: str
    state: str | None


class FollowedReport(ReportedFacts):
    """A case that is followed by the code of its report: its course, and what may be done now."""

    is_own: Literal[True]
    address: str | None
    timeline: list[TimelineStep]
    actions: list[str]
    rating: tuple[int | None, int | None] | None
    resolution: str | None
    original_state: str | None


def followed(
    session: Session,
    actor: Actor,
    receipt: str,
    *,
    opened: Callable[[str], View],
    now: datetime,
    policy: WorkPolicy = _DEFAULT,
) -> FollowedReport | FollowedCase | None:
    """What a receipt code tells: the case, its course without names and texts, and what may be done now.

    ``opened`` makes a view of the community of a code; ``original_state`` is that of a duplicate. A code of
    who said the same is not one's own and tells what everybody may see, as in
    :func:`gisgrid.cases.public.reporters.public_case_row`.

    Raises
    ------
    InvalidInput
        The text can't be a receipt code.
    """
    require(actor, Action.CASES_FOLLOW)
    code = parse_receipt(receipt)
    row = session.execute(_rows().where(Case.receipt == code)).one_or_none()
    case: Case | None = row.Case if row else case_of_follower(session, code)
    codes = {community.id: community.code for community in visible_communities(session, NOBODY, now=now)}
    if case is None or case.community_id not in codes:
        return None
    view = opened(codes[case.community_id])
    return _reporter_row(view, actor, row, now=now, policy=policy) if row else public_case_row(view, case)


def _reporter_row(view: View, actor: Actor, row: Any, *, now: datetime, policy: WorkPolicy) -> FollowedReport:
    case: Case = row.Case
    session = view.session
    original = select(Case.state).where(Case.id == case.duplicate_of_id)
    return {
        **_describe(row, view.tz),
        "is_own": True,
        "address": case.address,
        "timeline": [
            {"at": line.at.astimezone(view.tz).isoformat(), "action": line.action, "state": line.to_state}
            for line in log_of(session, case.id)
            if line.action in _TOLD_STEPS
        ],
        "actions": [str(action) for action in open_by_receipt(view, actor, case, now=now, policy=policy)],
        "rating": (case.rating_speed, case.rating_result) if case.rated_at else None,
        "resolution": case.resolution,
        "original_state": session.scalar(original) if case.duplicate_of_id else None,
    }


def reported_by(view: View, limit: int = 50) -> list[OwnReport]:
    """What the actor has reported in this community, the newest first; nothing for a visitor."""
    require(view.actor, Action.OWN_GRID_VIEW)
    if view.actor.account_id is None:
        return []
    statement = _rows().where(is_of(view, PlacedKind.CASE, Case), Case.reporter_id == view.actor.account_id)
    rows = view.session.execute(statement.order_by(Case.reported_at.desc(), Case.fid.desc()).limit(limit))
    return [{"id": row.Case.id, **_describe(row, view.tz)} for row in rows]


def community_of(session: Session, actor: Actor, case_id: str, *, now: datetime) -> str:
    """The code of the community a case lies in, where the actor may see that community.

    Raises
    ------
    NotFound
        No such case there; whether it is somewhere else is not told.
    """
    require(actor, Action.CASES_VIEW)
    community_id = session.scalar(select(Case.community_id).where(Case.id == case_id))
    for community in visible_communities(session, actor, now=now):
        if community.id == community_id:
            return community.code
    raise NotFound("no such case")


def is_visible(view: View, case_id: str) -> bool:
    """Whether the actor may open a case, without opening it."""
    require(view.actor, Action.CASES_VIEW)
    statement = select(Case.id).where(Case.id == case_id, visible_cases(view))
    return view.session.scalar(statement) is not None


_TOLD_STEPS: Final = frozenset(
    {
        REPORTED,
        "photo",
        ME_TOO,
        *(
            str(action)
            for action in CaseAction
            if action
            not in (CaseAction.SUPERVISE, CaseAction.INVOLVE, CaseAction.RELEASE, CaseAction.ESCALATE)
            and not action.startswith("co_")
        ),
    }
)
"""Steps that the reporter is told of; what goes on among those who work on it is none of them."""


def _rows() -> Select[Case, str]:
    return select(Case, Category.name.label("category_name")).join(
        Category, Category.code == Case.category_code
    )


def _describe(row: Any, tz: tzinfo) -> ReportedFacts:
    case: Case = row.Case
    return {
        "number": case.number,
        "category": case.category_code,
        "category_name": row.category_name,
        "state": case.state,
        "reported_at": case.reported_at.astimezone(tz).isoformat(),
        "deadline": local_text_or_none(case.due_at, tz),
        "result": case.result,
    }
