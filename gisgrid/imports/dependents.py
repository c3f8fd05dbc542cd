"""What has been built upon an import since: the one sentence by which its undoing is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, Table, and_, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from gisgrid.access.models import Account, AccountScope, Duty, ImportChange, ImportRun, Role, Worker
from gisgrid.areas.models import Area, AreaName, CellKind, Placement, Revision, UnitCell
from gisgrid.cases.core.case_state import Supervision
from gisgrid.cases.core.models import Case, CaseLog, CaseNotice, Category
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.escalation import URGED
from gisgrid.errors import Conflict, Sentence, say
from gisgrid.indicators.evaluation.models import EvaluationCase
from gisgrid.people.core.edit_models import FieldClash, RegisterEdit
from gisgrid.people.core.models import Consent, Resident, ServiceContract
from gisgrid.people.core.need_models import NeedService
from gisgrid.places.models import Building, Compound, Facility, Household, Street
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.work_models import RoundSubject, TaskNote
from gisgrid.redraw.plans.models import Plan
from gisgrid.storage.base import Base
from gisgrid.tables import all_tables

_WORDS: Final[Mapping[type[Base], Sentence]] = {
    Household: say("households"),
    Resident: say("residents"),
    Consent: say("answers to consent"),
    ServiceContract: say("service contracts"),
    NeedService: say("services of needs"),
    RegisterEdit: say("edits by hand"),
    FieldClash: say("answers that clash with the register"),
    Facility: say("facilities"),
    Worker: say("people on duty"),
    Duty: say("duties"),
    Building: say("buildings"),
    Compound: say("compounds"),
    Street: say("streets"),
    Case: say("cases"),
    Record: say("filled forms"),
    TaskNote: say("notes to tasks"),
    RoundSubject: say("subjects of rounds"),
    Category: say("categories"),
    EvaluationCase: say("cases in samples for a check"),
    Account: say("accounts"),
    AccountScope: say("accounts"),
    Plan: say("plans"),
    Placement: say("objects that moved"),
    Area: say("areas"),
    AreaName: say("names of areas"),
}
NAMED: Final[Mapping[str, Sentence]] = {table.__tablename__: words for table, words in _WORDS.items()}
"""What the rows of a table are called, by its name; those of any other are other records."""
_BESIDE: Final = frozenset({CaseLog.__tablename__, CaseNotice.__tablename__})
"""What goes with a case: its lines are counted as steps, and notices are written by the clock too."""


@dataclass(slots=True)
class Since:
    """What happened since an import, by table."""

    changed: Counter[str] = field(default_factory=Counter)
    using: Counter[str] = field(default_factory=Counter)
    more: list[Sentence] = field(default_factory=list)

    def refuse(self) -> None:
        """Refuse to undo an import that something was built upon.

        Raises
        ------
        Conflict
            There is something; one sentence names it all.
        """
        changed, using = (_describe(counts) for counts in (self.changed, self.using))
        sentences = [
            *(
                say("{things} were changed ({count})", things=things, count=count)
                for things, count in changed
            ),
            *(say("{things} hang on it ({count})", things=things, count=count) for things, count in using),
            *self.more,
        ]
        if sentences:
            raise Conflict(say("nothing is undone: since this import {what}", what=_joined(sentences)))


def _describe(counts: Counter[str]) -> list[tuple[Sentence, int]]:
    return [(NAMED.get(name, say("other records")), count) for name, count in counts.items() if count]


def _joined(sentences: Sequence[Sentence]) -> Sentence:
    first, *others = sentences
    return say("{first}, {more}", first=first, more=_joined(others)) if others else first


def count_using(
    session: Session,
    table: type[Base],
    wanted: Sequence[str] | Select[str],
    *,
    beside: frozenset[str] = _BESIDE,
    own: Select[str] | None = None,
) -> Counter[str]:
    """How many rows of each other table refer to some rows of a table, by their ids or a statement of them.

    ``own`` is a statement of ids that don't count, ``beside`` are tables that aren't asked.
    """
    counts: Counter[str] = Counter()
    if isinstance(wanted, Sequence) and not wanted:
        return counts
    for other, key in _keys_to(table):
        if other.name in beside:
            continue
        statement = select(func.count()).select_from(other).where(key.in_(wanted))
        if own is not None and "id" in other.columns:
            statement = statement.where(other.columns["id"].not_in(own))
        counts[other.name] += session.scalar(statement) or 0
    return counts


def _keys_to(table: type[Base]) -> list[tuple[Table, Column[Any]]]:
    """Tables with a foreign key to a table, each with its column."""
    return [
        (other, key.parent)
        for other in all_tables()
        for key in other.foreign_keys
        if key.column.table is table.__table__
    ]


def noted_by(import_id: str) -> Select[str]:
    """The ids of all that an import made or changed, as a statement."""
    return select(ImportChange.object_id).where(ImportChange.import_id == import_id)


def _by_clock(line: Any) -> ColumnElement[bool]:
    """Lines that the clock writes about a case's time, without anybody having done anything with it."""
    kind = line.details["kind"].as_string()
    is_late = and_(line.action == CaseAction.SUPERVISE, kind == Supervision.TIMEOUT.value, _is_local(line))
    return or_(line.action == URGED, is_late)


def _is_local(line: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = line.account_id.in_(select(Account.id).where(Account.role == Role.LOCAL))
    return condition


def stepped_made(session: Session, case_ids: Sequence[str]) -> set[str]:
    """Cases an import made whose log has more than its own line, and those of the clock."""
    statement = (
        select(CaseLog.case_id)
        .where(CaseLog.case_id.in_(case_ids), not_(_by_clock(CaseLog)))
        .group_by(CaseLog.case_id)
        .having(func.count() > 1)
    )
    return set(session.scalars(statement))


def stepped_known(session: Session, line_ids: Sequence[str]) -> set[str]:
    """Cases an import changed whose log goes on after its own line, other than by the clock."""
    later = aliased(CaseLog)
    goes_on = and_(
        later.case_id == CaseLog.case_id,
        not_(_by_clock(later)),
        or_(later.at > CaseLog.at, and_(later.at == CaseLog.at, later.id > CaseLog.id)),
    )
    return set(session.scalars(select(CaseLog.case_id).join(later, goes_on).where(CaseLog.id.in_(line_ids))))


def say_stepped(since: Since, cases: set[str]) -> None:
    """Name cases with steps; that such a case is changed too is nothing more."""
    if cases:
        since.more.append(say("cases took steps ({count})", count=len(cases)))


def say_drawn(session: Session, run: ImportRun, since: Since) -> None:
    """Name the revision that drew cells from buildings after an import of some."""
    drawn = (
        select(func.max(Revision.number))
        .join(UnitCell, UnitCell.valid_from == Revision.effective_at)
        .where(
            UnitCell.community_id == run.community_id,
            Revision.community_id == run.community_id,
            UnitCell.kind == CellKind.BUILDING,
            UnitCell.valid_from > run.at,
        )
    )
    number = session.scalar(drawn)
    if number is not None:
        since.more.append(say("cells were drawn from the buildings (revision {number})", number=number))
