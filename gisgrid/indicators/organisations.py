"""The monthly report of property companies and social organisations: each number is a list to open.

What is asked is counted from errands alone: those of confidential categories and those taken back are in no
number. A share has the words of its formula beside it, and of nothing it has no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, not_, or_, select
from sqlalchemy.orm import defer

from gisgrid.access.accounts import ORGANISATIONS, organisation_name
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, AccountScope, Role
from gisgrid.analysis.disclosure import THRESHOLD
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseErrand, Category
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.core.precision import place_fields
from gisgrid.cases.core.rules import WorkPolicy
from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.core.workflow import NO_CASES
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.referrals.clock import ErrandClock
from gisgrid.days import Period
from gisgrid.errors import NotFound, say
from gisgrid.indicators.appraisals.rules import span_of
from gisgrid.indicators.facts import by_workers
from gisgrid.indicators.formulas import Ratio
from gisgrid.indicators.organisation_words import COUNTS, SHARES

PROPERTY_LINE: Final = "property"
"""The line department of cases that the property management of a compound answers for."""
_POLICY: Final = WorkPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationMonth:
    """One organisation's month: what stands behind each number, by the code of the number."""

    account: str
    name: str
    role: Role
    behind: Mapping[str, Sequence[Mapping[str, Any]]]
    hidden: frozenset[str] = frozenset()
    """Numbers that are not told: of so few errands that one could guess whose they are."""

    @property
    def counts(self) -> dict[str, int | None]:
        """The numbers; complaints only of property companies, which have compounds of their own."""
        counts: dict[str, int | None] = {count.code: len(self.behind[count.code]) for count in COUNTS}
        untold = self.hidden if self.role is Role.PROPERTY else {*self.hidden, "complaints"}
        return counts | dict.fromkeys(untold)

    @property
    def shares(self) -> dict[str, Ratio]:
        """The shares by code."""
        numbers = {code: len(rows) for code, rows in self.behind.items()}
        return {share.code: share.of(numbers) for share in SHARES}


@dataclass(frozen=True, slots=True, kw_only=True)
class _RequestedErrand:
    """An errand with its case; ``due_at`` stands still while that is suspended."""

    errand: CaseErrand
    case: Case
    category_name: str
    due_at: datetime


def organisations_in(view: View, month: date, *, now: datetime) -> list[OrganisationMonth]:
    """A month of all organisations at work in the community, or of one's own. Leaves one audit entry.

    ``month`` is its first day. Who stands for an organisation sees that one alone, and of no case its id.

    Raises
    ------
    NotAllowed
        The role has no part in this report.
    """
    require(view.actor, Action.ORGANISATIONS_VIEW)
    span = span_of(month, view.tz)
    rows = _errands(view, span, now)
    accounts = _accounts(view, rows, now)
    complaints = _complaints(view, accounts, span)
    months = [_month(view, account, rows, complaints.get(account.id, []), span, now) for account in accounts]
    record(view.session, view.actor, "organisations:view", "account", now=now, count=len(months))
    return months


def organisation_in(view: View, account_id: str, month: date, *, now: datetime) -> OrganisationMonth:
    """A month of one organisation.

    Raises
    ------
    NotAllowed
        The role has no part in this report.
    NotFound
        No such organisation here, or it is another one than one's own.
    """
    for organisation in organisations_in(view, month, now=now):
        if organisation.account == account_id:
            return organisation
    raise NotFound(say("no such organisation"))


def _accounts(view: View, rows: Sequence[_RequestedErrand], now: datetime) -> list[Any]:
    """Those at work here and those that were asked, by role and name; of an organisation its own alone."""
    wanted = accounts_of(view.session, view.community.id, ORGANISATIONS, now=now)
    wanted |= {row.errand.account_id for row in rows}
    if view.actor.role in ORGANISATIONS:
        wanted &= {view.actor.account_id or ""}
    statement = select(Account.id, organisation_name().label("name"), Account.role)
    accounts = view.session.execute(statement.where(Account.id.in_(wanted))).all()
    return sorted(accounts, key=lambda account: (account.role != Role.PROPERTY, account.name, account.id))


def _errands(view: View, span: Period, now: datetime) -> Sequence[_RequestedErrand]:
    """Errands asked for in the month or so long before that one may be repeated, or due in it."""
    rows, clock = _rows(view, span), ErrandClock(Books(view.session, view.tz), now=now)
    return [
        _RequestedErrand(errand=errand, case=case, category_name=name, due_at=clock.due(errand, case))
        for errand, case, name in rows
    ]


def _rows(view: View, span: Period) -> Sequence[Any]:
    mine = CaseErrand.account_id == view.actor.account_id
    asked = CaseErrand.asked_at >= span.start - _POLICY.repeated_within
    return view.session.execute(
        select(CaseErrand, Case, Category.name.label("category_name"))
        .join(Case, Case.id == CaseErrand.case_id)
        .join(Category, Category.code == Case.category_code)
        .where(
            Case.community_id == view.community.id,
            Category.is_confidential.is_(False),
            CaseErrand.withdrawn_at.is_(None),
            CaseErrand.asked_at < span.end,
            or_(asked, CaseErrand.due_at >= span.start),
            *([mine] if view.actor.role in ORGANISATIONS else []),
        )
        .order_by(CaseErrand.asked_at, CaseErrand.id)
        .options(*without_texts(), defer(CaseErrand.text), defer(CaseErrand.result))
    ).all()


def _month(
    view: View,
    account: Any,
    rows: Sequence[_RequestedErrand],
    complaints: Sequence[Any],
    span: Period,
    now: datetime,
) -> OrganisationMonth:
    own = [row for row in rows if row.errand.account_id == account.id]
    asked = [row for row in own if span.start <= row.errand.asked_at]
    until = min(span.end, now)
    due = [row for row in own if span.start <= row.due_at < until and row.errand.returned_at is None]
    finished = [(row, row.errand.finished_at) for row in due if row.errand.finished_at is not None]
    lists = {
        "asked": asked,
        "due": due,
        "finished": [row for row, _at in finished],
        "on_time": [row for row, at in finished if at <= row.due_at],
        "returned": [row for row in asked if row.errand.returned_at is not None],
        "repeated": [row for row in asked if _is_repeated(row, own)],
    }
    # Of a few errands an organisation would know who was not content.
    is_told = view.actor.role not in ORGANISATIONS or len(asked) >= THRESHOLD
    dissatisfied = [row for row in asked if is_told and _is_dissatisfied(row.case)]
    behind = {code: [_describe(view, row) for row in listed] for code, listed in lists.items()}
    behind["dissatisfied"] = _judged(view, dissatisfied)
    behind["complaints"] = [_case(view, row.Case, row.category_name, is_own=False) for row in complaints]
    hidden = frozenset() if is_told else frozenset({"dissatisfied"})
    return OrganisationMonth(
        account=account.id, name=account.name, role=Role(account.role), behind=behind, hidden=hidden
    )


def _is_repeated(row: _RequestedErrand, own: Sequence[_RequestedErrand]) -> bool:
    """Whether the organisation was asked at this place about the same kind of thing within the time."""
    place, at = _place(row.case), row.errand.asked_at
    if place is None:
        return False
    return any(
        at - _POLICY.repeated_within <= other.errand.asked_at < at
        and other.case.category_code == row.case.category_code
        and _place(other.case) == place
        for other in own
    )


def _place(case: Case) -> str | None:
    return case.building_id or case.address


def _is_dissatisfied(case: Case) -> bool:
    marks = [mark for mark in (case.rating_speed, case.rating_result) if mark is not None]
    return bool(marks) and min(marks) <= _POLICY.low_rating


def _complaints(view: View, accounts: Sequence[Any], span: Period) -> dict[str, list[Any]]:
    """Cases of the line of property management that the public reported, by the company of their areas."""
    companies = [account.id for account in accounts if account.role == Role.PROPERTY]
    if not companies:
        return {}
    scope = select(AccountScope.account_id, AccountScope.area_id).where(
        AccountScope.account_id.in_(companies), AccountScope.area_id.is_not(None)
    )
    areas = [(row.account_id, row.area_id) for row in view.session.execute(scope)]
    cases = view.session.execute(
        select(Case, Category.name.label("category_name"))
        .join(Category, Category.code == Case.category_code)
        .outerjoin(Account, Account.id == Case.reporter_id)
        .where(
            Case.community_id == view.community.id,
            Category.is_confidential.is_(False),
            Case.line_code == PROPERTY_LINE,
            not_(by_workers()),
            Case.source != CaseSource.PROPERTY,
            func.coalesce(Account.role, "").not_in(ORGANISATIONS),
            Case.state.not_in(NO_CASES),
            Case.reported_at >= span.start,
            Case.reported_at < span.end,
        )
        .order_by(Case.reported_at, Case.id)
        .options(*without_texts())
    )
    complaints: dict[str, list[Any]] = {}
    for row in cases:
        over = _over(view, row.Case)
        for company in {account for account, area in areas if area in over}:
            complaints.setdefault(company, []).append(row)
    return complaints


def _over(view: View, case: Case) -> set[str]:
    """The areas a case lies in; the community too where it lies in no grid of it."""
    grid = view.present.grid_of(case.cell_id)
    areas = view.present.tree.path(grid.id) if grid else ()
    return {view.community.id, *(area.id for area in areas)}


def _case(view: View, case: Case, category_name: str, *, is_own: bool) -> dict[str, Any]:
    """A case as the list behind a number names it; its id only for those who may open it.

    An organisation learns of number and place only where it was asked itself, and never when it was reported.
    """
    is_staff = view.actor.role not in ORGANISATIONS
    return {
        "case": case.id if is_staff else None,
        "number": case.number if is_staff or is_own else None,
        "category_name": category_name,
        "address": place_fields(view, case, cell=case.cell_id)["address"] if is_staff or is_own else None,
        "reported_at": case.reported_at.astimezone(view.tz) if is_staff else None,
        "asked_at": None,
        "due_at": None,
        "finished_at": None,
        "returned_at": None,
    }


def _judged(view: View, rows: Sequence[_RequestedErrand]) -> list[dict[str, Any]]:
    """Errands behind a number about what the reporter said; an organisation learns their categories alone."""
    if view.actor.role not in ORGANISATIONS:
        return [_describe(view, row) for row in rows]
    judged = (_case(view, row.case, row.category_name, is_own=False) for row in rows)
    return sorted(judged, key=lambda row: row["category_name"])


def _describe(view: View, row: _RequestedErrand) -> dict[str, Any]:
    names = ("asked_at", "finished_at", "returned_at")
    moments = {name: getattr(row.errand, name) for name in names} | {"due_at": row.due_at}
    local = {name: at.astimezone(view.tz) if at else None for name, at in moments.items()}
    return _case(view, row.case, row.category_name, is_own=True) | local
