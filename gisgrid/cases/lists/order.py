"""In which order a list of cases stands, as SQL."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.core.workflow import CaseState


class CaseOrder(StrEnum):
    """In which order a list of cases stands."""

    REPORTED = "reported"
    """The newest first."""
    OLDEST = "oldest"
    DUE = "due"
    """What falls due first, the suspended last."""
    SEVERITY = "severity"
    """What weighs most first."""
    CATEGORY = "category"
    STATE = "state"
    """What is at the beginning of the workflow first."""
    ADDRESS = "address"


def ordered_by(order: CaseOrder) -> list[Any]:
    """By what a list is sorted; of equal ones the newest come first."""
    newest = (Case.reported_at.desc(), Case.fid)
    kind = aliased(Category)  # the statement that is put in order may know categories itself
    position = select(kind.position).where(kind.code == Case.category_code).scalar_subquery()
    columns: dict[CaseOrder, tuple[Any, ...]] = {
        CaseOrder.REPORTED: newest,
        CaseOrder.OLDEST: (Case.reported_at, Case.fid),
        CaseOrder.DUE: (Case.state == CaseState.SUSPENDED, Case.due_at.is_(None), Case.due_at, Case.fid),
        CaseOrder.SEVERITY: (_place_of(Case.severity, reversed(Severity)), *newest),
        CaseOrder.CATEGORY: (position, Case.category_code, *newest),
        CaseOrder.STATE: (_place_of(Case.state, CaseState), *newest),
        CaseOrder.ADDRESS: (Case.address.is_(None), Case.address, *newest),
    }
    return list(columns[order])


def _place_of(column: InstrumentedAttribute[str], words: Iterable[StrEnum]) -> ColumnElement[int]:
    """At which place of its words a column stands."""
    places = {word.value: place for place, word in enumerate(words)}
    return case(places, value=column, else_=len(places))
