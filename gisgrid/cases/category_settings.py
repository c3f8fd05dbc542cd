"""The categories of cases as an administrator keeps them: names, urgency, line, needed skill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.models import CommunityState
from gisgrid.cases.confidentiality import take_from_helpers
from gisgrid.cases.core.case_state import Net
from gisgrid.cases.core.categories import free_code, spelt
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.disputes.models import MEDIATION, Dispute
from gisgrid.errors import Fault, InvalidInput, NotFound, say

_LONGEST: Final = {
    "name": 100,
    "name_en": 100,
    "group": 60,
    "line_code": 40,
    "line_name": 100,
    "skill": 40,
}
_NEEDED: Final = frozenset({"name", "group"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFields:
    """What is kept of a category. A confidential one is told to few, and never singly to the others.

    ``net`` and the line department are what its cases begin with; ``skill`` is what a worker needs for one.
    Cases of a confidential one that asks for mediation are disputes.
    """

    name: str
    group: str
    name_en: str = ""
    severity: str = Severity.BIG.value
    is_confidential: bool = True
    is_closed: bool = False
    net: str = Net.MANAGEMENT.value
    line_code: str = ""
    line_name: str = ""
    skill: str = ""
    asks_mediation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """A category with how many cases it has."""

    code: str
    fields: CategoryFields
    cases: int


def list_categories(session: Session, actor: Actor) -> list[CategoryRow]:
    """All categories in their order, closed ones too.

    Raises
    ------
    NotAllowed
        The role may not change categories.
    """
    require(actor, Action.CATEGORIES_CHANGE)
    counts = dict(
        session.execute(select(Case.category_code, func.count()).group_by(Case.category_code)).all()
    )
    rows = session.scalars(select(Category).order_by(Category.position, Category.code))
    return [CategoryRow(code=row.code, fields=_fields(row), cases=counts.get(row.code, 0)) for row in rows]


def change_category(
    session: Session, actor: Actor, code: str, given: CategoryFields, *, now: datetime
) -> None:
    """Other fields for a category. Cases keep it; closed, it takes no new ones.

    Where it becomes confidential, who opens no such cases has none any more; see `take_from_helpers`.

    Raises
    ------
    NotAllowed
        The role may not change categories.
    NotFound
        There is none of that code.
    InvalidInput
        Every fault of the fields at once; another category has the name.
    """
    require(actor, Action.CATEGORIES_CHANGE)
    row = session.get(Category, code)
    if row is None:
        raise NotFound("there is no such category")
    _check(session, given, but=code)
    before, after = _values(_fields(row)), _values(given)
    change = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if not change:
        return
    _fill(row, given, now=now)
    session.flush()
    if given.is_confidential and not before["is_confidential"]:
        take_from_helpers(session, actor, code, now=now)
    _tell_all(session)
    record(
        session,
        actor,
        "category:change",
        "category",
        now=now,
        object_id=code[:36],
        fields=tuple(change),
        change=change,
    )


def add_category(session: Session, actor: Actor, given: CategoryFields, *, now: datetime) -> str:
    """A new category at the end of the list; its code.

    Raises
    ------
    NotAllowed
        The role may not change categories.
    InvalidInput
        Every fault of the fields at once; another category has the name.
    """
    require(actor, Action.CATEGORIES_CHANGE)
    _check(session, given, but=None)
    code = free_code(given.name_en or given.name, set(session.scalars(select(Category.code))))
    last = session.scalar(select(func.coalesce(func.max(Category.position), 0))) or 0
    row = Category(code=code, name="", group="", is_confidential=True, position=last + 1)
    _fill(row, given, now=now)
    session.add(row)
    _tell_all(session)
    record(session, actor, "category:create", "category", now=now, object_id=code[:36])
    session.flush()
    return code


def _tell_all(session: Session) -> None:
    """Figures of every community may tell other cases now."""
    touch(session, session.scalars(select(CommunityState.community_id)).all())


def _fields(row: Category) -> CategoryFields:
    return CategoryFields(
        name=row.name,
        group=row.group,
        name_en=row.name_en or "",
        severity=row.severity,
        is_confidential=row.is_confidential,
        is_closed=row.closed_at is not None,
        net=row.net,
        line_code=row.line_code or "",
        line_name=row.line_name or "",
        skill="" if row.skill == MEDIATION else row.skill or "",
        asks_mediation=row.skill == MEDIATION,
    )


def _values(given: CategoryFields) -> dict[str, Any]:
    return {
        "name": given.name.strip(),
        "group": given.group.strip(),
        "name_en": given.name_en.strip(),
        "severity": given.severity,
        "is_confidential": given.is_confidential,
        "is_closed": given.is_closed,
        "net": given.net,
        "line_code": given.line_code.strip(),
        "line_name": given.line_name.strip(),
        "skill": given.skill.strip(),
        "asks_mediation": given.asks_mediation,
    }


def _fill(row: Category, given: CategoryFields, *, now: datetime) -> None:
    values = _values(given)
    row.name, row.group, row.name_en = values["name"], values["group"], values["name_en"] or None
    row.severity, row.is_confidential, row.net = given.severity, given.is_confidential, given.net
    for name in ("line_code", "line_name", "skill"):
        setattr(row, name, values[name] or None)
    if _asks_mediation(given):
        row.skill = MEDIATION
    row.closed_at = (row.closed_at or now) if given.is_closed else None


def _asks_mediation(given: CategoryFields) -> bool:
    return given.asks_mediation or given.skill.strip() == MEDIATION


def _has_disputes(session: Session, code: str | None) -> bool:
    query = select(Dispute.case_id).join(Case, Case.id == Dispute.case_id).where(Case.category_code == code)
    return session.scalar(query.limit(1)) is not None


def _check(session: Session, given: CategoryFields, *, but: str | None) -> None:
    values = _values(given)
    faults = [
        Fault(message=say("a text has 1 to {most} characters", most=most), field=name)
        for name, most in _LONGEST.items()
        if len(values[name]) > most or (name in _NEEDED and not values[name])
    ]
    if given.net not in set(Net):
        faults.append(Fault(message="there is no such net", field="net"))
    if given.severity not in set(Severity):
        faults.append(Fault(message="there is no such urgency", field="severity"))
    if not given.is_confidential and (_asks_mediation(given) or _has_disputes(session, but)):
        faults.append(
            Fault(message=say("a category of disputes stays confidential"), field="is_confidential")
        )
    names = session.execute(select(Category.code, Category.name)).all()
    if [row for row in names if spelt(row.name) == spelt(given.name) and row.code != but]:
        faults.append(Fault(message="another category has this name", field="name"))
    if faults:
        raise InvalidInput(faults)
