"""The monthly report of property companies and social organisations: each number is a list to open.

What is asked is counted from errands alone: those of confidential categories and those taken back are in no
number. A share has the words of its formula beside it, and of nothing it has no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import or_, select

from gisgrid.access.accounts import ORGANISATIONS
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, AccountScope, Role
from gisgrid.areas.look import Look
from gisgrid.areas.reaching import accounts_of
from gisgrid.cases.errands.keeping import organisation_name
from gisgrid.cases.models import Case, CaseErrand, Category
from gisgrid.cases.rules import WorkPolicy
from gisgrid.cases.sources import Source
from gisgrid.cases.workflow import NO_CASES
from gisgrid.days import Period
from gisgrid.errors import NotFound, say
from gisgrid.indicators.appraisals.rules import span_of
from gisgrid.indicators.formulas import Ratio
from gisgrid.indicators.organisation_words import COUNTS, SHARES

PROPERTY_LINE: Final = "property"
"""The line department of cases that the property management of a compound answers for."""
_BY_WORKERS: Final = (Source.PATROL, Source.PROPERTY)
_POLICY: Final = WorkPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationMonth:
    """One organisation's month: what stands behind each number, by the code of the number."""

    account: str
    name: str
    role: Role
    behind: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def counts(self) -> dict[str, int | None]:
        """The numbers; complaints only of property companies, which have compounds of their own."""
        counts: dict[str, int | None] = {one.code: len(self.behind[one.code]) for one in COUNTS}
        return counts if self.role is Role.PROPERTY else counts | {"complaints": None}

    @property
    def shares(self) -> dict[str, Ratio]:
        """The shares by code."""
        numbers = {code: len(rows) for code, rows in self.behind.items()}
        return {one.code: one.of(numbers) for one in SHARES}


def organisations_in(look: Look, month: date, *, now: datetime) -> list[OrganisationMonth]:
    """A month of all organisations at work in the community, or of one's own. Leaves one audit entry.

    ``month`` is its first day. Who stands for an organisation sees that one alone, and of no case its id.

    Raises
    ------
    NotAllowed
        The role has no part in this report.
    """
    require(look.actor, Action.ORGANISATIONS_VIEW)
    span = span_of(month, look.tz)
    rows = _errands(look, span)
    found = [_month(look, one, rows, span, now) for one in _accounts(look, rows, now)]
    record(look.session, look.actor, "organisations:view", "account", now=now, count=len(found))
    return found


def organisation_in(look: Look, account_id: str, month: date, *, now: datetime) -> OrganisationMonth:
    """A month of one organisation.

    Raises
    ------
    NotAllowed
        The role has no part in this report.
    NotFound
        No such organisation here, or it is another one than one's own.
    """
    for one in organisations_in(look, month, now=now):
        if one.account == account_id:
            return one
    raise NotFound(say("no such organisation"))


def _accounts(look: Look, rows: Sequence[Any], now: datetime) -> list[Any]:
    """Those at work here and those that were asked, by role and name; of an organisation its own alone."""
    wanted = accounts_of(look.session, look.community.id, ORGANISATIONS, now=now)
    wanted |= {row.CaseErrand.account_id for row in rows}
    if look.actor.role in ORGANISATIONS:
        wanted &= {look.actor.account_id or ""}
    statement = select(Account.id, organisation_name().label("name"), Account.role)
    found = look.session.execute(statement.where(Account.id.in_(wanted))).all()
    return sorted(found, key=lambda one: (one.role != Role.PROPERTY, one.name, one.id))


def _errands(look: Look, span: Period) -> Sequence[Any]:
    """Errands asked for in the month or so long before that one may be repeated, or due in it."""
    mine = CaseErrand.account_id == look.actor.account_id
    asked = CaseErrand.asked_at >= span.start - _POLICY.repeated_within
    return look.session.execute(
        select(CaseErrand, Case, Category.name.label("category_name"))
        .join(Case, Case.id == CaseErrand.case_id)
        .join(Category, Category.code == Case.category_code)
        .where(
            Case.community_id == look.community.id,
            Category.is_confidential.is_(False),
            CaseErrand.withdrawn_at.is_(None),
            CaseErrand.asked_at < span.end,
            or_(asked, CaseErrand.due_at >= span.start),
            *([mine] if look.actor.role in ORGANISATIONS else []),
        )
        .order_by(CaseErrand.asked_at, CaseErrand.id)
    ).all()


def _month(look: Look, one: Any, rows: Sequence[Any], span: Period, now: datetime) -> OrganisationMonth:
    own = [row for row in rows if row.CaseErrand.account_id == one.id]
    asked = [row for row in own if span.start <= row.CaseErrand.asked_at]
    until = min(span.end, now)
    due = [
        row
        for row in own
        if span.start <= row.CaseErrand.due_at < until and row.CaseErrand.returned_at is None
    ]
    finished = [row for row in due if row.CaseErrand.finished_at is not None]
    lists = {
        "asked": asked,
        "due": due,
        "finished": finished,
        "on_time": [row for row in finished if row.CaseErrand.finished_at <= row.CaseErrand.due_at],
        "returned": [row for row in asked if row.CaseErrand.returned_at is not None],
        "repeated": [row for row in asked if _is_repeated(row, own)],
        "dissatisfied": [row for row in asked if _is_dissatisfied(row.Case)],
    }
    behind = {code: [_told(look, row) for row in found] for code, found in lists.items()}
    complaints = list(_complaints(look, one, span)) if one.role == Role.PROPERTY else []
    return OrganisationMonth(
        account=one.id, name=one.name, role=Role(one.role), behind=behind | {"complaints": complaints}
    )


def _is_repeated(row: Any, own: Sequence[Any]) -> bool:
    """Whether the organisation was asked at this place about the same kind of thing within the time."""
    place, at = _place(row.Case), row.CaseErrand.asked_at
    if place is None:
        return False
    return any(
        at - _POLICY.repeated_within <= other.CaseErrand.asked_at < at
        and other.Case.category_code == row.Case.category_code
        and _place(other.Case) == place
        for other in own
    )


def _place(case: Case) -> str | None:
    return case.building_id or case.address


def _is_dissatisfied(case: Case) -> bool:
    marks = [one for one in (case.rating_speed, case.rating_result) if one is not None]
    return bool(marks) and min(marks) <= _POLICY.low_rating


def _complaints(look: Look, one: Any, span: Period) -> Iterator[dict[str, Any]]:
    """Cases of the line of property management in the company's areas that the public reported."""
    scope = select(AccountScope.area_id).where(
        AccountScope.account_id == one.id, AccountScope.area_id.is_not(None)
    )
    areas = set(look.session.scalars(scope))
    found = look.session.execute(
        select(Case, Category.name.label("category_name"))
        .join(Category, Category.code == Case.category_code)
        .where(
            Case.community_id == look.community.id,
            Category.is_confidential.is_(False),
            Case.line_code == PROPERTY_LINE,
            Case.source.not_in(_BY_WORKERS),
            Case.state.not_in(NO_CASES),
            Case.reported_at >= span.start,
            Case.reported_at < span.end,
        )
        .order_by(Case.reported_at, Case.id)
    )
    for row in found:
        if areas & _over(look, row.Case):
            yield _case(look, row, is_own=False)


def _over(look: Look, case: Case) -> set[str]:
    grid = look.present.grid_of(case.cell_id)
    return {area.id for area in look.present.tree.path(grid.id)} if grid else set()


def _case(look: Look, row: Any, *, is_own: bool) -> dict[str, Any]:
    """A case as the list behind a number names it; its id only for those who may open it.

    An organisation learns of number and place only where it was asked itself.
    """
    case, is_staff = row.Case, look.actor.role not in ORGANISATIONS
    return {
        "case": case.id if is_staff else None,
        "number": case.number if is_staff or is_own else None,
        "category_name": row.category_name,
        "address": case.address if is_staff or is_own else None,
        "reported_at": case.reported_at.astimezone(look.tz),
        "asked_at": None,
        "due_at": None,
        "finished_at": None,
        "returned_at": None,
    }


def _told(look: Look, row: Any) -> dict[str, Any]:
    errand = row.CaseErrand
    names = ("asked_at", "due_at", "finished_at", "returned_at")
    moments = {name: getattr(errand, name) for name in names}
    local = {name: at.astimezone(look.tz) if at else None for name, at in moments.items()}
    return _case(look, row, is_own=True) | local
