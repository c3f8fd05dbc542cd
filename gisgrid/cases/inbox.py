"""What an account has been told about cases, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Generic

from sqlalchemy import Row, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.access.actions import CONFIDENTIAL_CASES, Action
from gisgrid.access.actors import Actor, may
from gisgrid.access.models import Account, Role, Worker
from gisgrid.areas.communities import Community
from gisgrid.cases.core.answers import Moment
from gisgrid.cases.core.audience import desk, escalated, instructing
from gisgrid.cases.core.models import Case, CaseNotice, Category
from gisgrid.cases.core.notifications import CaseNoticeKind
from gisgrid.errors import Sentence, say

_DEADLINE: Final = 100
"""Percent of its time at which a case falls due."""
_CALLED: Final = 2
"""How many people a notice names to be called."""


class NoticeFacts(TypedDict, Generic[Moment]):
    """What an account has been told.

    ``leads_to`` is ``plan``, ``handover``, ``history``, ``case``, ``cases``, ``queue`` or ``accounts`` of a
    community, or nothing where the account may see none of them.
    """

    id: str
    kind: str
    plan: str | None
    case: str | None
    name: str
    by: str | None
    grids: list[str]
    at: Moment
    read_at: Moment | None
    message: str
    leads_to: str | None
    community: str | None


def case_notices(
    session: Session, actor: Actor, ids: Collection[str], communities: Collection[Community], *, now: datetime
) -> dict[str, NoticeFacts[datetime]]:
    """Notices to the account by their ids, as the list of all notices tells them.

    They name a case by number and category, never who reported it or what was said; in a community that is
    out of the account's sight by its number alone. An organisation is led to its queue of
    errands, and learns no id of a case. A leader who may not see an emergency learns that there is one, in
    which community, and whom to call; an administrator learns where nobody could be told.
    """
    statement = (
        select(
            CaseNotice,
            Case.number,
            Case.community_id,
            Category.name,
            Category.is_confidential,
            escalated().label("escalated"),
        )
        .join(Case, Case.id == CaseNotice.case_id)
        .join(Category, Category.code == Case.category_code)
        .where(CaseNotice.id.in_(ids), CaseNotice.account_id == actor.account_id)
    )
    rows: Sequence[Row[Any]] = session.execute(statement).all()  # type: ignore[assignment]
    places = {community.id: community for community in communities}
    calls = _calls(session, actor, rows, now=now)
    return {row.CaseNotice.id: _describe(actor, row, places.get(row.community_id), calls) for row in rows}


def _describe(
    actor: Actor, row: Row[Any], place: Community | None, calls: Mapping[str, Sentence | str]
) -> NoticeFacts[datetime]:
    notice: CaseNotice = row.CaseNotice
    kind, sees = CaseNoticeKind(notice.kind), _sees(actor, row)
    leads_to = _leads_to(actor, kind, place, sees=sees)
    names_it = place is not None and (sees or (leads_to == "queue" and not row.is_confidential))
    case = say("{number} ({category})", number=row.number, category=row.name) if names_it else row.number
    is_hidden = kind is CaseNoticeKind.UNTOLD or (kind is CaseNoticeKind.EMERGENCY and not sees)
    where: str = place.name if place else "–"
    if kind is CaseNoticeKind.UNTOLD:
        message = say("nobody in {community} can be told of a case: accounts are missing", community=where)
    elif kind is CaseNoticeKind.EMERGENCY and actor.role is Role.LEADER and not actor.instructs:
        message = _emergency_for_leaders(where, case if sees else None, calls.get(row.community_id))
    else:
        message = _message(notice, case)
    return {
        "id": notice.id,
        "kind": notice.kind,
        "plan": None,
        "case": None if is_hidden or may(actor, Action.CASES_QUEUE) else notice.case_id,
        "name": where if is_hidden else row.number,
        "by": None,
        "grids": [],
        "at": notice.at,
        "read_at": notice.read_at,
        "message": message,
        "leads_to": leads_to,
        "community": place.code if leads_to and place else None,
    }


def _sees(actor: Actor, row: Row[Any]) -> bool:
    """Whether the role sees single cases like this one, wherever it sees any."""
    if not may(actor, Action.CASES_VIEW):
        return False
    is_party = may(actor, Action.CASES_INSTRUCT) and row.escalated
    return not row.is_confidential or actor.role in CONFIDENTIAL_CASES or is_party


def _leads_to(actor: Actor, kind: CaseNoticeKind, place: Community | None, *, sees: bool) -> str | None:
    """What the account may open to see more."""
    if place is None:
        return None
    if kind is CaseNoticeKind.UNTOLD:
        return "accounts" if may(actor, Action.ACCOUNTS_MANAGE) else None
    if kind in _OF_MANY:
        return "cases" if may(actor, Action.CASES_VIEW) else None
    if may(actor, Action.CASES_QUEUE):
        return "queue"
    return "case" if sees else None


def _calls(
    session: Session, actor: Actor, rows: Sequence[Row[Any]], *, now: datetime
) -> dict[str, Sentence | str]:
    """By community whom a leader calls about an emergency: who may instruct, else the community's desk."""
    if actor.role is not Role.LEADER or actor.instructs:
        return {}
    asked = {row.community_id for row in rows if row.CaseNotice.kind == CaseNoticeKind.EMERGENCY}
    return {key: people for key in asked if (people := _to_call(session, key, now=now)) is not None}


def _to_call(session: Session, community_id: str, *, now: datetime) -> Sentence | str | None:
    accounts = instructing(session, community_id, now=now) or desk(session, community_id, now=now)
    people = session.execute(
        select(Worker.name, Worker.office_phone)
        .join(Account, Account.worker_id == Worker.id)
        .where(Account.id.in_(accounts))
        .order_by(Worker.office_phone.is_(None), Worker.name, Worker.id)
        .limit(_CALLED)
    ).all()
    line: Sentence | str | None = None
    for person in people:
        named = f"{person.name} {person.office_phone}" if person.office_phone else person.name
        line = named if line is None else say("{before}, {next}", before=line, next=named)
    return line


def _message(notice: CaseNotice, case: Sentence | str) -> Sentence:
    kind = CaseNoticeKind(notice.kind)
    if kind in _OF_MANY:
        return _OF_MANY[kind](notice.count or 1)
    if kind in _LEVELS:
        return _LEVELS[kind](case, notice.percent or _DEADLINE)
    return _SENTENCES[kind](case)


def _arrived(count: int) -> Sentence:
    return say("open cases that came in from another system: {count}", count=count)


def _taken_over(count: int) -> Sentence:
    return say("open cases of a redrawn grid that came to you: {count}", count=count)


def _untaken(count: int) -> Sentence:
    return say("open cases in a redrawn grid that nobody on duty there can open: {count}", count=count)


def _emergency_for_leaders(
    community: str, case: Sentence | str | None, people: Sentence | str | None
) -> Sentence:
    """That there is an emergency, where, which one if it may be seen, and whom to call."""
    sentence = say("an emergency was reported in {community}", community=community)
    if case is not None:
        sentence = say("{told}: case {case}", told=sentence, case=case)
    return sentence if people is None else say("{told}; call {people}", told=sentence, people=people)


def _reported(case: Sentence | str) -> Sentence:
    return say("a new case was reported: {case}", case=case)


def _moved(case: Sentence | str) -> Sentence:
    return say("case {case} was put at a place that you serve", case=case)


def _rated_low(case: Sentence | str) -> Sentence:
    return say("case {case} was given 1 or 2 stars by the person it was settled for", case=case)


def _emergency(case: Sentence | str) -> Sentence:
    return say("an emergency was reported: case {case}", case=case)


def _coordination(case: Sentence | str) -> Sentence:
    return say("case {case} needs coordination by the community", case=case)


def _given(case: Sentence | str) -> Sentence:
    return say("case {case} was given to you", case=case)


def _involved(case: Sentence | str) -> Sentence:
    return say("you are asked to help with case {case}", case=case)


def _returned(case: Sentence | str) -> Sentence:
    return say("case {case} was returned", case=case)


def _rework(case: Sentence | str) -> Sentence:
    return say("your case {case} didn't pass its check and has to be done again", case=case)


def _escalated(case: Sentence | str) -> Sentence:
    return say("case {case} was passed up to you", case=case)


def _supervised(case: Sentence | str) -> Sentence:
    return say("your case {case} is supervised now", case=case)


def _reopened(case: Sentence | str) -> Sentence:
    return say("case {case} was opened again", case=case)


def _to_owner(case: Sentence | str, percent: int) -> Sentence:
    return say("{percent} percent of the time for your case {case} is gone", percent=percent, case=case)


def _to_community(case: Sentence | str, percent: int) -> Sentence:
    if percent == _DEADLINE:
        return say("the time for case {case} is over, and it is open", case=case)
    return say(
        "{percent} percent of the time for case {case} is gone, and it is open", percent=percent, case=case
    )


def _to_subdistrict(case: Sentence | str, percent: int) -> Sentence:
    return say(
        "{percent} percent of the time for case {case} is gone: it is supervised now",
        percent=percent,
        case=case,
    )


def _errand_requested(case: Sentence | str) -> Sentence:
    return say("the community asks you to do something about case {case}", case=case)


def _errand_withdrawn(case: Sentence | str) -> Sentence:
    return say("what you were asked about case {case} was taken back: nothing is left to do", case=case)


def _errand_receipted(case: Sentence | str) -> Sentence:
    return say("the organisation has receipted what it was asked about case {case}", case=case)


def _errand_finished(case: Sentence | str) -> Sentence:
    return say("the organisation has finished what it was asked about case {case}", case=case)


def _errand_returned(case: Sentence | str) -> Sentence:
    return say("the organisation has returned what it was asked about case {case}", case=case)


_OF_MANY: Final[Mapping[CaseNoticeKind, Callable[[int], Sentence]]] = {
    CaseNoticeKind.ARRIVED: _arrived,
    CaseNoticeKind.TAKEN_OVER: _taken_over,
    CaseNoticeKind.UNTAKEN: _untaken,
}
"""What is told of several cases at once."""
_SENTENCES: Final[Mapping[CaseNoticeKind, Callable[[Sentence | str], Sentence]]] = {
    CaseNoticeKind.REPORTED: _reported,
    CaseNoticeKind.MOVED: _moved,
    CaseNoticeKind.EMERGENCY: _emergency,
    CaseNoticeKind.COORDINATION: _coordination,
    CaseNoticeKind.GIVEN: _given,
    CaseNoticeKind.INVOLVED: _involved,
    CaseNoticeKind.RETURNED: _returned,
    CaseNoticeKind.REWORK: _rework,
    CaseNoticeKind.ESCALATED: _escalated,
    CaseNoticeKind.SUPERVISED: _supervised,
    CaseNoticeKind.REOPENED: _reopened,
    CaseNoticeKind.RATED_LOW: _rated_low,
    CaseNoticeKind.ERRAND_ASKED: _errand_requested,
    CaseNoticeKind.ERRAND_WITHDRAWN: _errand_withdrawn,
    CaseNoticeKind.ERRAND_RECEIPTED: _errand_receipted,
    CaseNoticeKind.ERRAND_FINISHED: _errand_finished,
    CaseNoticeKind.ERRAND_RETURNED: _errand_returned,
}
_LEVELS: Final[Mapping[CaseNoticeKind, Callable[[Sentence | str, int], Sentence]]] = {
    CaseNoticeKind.LIMIT_OWNER: _to_owner,
    CaseNoticeKind.LIMIT_COMMUNITY: _to_community,
    CaseNoticeKind.LIMIT_SUBDISTRICT: _to_subdistrict,
}
