"""Disputes as lists and cards, scoped in the SQL. A list tells no text, a card opens what is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import aliased

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Worker
from gisgrid.areas.answers import grid_place
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.repeats import RepeatedPlace, cases_there, is_repeated, repeated_places
from gisgrid.cases.core.workflow import CaseState
from gisgrid.cases.disputes.grades import Grades, grades_of
from gisgrid.cases.disputes.models import Dispute, DisputeEntry
from gisgrid.cases.disputes.pipeline import DisputeStage, Grade
from gisgrid.cases.disputes.scope import dispute_within, visible_disputes
from gisgrid.cases.disputes.store import entries_of
from gisgrid.cases.mediation.answers import (
    DisputeCard,
    DisputeLogLine,
    DisputeRow,
    MergedClue,
    MergeTarget,
)
from gisgrid.cases.mediation.mediators import MediatorChoice, suggested_mediators
from gisgrid.cases.mediation.service import open_dispute_steps
from gisgrid.days import day_of
from gisgrid.errors import InvalidInput, NotFound

PAGE: Final = 50
NO_DISPUTES: Final = (CaseState.REJECTED, CaseState.VOID)
_ENDED: Final = (CaseState.CLOSED, CaseState.RATED)


def stage_now() -> ColumnElement[str]:
    """The stage of a case, as SQL: without a row a clue, or closed where the case is."""
    is_old = and_(Dispute.case_id.is_(None), Case.state.in_(_ENDED))
    return case(
        (is_old, DisputeStage.CLOSED.value), else_=func.coalesce(Dispute.stage, DisputeStage.CLUE.value)
    )


def count_stages(view: View) -> dict[str, int]:
    """How many disputes in sight stand at each stage; merged ones count with the one they went into.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    stage = stage_now().label("stage")
    rows = view.session.execute(
        select(stage, func.count())
        .select_from(Case)
        .outerjoin(Dispute, Dispute.case_id == Case.id)
        .where(visible_disputes(view), Case.state.not_in(NO_DISPUTES))
        .group_by(stage)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    return {
        dispute_stage.value: counts.get(dispute_stage.value, 0)
        for dispute_stage in DisputeStage
        if dispute_stage is not DisputeStage.MERGED
    }


def list_disputes(
    view: View, *, stage: str | None = None, page: int = 1, now: datetime
) -> tuple[list[DisputeRow], int]:
    """A page of disputes in sight, those first whose follow-up is due, then the newest; and how many in all.

    Without a stage all that are not closed. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    InvalidInput
        There is no such stage.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    if stage is not None and stage not in set(DisputeStage):
        raise InvalidInput("a stage is clue, sorted, mediating, follow_up or closed", field="stage")
    wanted = stage_now() == stage if stage else stage_now() != DisputeStage.CLOSED
    conditions = (visible_disputes(view), Case.state.not_in(NO_DISPUTES), wanted)
    count = select(func.count()).select_from(Case).outerjoin(Dispute, Dispute.case_id == Case.id)
    total = view.session.scalar(count.where(*conditions)) or 0
    order = (Dispute.follow_up_on.is_(None), Dispute.follow_up_on, Case.reported_at.desc(), Case.fid)
    statement = _rows().where(*conditions).order_by(*order)
    rows = view.session.execute(statement.limit(PAGE).offset(PAGE * (page - 1))).all()
    disputes = _listed(view, rows, now=now)
    record(view.session, view.actor, "disputes:list", "case", now=now, count=len(disputes))
    return disputes, total


def repeated_conflicts(view: View, *, now: datetime) -> list[RepeatedPlace]:
    """Addresses with several disputes within a quarter of a year; see `gisgrid.cases.core.repeats`.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    return repeated_places(view, now=now, only=visible_disputes(view))


def dispute_card(view: View, case_id: str, *, now: datetime) -> DisputeCard:
    """One dispute with what is sealed, its log and the clues merged into it. Leaves an audit entry.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    NotFound
        No such dispute within what the actor may see.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    row = view.session.execute(_rows().where(Case.id == case_id, visible_disputes(view))).one_or_none()
    if row is None:
        raise NotFound("no such dispute")
    kept: Case = row.Case
    dispute: Dispute | None = row.Dispute
    record(view.session, view.actor, "disputes:view", "case", now=now, object_id=kept.id)
    into = aliased(Case)
    merged_into = select(into.id, into.number).where(into.id == dispute.merged_into_id) if dispute else None
    target = view.session.execute(merged_into).one_or_none() if merged_into is not None else None
    return {
        **_listed(view, [row], now=now)[0],
        "description": kept.description,
        "case_state": kept.state,
        "parties": dispute.parties if dispute else None,
        "agreement": dispute.agreement if dispute else None,
        "outcome": dispute.outcome if dispute else None,
        "settled_on": _iso(dispute.settled_on if dispute else None),
        "planned": list(dispute.planned) if dispute else [],
        "follow_ups": dispute.follow_ups if dispute else 0,
        "sessions": dispute.sessions if dispute else 0,
        "holds": dispute.holds if dispute else None,
        "merged_into": {"id": target.id, "number": target.number} if target else None,
        "clues": _clues(view, kept.id),
        "log": _log(view, entries_of(view.session, kept.id)),
        "steps": [str(step) for step in open_dispute_steps(view, kept)],
    }


def mergeable(view: View, case_id: str) -> list[MergeTarget]:
    """Open disputes in sight into which a clue can be merged: of its building first, then the newest."""
    require(view.actor, Action.DISPUTES_HANDLE)
    own = view.session.scalar(select(Case).where(Case.id == case_id, visible_disputes(view)))
    if own is None:
        raise NotFound("no such dispute")
    is_there = Case.building_id == own.building_id if own.building_id else Case.address == own.address
    rows = view.session.execute(
        select(Case.id, Case.number, Case.address, Category.name)
        .join(Category, Category.code == Case.category_code)
        .outerjoin(Dispute, Dispute.case_id == Case.id)
        .where(
            visible_disputes(view),
            Case.id != case_id,
            Case.state.not_in((*NO_DISPUTES, *_ENDED)),
            stage_now().not_in((DisputeStage.CLOSED.value, DisputeStage.MERGED.value)),
        )
        .order_by(case((is_there, 0), else_=1), Case.reported_at.desc())
        .limit(PAGE)
    )
    return [
        {"id": row.id, "number": row.number, "address": row.address, "category_name": row.name}
        for row in rows
    ]


def _rows() -> Any:
    mediator = aliased(Worker)
    columns: list[Any] = [
        Case,
        Dispute,
        Category.name.label("category_name"),
        mediator.name.label("mediator"),
        stage_now().label("stage"),
    ]
    return (
        select(*columns)
        .join(Category, Category.code == Case.category_code)
        .outerjoin(Dispute, Dispute.case_id == Case.id)
        .outerjoin(mediator, mediator.id == Dispute.mediator_id)
    )


def _listed(view: View, rows: Sequence[Any], *, now: datetime) -> list[DisputeRow]:
    cases = [row.Case for row in rows]
    there = cases_there(view, cases, only=visible_disputes(view))
    grades = grades_of(view.session, view.community.id)
    into = [dispute.id for dispute in cases]
    merged = dict(
        view.session.execute(
            select(Dispute.merged_into_id, func.count())
            .where(Dispute.merged_into_id.in_(into))
            .group_by(Dispute.merged_into_id)
        ).all()
    )
    today = day_of(now, view.tz)
    return [_row(view, row, grades, there, merged.get(row.Case.id, 0), today) for row in rows]


def _row(view: View, row: Any, grades: Grades, there: dict[str, int], merged: int, today: Any) -> DisputeRow:
    kept: Case = row.Case
    dispute: Dispute | None = row.Dispute
    grid = view.division.grid_of(kept.cell_id)
    due = dispute.follow_up_on if dispute else None
    grade = dispute.grade if dispute else None
    return {
        "id": kept.id,
        "number": kept.number,
        "category": kept.category_code,
        "category_name": row.category_name,
        "stage": row.stage,
        "grade": grade,
        "grade_name": grades[Grade(grade)].name if grade else None,
        **grid_place(grid),
        "address": kept.address,
        "mediator": row.mediator,
        "reported_at": kept.reported_at.astimezone(view.tz).isoformat(),
        "follow_up_on": _iso(due),
        "late": due is not None and due < today,
        "repeated": is_repeated(there[kept.id]),
        "merged": merged,
    }


def _clues(view: View, case_id: str) -> list[MergedClue]:
    """What was merged into a dispute, and into that in its turn, each with its own log."""
    clues: list[MergedClue] = []
    waiting, seen = [case_id], {case_id}
    while waiting:
        rows = view.session.execute(
            select(Case, Dispute)
            .join(Dispute, Dispute.case_id == Case.id)
            .where(Dispute.merged_into_id.in_(waiting))
            .order_by(Case.reported_at, Case.fid)
        ).all()
        waiting = [row.Case.id for row in rows if row.Case.id not in seen]
        seen |= set(waiting)
        clues += [
            {
                "id": row.Case.id,
                "number": row.Case.number,
                "address": row.Case.address,
                "description": row.Case.description,
                "reported_at": row.Case.reported_at.astimezone(view.tz).isoformat(),
                "parties": row.Dispute.parties,
                "log": _log(view, entries_of(view.session, row.Case.id)),
            }
            for row in rows
        ]
    return clues


def _log(view: View, rows: Sequence[DisputeEntry]) -> list[DisputeLogLine]:
    accounts = {row.account_id for row in rows if row.account_id}
    names = dict(
        view.session.execute(
            select(Account.id, Worker.name)
            .join(Worker, Worker.id == Account.worker_id)
            .where(Account.id.in_(accounts))
        ).all()
    )
    asked = {row.details["mediator"] for row in rows if "mediator" in row.details}
    workers = dict(view.session.execute(select(Worker.id, Worker.name).where(Worker.id.in_(asked))).all())
    return [
        {
            "at": row.at.astimezone(view.tz).isoformat(),
            "step": row.step,
            "from": row.from_stage,
            "to": row.to_stage,
            "who": names.get(row.account_id or ""),
            "text": row.text,
            "place": row.place,
            "people": row.people,
            "met_at": _moment(view, row.details.get("met_at")),
            "mediator": workers.get(row.details.get("mediator", "")),
            "grade": row.details.get("grade"),
            "outcome": row.details.get("outcome"),
            "channel": row.details.get("channel"),
            "holds": row.details.get("holds"),
        }
        for row in rows
    ]


def _moment(view: View, text: str | None) -> str | None:
    return datetime.fromisoformat(text).astimezone(view.tz).isoformat() if text else None


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def mediators_for(view: View, case_id: str, *, now: datetime) -> list[MediatorChoice]:
    """Whom to ask for a dispute; see `gisgrid.cases.mediation.mediators.suggested_mediators`.

    Raises
    ------
    NotAllowed
        The role handles no disputes.
    NotFound
        No such dispute within what the actor may see.
    """
    require(view.actor, Action.DISPUTES_HANDLE)
    return suggested_mediators(view, dispute_within(view, case_id, lock=False), now=now)
