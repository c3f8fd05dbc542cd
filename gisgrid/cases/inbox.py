"""What an account has been told about cases, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may
from gisgrid.areas.communities import Community
from gisgrid.cases.models import Case, CaseNotice, Category
from gisgrid.cases.telling import CaseNoticeKind
from gisgrid.errors import Sentence, say
from gisgrid.storage.base import Id

_DEADLINE: Final = 100
"""Percent of its time at which a case falls due."""


def case_notices(
    session: Session, actor: Actor, ids: Collection[str], seen: Collection[Community]
) -> dict[str, dict[str, Any]]:
    """Notices to the account by their ids, as the list of all notices tells them.

    They name a case by number and category, never who reported it or what was said; in a community that is
    out of the account's sight by its number alone. An organisation is led to its queue of
    errands, and learns no id of a case.
    """
    statement = (
        select(CaseNotice, Case.number, Case.community_id, Category.name, Category.is_confidential)
        .join(Case, Case.id == CaseNotice.case_id)
        .join(Category, Category.code == Case.category_code)
        .where(CaseNotice.id.in_(ids), CaseNotice.account_id == actor.account_id)
    )
    codes: dict[Id, str] = {one.id: one.code for one in seen}
    sees, has_queue = may(actor, Action.CASES_VIEW), may(actor, Action.CASES_QUEUE)
    found: dict[str, dict[str, Any]] = {}
    for notice, number, community_id, category, is_confidential in session.execute(statement):
        here = codes.get(community_id) if sees or has_queue else None
        tells = here and (sees or not is_confidential)
        name = say("{number} ({category})", number=number, category=category) if tells else number
        found[notice.id] = {
            "id": notice.id,
            "kind": notice.kind,
            "plan": None,
            "case": None if has_queue else notice.case_id,
            "name": number,
            "by": None,
            "grids": [],
            "at": notice.at,
            "read_at": notice.read_at,
            "message": _message(notice, name),
            "leads_to": ("case" if sees else "queue") if here else None,
            "community": here,
        }
    return found


def _message(notice: CaseNotice, case: Sentence | str) -> Sentence:
    kind = CaseNoticeKind(notice.kind)
    if kind in _LEVELS:
        return _LEVELS[kind](case, notice.percent or _DEADLINE)
    return _SENTENCES[kind](case)


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
    return say("{percent} percent of the time for your case {case} are gone", percent=percent, case=case)


def _to_community(case: Sentence | str, percent: int) -> Sentence:
    if percent == _DEADLINE:
        return say("the time for case {case} is over, and it is open", case=case)
    return say(
        "{percent} percent of the time for case {case} are gone, and it is open", percent=percent, case=case
    )


def _to_subdistrict(case: Sentence | str, percent: int) -> Sentence:
    return say(
        "{percent} percent of the time for case {case} are gone: it is supervised now",
        percent=percent,
        case=case,
    )


def _errand_asked(case: Sentence | str) -> Sentence:
    return say("the community asks you to do something about case {case}", case=case)


def _errand_withdrawn(case: Sentence | str) -> Sentence:
    return say("what you were asked about case {case} was taken back: nothing is left to do", case=case)


def _errand_receipted(case: Sentence | str) -> Sentence:
    return say("the organisation has receipted what it was asked about case {case}", case=case)


def _errand_finished(case: Sentence | str) -> Sentence:
    return say("the organisation has finished what it was asked about case {case}", case=case)


def _errand_returned(case: Sentence | str) -> Sentence:
    return say("the organisation has returned what it was asked about case {case}", case=case)


_SENTENCES: Final[Mapping[CaseNoticeKind, Callable[[Sentence | str], Sentence]]] = {
    CaseNoticeKind.EMERGENCY: _emergency,
    CaseNoticeKind.COORDINATION: _coordination,
    CaseNoticeKind.GIVEN: _given,
    CaseNoticeKind.INVOLVED: _involved,
    CaseNoticeKind.RETURNED: _returned,
    CaseNoticeKind.REWORK: _rework,
    CaseNoticeKind.ESCALATED: _escalated,
    CaseNoticeKind.SUPERVISED: _supervised,
    CaseNoticeKind.REOPENED: _reopened,
    CaseNoticeKind.ERRAND_ASKED: _errand_asked,
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
