"""Entrusting a case to an organisation: whom there is to ask, what was asked, asking and taking back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Generic

from sqlalchemy import and_, select
from sqlalchemy.orm import defer
from typing_extensions import TypedDict

from gisgrid.access.accounts import ORGANISATIONS, organisation_name
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.access.models import Account, AccountScope
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.view import View
from gisgrid.cases.core.answers import Moment
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case, CaseErrand, Category, IdempotencyKey
from gisgrid.cases.core.scope import case_within
from gisgrid.cases.core.workflow import OPEN_STATES, CaseState
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.referrals.clock import ErrandClock
from gisgrid.cases.referrals.completion import call_off
from gisgrid.cases.referrals.notifications import tell_errand
from gisgrid.cases.referrals.store import (
    ErrandRow,
    ErrandStep,
    checked_text,
    errand_row,
    is_running,
    note,
)
from gisgrid.errors import Conflict, InvalidInput, NotFound, say

DAYS: Final = (1, 3, 7, 14)
"""Of how many days staff choose one, counted from now."""
_PURPOSE: Final = "errand:repeated"


class Entrusting(StrEnum):
    """What there is to do with the errands of a case: ask somebody, read what was asked, or neither."""

    ASK = "ask"
    READ = "read"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrust:
    """What an organisation is asked: its account, what to do, and within how many days."""

    account: str
    text: str
    days: int


class CreatedErrand(ErrandRow[Moment], Generic[Moment]):
    """An errand of a case, with who was asked."""

    organisation: str


class RunningErrand(TypedDict):
    """Who is still asked about a case, and until when."""

    organisation: str
    due_at: datetime


class AskableOrganisation(TypedDict):
    """An organisation whose scope covers the place of a case."""

    account: str
    name: str
    role: str


def errands_of(view: View, case_id: str, *, now: datetime) -> tuple[Case, list[CreatedErrand[datetime]]]:
    """A case and what organisations were asked about it, for those who entrust it, the newest first.

    Raises
    ------
    NotAllowed
        The role entrusts nothing.
    NotFound
        No such case within what the actor may see.
    """
    require(view.actor, Action.CASES_ENTRUST)
    case = case_within(view, case_id, lock=False)
    statement = (
        select(CaseErrand, organisation_name().label("name"))
        .join(Account, Account.id == CaseErrand.account_id)
        .where(CaseErrand.case_id == case.id)
        .order_by(CaseErrand.asked_at.desc(), CaseErrand.id)
    )
    rows, clock = view.session.execute(statement), ErrandClock(Books(view.session, view.tz), now=now)
    return case, [
        {**errand_row(view, row.CaseErrand, clock.fields(row.CaseErrand, case)), "organisation": row.name}
        for row in rows
    ]


def pending_errands(view: View, case_id: str, *, now: datetime) -> list[RunningErrand]:
    """Who is still asked about a case, for those who handle it.

    Raises
    ------
    NotAllowed
        The role handles no cases.
    NotFound
        No such case within what the actor may see.
    """
    require(view.actor, Action.CASES_HANDLE)
    case = case_within(view, case_id, lock=False)
    rows = view.session.execute(
        select(CaseErrand, organisation_name().label("name"))
        .join(Account, Account.id == CaseErrand.account_id)
        .where(CaseErrand.case_id == case.id, is_running())
        .order_by(CaseErrand.due_at, CaseErrand.id)
        .options(defer(CaseErrand.text), defer(CaseErrand.result))
    )
    clock = ErrandClock(Books(view.session, view.tz), now=now)
    return [
        {"organisation": row.name, "due_at": clock.due(row.CaseErrand, case).astimezone(view.tz)}
        for row in rows
    ]


def organisations_for(view: View, case: Case, *, now: datetime) -> list[AskableOrganisation]:
    """Accounts of organisations whose scope covers where a case lies."""
    require(view.actor, Action.CASES_ENTRUST)
    above = _areas_over(view, case)
    at_work = accounts_of(view.session, view.community.id, ORGANISATIONS, now=now)
    rows = view.session.execute(
        select(Account.id, organisation_name().label("name"), Account.role)
        .join(AccountScope, AccountScope.account_id == Account.id)
        .where(Account.id.in_(at_work), AccountScope.area_id.in_(above))
        .distinct()
        .order_by(Account.role.desc(), organisation_name(), Account.id)
    )
    return [{"account": row.id, "name": row.name, "role": row.role} for row in rows]


def against_entrusting(view: View, case: Case) -> str | None:
    """Why a case is entrusted to nobody; nothing where it may be."""
    if view.session.get_one(Category, case.category_code).is_confidential:
        return say("a case of a confidential category is shown to nobody outside")
    if case.state not in OPEN_STATES or case.state == CaseState.SUSPENDED:
        return say("a case that has ended or is suspended is entrusted to nobody")
    return None


def entrusting_of(view: View, case_id: str) -> Entrusting:
    """What there is to do with the errands of a case, for those who entrust it.

    Raises
    ------
    NotAllowed
        The role entrusts nothing.
    NotFound
        No such case within what the actor may see.
    """
    require(view.actor, Action.CASES_ENTRUST)
    case = case_within(view, case_id, lock=False)
    if against_entrusting(view, case) is None:
        return Entrusting.ASK
    asked = select(CaseErrand.id).where(CaseErrand.case_id == case.id).limit(1)
    return Entrusting.NOTHING if view.session.scalar(asked) is None else Entrusting.READ


def entrust(
    view: View, case_id: str, asked: Entrust, *, now: datetime, repeat: Repeatable | None = None
) -> str:
    """Ask an organisation to do something about a case; gives the errand's id, for a repeated key the same.

    Raises
    ------
    NotAllowed
        The role entrusts nothing.
    NotFound
        No such case within what the actor may see.
    Conflict
        Its category is confidential, it has ended or is suspended, the organisation has it already, or the
        key was used for another request.
    InvalidInput
        No such organisation for this place, no text, a number of a person in it, or another number of days.
    """
    require(view.actor, Action.CASES_ENTRUST)
    case = case_within(view, case_id, lock=True)
    errand_id = _repeated(view, case, asked, repeat)
    if errand_id is not None:
        return errand_id
    refusal = against_entrusting(view, case)
    if refusal is not None:
        raise Conflict(refusal)
    if asked.account not in {row["account"] for row in organisations_for(view, case, now=now)}:
        raise InvalidInput(say("there is no such organisation for this place"), field="account")
    if asked.days not in DAYS:
        raise InvalidInput(say("choose one of the given numbers of days"), field="days")
    text = checked_text(asked.text, "text")
    running = select(CaseErrand.id).where(
        CaseErrand.case_id == case.id, CaseErrand.account_id == asked.account, is_running()
    )
    if view.session.scalar(running.limit(1)) is not None:
        raise Conflict(say("this organisation has the case already"))
    errand = CaseErrand(
        case_id=case.id,
        account_id=asked.account,
        asked_by=view.actor.account_id,
        asked_at=now,
        due_at=now + timedelta(days=asked.days),
        text=text,
    )
    view.session.add(errand)
    if repeat is not None:
        view.session.add(
            IdempotencyKey(
                key=repeat.key,
                account_key=repeat.client,
                request_digest=_digests(view).current(_parts(case, asked)),
                case_id=case.id,
                created_at=now,
            )
        )
    view.session.flush()
    note(view.session, view.actor, case, ErrandStep.ASK, now=now)
    tell_errand(view.session, view.actor, case, errand, ErrandStep.ASK, now=now)
    return errand.id


def _repeated(view: View, case: Case, asked: Entrust, repeat: Repeatable | None) -> str | None:
    """The errand that was made with a key before; the case is locked, so that no twin is on its way."""
    known = view.session.get(IdempotencyKey, (repeat.key, repeat.client)) if repeat else None
    if known is None:
        return None
    if not _digests(view).is_of(known.request_digest, _parts(case, asked)):
        raise Conflict(say("this key was used for another request before"))
    made = (CaseErrand.account_id == asked.account, CaseErrand.asked_at == known.created_at)
    return view.session.scalars(select(CaseErrand.id).where(CaseErrand.case_id == case.id, *made)).first()


def _digests(view: View) -> Digests:
    """Keyed, so that nobody who holds the database tries what a text may have been."""
    return Digests(key_ring(view.session), _PURPOSE)


def _parts(case: Case, asked: Entrust) -> list[str]:
    return [case.id, asked.account, asked.text, str(asked.days)]


def withdraw(view: View, case_id: str, errand_id: str, *, now: datetime) -> None:
    """Take an errand back that is not finished; it leaves the organisation's queue.

    Raises
    ------
    NotAllowed
        The role entrusts nothing.
    NotFound
        No such case within what the actor may see, or no such errand of it that is still running.
    """
    require(view.actor, Action.CASES_ENTRUST)
    case = case_within(view, case_id, lock=True)
    running = and_(CaseErrand.id == errand_id, Case.id == case.id)
    if not call_off(view.session, view.actor, running, books=Books(view.session, view.tz), now=now):
        raise NotFound(say("no such errand"))


def _areas_over(view: View, case: Case) -> list[str]:
    grid = view.present.grid_of(case.cell_id)
    area_ids = [area.id for area in view.present.tree.path(grid.id)] if grid else []
    return [*area_ids, view.community.id]
