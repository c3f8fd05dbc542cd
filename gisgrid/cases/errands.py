"""Cases entrusted to a property company or a social organisation: what it is asked, and its own queue.

An organisation reads what staff wrote for it, category, number and place, and nothing else of the case or of
who reported it. Its steps stand in the log of the case and change nothing of how that stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, AccountScope, Role
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.look import Look
from gisgrid.areas.reaching import accounts_of
from gisgrid.cases.keeping import write_note
from gisgrid.cases.models import Case, CaseErrand, Category
from gisgrid.cases.needs import MOST_TEXT
from gisgrid.cases.phones import has_numbers
from gisgrid.cases.scope import case_within
from gisgrid.cases.workflow import OPEN_STATES, CaseState
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say

ORGANISATIONS: Final = frozenset({Role.PROPERTY, Role.ORG})
DAYS: Final = (1, 3, 7, 14)
"""Of how many days staff choose one, counted from now."""
MOST: Final = 200


class ErrandStep(StrEnum):
    """What happens to an errand; also the line it leaves in the log of its case."""

    ASK = "errand_ask"
    RECEIPT = "errand_receipt"
    START = "errand_start"
    FINISH = "errand_finish"
    WITHDRAW = "errand_withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrust:
    """What an organisation is asked: its account, what to do, and within how many days."""

    account: str
    text: str
    days: int


def queue_of(look: Look, *, now: datetime) -> list[dict[str, Any]]:
    """The actor's own errands: the open ones by when they fall due, then those finished last.

    Leaves one audit entry.
    """
    require(look.actor, Action.CASES_QUEUE)
    order = (CaseErrand.finished_at.is_not(None), CaseErrand.finished_at.desc(), CaseErrand.due_at)
    statement = (
        select(CaseErrand, Case.number, Case.address, Category.name.label("category_name"))
        .join(Case, Case.id == CaseErrand.case_id)
        .join(Category, Category.code == Case.category_code)
        .where(_own(look))
        .order_by(*order, CaseErrand.id)
        .limit(MOST)
    )
    rows = [_row(look, row.CaseErrand, row, now=now) for row in look.session.execute(statement)]
    record(look.session, look.actor, "cases:queue", "case", now=now, count=len(rows))
    return rows


def step_errand(look: Look, errand_id: str, step: ErrandStep, *, result: str = "", now: datetime) -> None:
    """Receipt an errand of one's own queue, start it, or finish it with its result.

    Raises
    ------
    NotAllowed
        The role has no queue.
    NotFound
        No such errand in the actor's own queue.
    Conflict
        The step was taken before, or another comes first.
    InvalidInput
        It is finished without a result, or with a phone or identity number in it.
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
    if step not in _STEPS or not _may_follow(errand, step):
        raise Conflict(say("this step can't be taken now"))
    text = _checked(result, "result") if step is ErrandStep.FINISH else None
    _STEPS[step](errand, now, text)
    case = look.session.scalars(select(Case).where(Case.id == errand.case_id)).one()
    _note(look, case, step, text=text, now=now)


def errands_of(look: Look, case_id: str, *, now: datetime) -> tuple[Case, list[dict[str, Any]]]:
    """A case and what organisations were asked about it, for those who entrust it, the newest first.

    Raises
    ------
    NotAllowed
        The role entrusts nothing.
    NotFound
        No such case within what the actor may see.
    """
    require(look.actor, Action.CASES_ENTRUST)
    case = case_within(look, case_id, lock=False)
    statement = (
        select(CaseErrand, Account.name)
        .join(Account, Account.id == CaseErrand.account_id)
        .where(CaseErrand.case_id == case.id)
        .order_by(CaseErrand.asked_at.desc(), CaseErrand.id)
    )
    rows = look.session.execute(statement)
    return case, [{**_times(look, row.CaseErrand, now=now), "organisation": row.name} for row in rows]


def organisations_for(look: Look, case: Case, *, now: datetime) -> list[dict[str, str]]:
    """Accounts of organisations whose scope covers where a case lies: ``account``, ``name``, ``role``."""
    require(look.actor, Action.CASES_ENTRUST)
    above = _areas_over(look, case)
    at_work = accounts_of(look.session, look.community.id, ORGANISATIONS, now=now)
    rows = look.session.execute(
        select(Account.id, Account.name, Account.role)
        .join(AccountScope, AccountScope.account_id == Account.id)
        .where(Account.id.in_(at_work), AccountScope.area_id.in_(above))
        .distinct()
        .order_by(Account.role.desc(), Account.name)
    )
    return [{"account": row.id, "name": row.name, "role": row.role} for row in rows]


def entrust(look: Look, case_id: str, asked: Entrust, *, now: datetime) -> str:
    """Ask an organisation to do something about a case; gives the errand's id.

    Raises
    ------
    NotAllowed
        The role entrusts nothing.
    NotFound
        No such case within what the actor may see.
    Conflict
        Its category is confidential, it has ended or is suspended, or the organisation has it already.
    InvalidInput
        No such organisation for this place, no text, a number of a person in it, or another number of days.
    """
    require(look.actor, Action.CASES_ENTRUST)
    case = case_within(look, case_id, lock=True)
    if look.session.get_one(Category, case.category_code).is_confidential:
        raise Conflict(say("a case of a confidential category is shown to nobody outside"))
    if case.state not in OPEN_STATES or case.state == CaseState.SUSPENDED:
        raise Conflict(say("a case that has ended or is suspended is entrusted to nobody"))
    known = {one["account"] for one in organisations_for(look, case, now=now)}
    if asked.account not in known:
        raise InvalidInput(say("there is no such organisation for this place"), field="account")
    if asked.days not in DAYS:
        raise InvalidInput(say("choose one of the given numbers of days"), field="days")
    text = _checked(asked.text, "text")
    running = select(CaseErrand.id).where(
        CaseErrand.case_id == case.id, CaseErrand.account_id == asked.account, _is_running()
    )
    if look.session.scalar(running.limit(1)) is not None:
        raise Conflict(say("this organisation has the case already"))
    errand = CaseErrand(
        case_id=case.id,
        account_id=asked.account,
        asked_by=look.actor.account_id,
        asked_at=now,
        due_at=now + timedelta(days=asked.days),
        text=text,
    )
    look.session.add(errand)
    look.session.flush()
    _note(look, case, ErrandStep.ASK, text=None, now=now)
    return errand.id


def withdraw(look: Look, case_id: str, errand_id: str, *, now: datetime) -> None:
    """Take an errand back that is not finished; it leaves the organisation's queue.

    Raises
    ------
    NotAllowed
        The role entrusts nothing.
    NotFound
        No such case within what the actor may see, or no such errand of it that is still running.
    """
    require(look.actor, Action.CASES_ENTRUST)
    case = case_within(look, case_id, lock=True)
    errand = look.session.scalar(
        select(CaseErrand).where(CaseErrand.id == errand_id, CaseErrand.case_id == case.id, _is_running())
    )
    if errand is None:
        raise NotFound(say("no such errand"))
    errand.withdrawn_at = now
    _note(look, case, ErrandStep.WITHDRAW, text=None, now=now)


def _own(look: Look) -> ColumnElement[bool]:
    """The actor's own queue in this community; not what was taken back or became confidential."""
    return and_(
        CaseErrand.account_id == look.actor.account_id,
        CaseErrand.withdrawn_at.is_(None),
        Case.community_id == look.community.id,
        Case.category_code.in_(select(Category.code).where(Category.is_confidential.is_(False))),
    )


def _is_running() -> ColumnElement[bool]:
    return and_(CaseErrand.finished_at.is_(None), CaseErrand.withdrawn_at.is_(None))


def _areas_over(look: Look, case: Case) -> list[str]:
    grid = look.present.grid_of(case.cell_id)
    found = [area.id for area in look.present.tree.path(grid.id)] if grid else []
    return [*found, look.community.id]


def _checked(given: str, name: str) -> str:
    text, faults = given.strip(), list[Fault]()
    if not text or len(text) > MOST_TEXT:
        faults.append(Fault(message=say("a text has 1 to {most} characters", most=MOST_TEXT), field=name))
    if has_numbers(text):
        message = say("this text holds no phone or identity number")
        faults.append(Fault(message=message, field=name))
    if faults:
        raise InvalidInput(faults)
    return text


def _may_follow(errand: CaseErrand, step: ErrandStep) -> bool:
    if errand.finished_at is not None:
        return False
    if step is ErrandStep.RECEIPT:
        return errand.receipted_at is None
    if step is ErrandStep.START:
        return errand.receipted_at is not None and errand.started_at is None
    return errand.started_at is not None


def _receipt(errand: CaseErrand, now: datetime, _text: str | None) -> None:
    errand.receipted_at = now


def _start(errand: CaseErrand, now: datetime, _text: str | None) -> None:
    errand.started_at = now


def _finish(errand: CaseErrand, now: datetime, text: str | None) -> None:
    errand.finished_at, errand.result = now, text


_STEPS: Final[Mapping[ErrandStep, Callable[[CaseErrand, datetime, str | None], None]]] = {
    ErrandStep.RECEIPT: _receipt,
    ErrandStep.START: _start,
    ErrandStep.FINISH: _finish,
}


def _note(look: Look, case: Case, step: ErrandStep, *, text: str | None, now: datetime) -> None:
    """A line in the log of the case that changes nothing of how it stands, and an audit entry."""
    write_note(look.session, look.actor, case, step.value, text=text, now=now)
    record(look.session, look.actor, f"cases:{step}", "case", now=now, object_id=case.id)
    touch(look.session, [case.community_id])
    look.session.flush()


def _row(look: Look, errand: CaseErrand, row: Any, *, now: datetime) -> dict[str, Any]:
    return {
        **_times(look, errand, now=now),
        "number": row.number,
        "address": row.address,
        "category_name": row.category_name,
    }


def _times(look: Look, errand: CaseErrand, *, now: datetime) -> dict[str, Any]:
    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(look.tz) if at else None

    ended = errand.finished_at or errand.withdrawn_at
    following = [one for one in _STEPS if _may_follow(errand, one)]
    return {
        "id": errand.id,
        "text": errand.text,
        "result": errand.result,
        "asked_at": local(errand.asked_at),
        "due_at": local(errand.due_at),
        "receipted_at": local(errand.receipted_at),
        "started_at": local(errand.started_at),
        "finished_at": local(errand.finished_at),
        "withdrawn_at": local(errand.withdrawn_at),
        "is_late": (ended or now) > errand.due_at,
        "next": following[0].value if following and errand.withdrawn_at is None else None,
    }
