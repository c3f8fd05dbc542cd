"""Disputes of the demo: mediators, open ones at various stages, the course of the latest closed ones.

Every text and name is invented. Steps of open ones are taken by the services: their cases go along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import select

from data.demo.history.clock import zone
from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from data.demo.tables import read_records
from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.models import Account, Duty, DutyKind, Role
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.models import Area, AreaName
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.cases.core.models import Case, WorkerSkill
from gisgrid.cases.core.workflow import OPEN_STATES, RUNNING_STATES, CaseState
from gisgrid.cases.disputes.case_guard import is_dispute
from gisgrid.cases.disputes.grades import DEFAULT, planned_days
from gisgrid.cases.disputes.models import MEDIATION, Dispute, MediatorProfile
from gisgrid.cases.disputes.pipeline import STEPS, DisputeStep, Grade, MediationOutcome
from gisgrid.cases.disputes.store import SealedTexts, dispute_snapshot, event, write_dispute
from gisgrid.cases.mediation.service import DisputeStepInput, take_dispute
from gisgrid.days import day_of
from gisgrid.places.models import Facility, FacilityType
from gisgrid.storage.base import valid_at

_EVERY: Final = 4
"""Every which of the primary members mediates."""
_CLOSED: Final = 12
_S: Final = DisputeStep
MEDIATED_IN: Final = tuple(state for state in RUNNING_STATES if state is not CaseState.REPORTED)
"""States of a case in which a mediator may be asked; what is merely reported stays a clue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLine:
    """A step of a course that a dispute may take: by whom, and in which words."""

    course: str
    by: str
    step: DisputeStep
    grade: Grade | None = None
    text: str = ""
    place: str = ""
    people: str = ""


def load_disputes(loading: Loading, demo: DemoCommunity) -> None:
    """Mediators, then what became of disputes; nothing where there are no mediators."""
    del demo
    mediators = list(_mediators(loading))
    head = min(accounts_of(loading.session, loading.community_id, {Role.HEAD}, now=loading.now), default=None)
    if not mediators or head is None:
        return
    _open_ones(loading, head, mediators)
    _closed_ones(loading, head, mediators)


def _mediators(loading: Loading) -> Iterator[str]:
    """Accounts of members who mediate; every second is found at a station."""
    session = loading.session
    inside = select(Area.id).where(Area.community_id == loading.community_id)
    rows = session.execute(
        select(Account.id, Account.worker_id)
        .join(Duty, Duty.worker_id == Account.worker_id)
        .where(
            Account.role == Role.MEMBER,
            Duty.kind == DutyKind.GRID_MEMBER,
            Duty.is_primary,
            Duty.area_id.in_(inside),
            valid_at(Duty, loading.now),
        )
        .order_by(Account.name)
    ).all()
    own = select(Facility.id).where(
        Facility.community_id == loading.community_id, Facility.type == FacilityType.SERVICE_STATION
    )
    stations = list(session.scalars(own.order_by(Facility.fid)))
    for place, row in enumerate(rows[::_EVERY]):
        station = stations[place % len(stations)] if place % 2 and stations else None
        special = ["neighbour_dispute"] if place == 0 else ["family_dispute"] if place == 1 else []
        session.add(WorkerSkill(worker_id=row.worker_id, skill=MEDIATION))
        session.add(MediatorProfile(worker_id=row.worker_id, specialties=special, facility_id=station))
        yield row.id
    session.flush()


def _cases(loading: Loading, *, is_open: bool) -> list[Case]:
    states = OPEN_STATES if is_open else (CaseState.CLOSED, CaseState.RATED)
    here = (Case.community_id == loading.community_id, is_dispute(), Case.state.in_(states))
    return list(
        loading.session.scalars(select(Case).where(*here).order_by(Case.reported_at.desc(), Case.number))
    )


def _course(name: str) -> list[DisputeLine]:
    lines = read_records(DisputeLine, "demo/load/dispute_courses")
    return [line for line in lines if line.course == name]


def _open_ones(loading: Loading, head: str, mediators: list[str]) -> None:
    """One stays a clue, one is being mediated, one waits for its follow-up, which is overdue."""
    cases = [case for case in _cases(loading, is_open=True) if case.state in MEDIATED_IN]
    for case, mediator, (course, days) in zip(
        cases, mediators, (("mediating", 3), ("settled", 20)), strict=False
    ):
        when = max(case.reported_at, loading.now - timedelta(days=days))
        for line in _course(course):
            view = _view(loading, head if line.by == "head" else mediator, when)
            given = DisputeStepInput(
                grade=line.grade,
                text=line.text,
                place=line.place,
                people=line.people,
                mediator=_worker(loading, mediator) if line.step is _S.ASK else None,
                met_at=when if line.step is _S.MEET else None,
            )
            take_dispute(view, case.id, line.step, given, now=when)


def _worker(loading: Loading, account: str) -> str | None:
    return loading.session.get_one(Account, account).worker_id


def _view(loading: Loading, account: str, when: datetime) -> View:
    actor = load_actor(loading.session, account, now=loading.now)
    named = select(AreaName.code).where(AreaName.area_id == loading.community_id, valid_at(AreaName, when))
    code = loading.session.scalars(named).one()
    return open_view(
        loading.session, actor or Actor(), ViewRequest(community=code), caches=Caches(), now=when, tz=zone()
    )


def _closed_ones(loading: Loading, head: str, mediators: list[str]) -> None:
    """The course of the latest closed ones; one of four was referred to court."""
    actor = load_actor(loading.session, head, now=loading.now)
    for place, case in enumerate(islice(_cases(loading, is_open=False), _CLOSED)):
        outcome = MediationOutcome.COURT if place % 4 == 3 else MediationOutcome.AGREED
        ended = case.closed_at or loading.now
        day = day_of(ended, zone())
        settled = {
            "outcome": outcome.value,
            "settled_on": day.isoformat(),
            "planned": [one.isoformat() for one in planned_days(DEFAULT[Grade.GENERAL], day)],
        }
        details: dict[DisputeStep, dict[str, Any]] = {
            _S.SORT: {"grade": Grade.GENERAL.value},
            _S.ASK: {"mediator": _worker(loading, mediators[place % len(mediators)])},
            _S.MEET: {"met_at": ended.isoformat()},
            _S.AGREE: settled,
            _S.FAIL: settled,
            _S.VISIT: {"channel": "phone", "holds": True},
            _S.CLOSE: {},
        }
        for line in _course(outcome):
            at = case.reported_at if line.step is _S.SORT else ended
            snapshot = dispute_snapshot(loading.session.get(Dispute, case.id))
            to = STEPS[snapshot.stage, line.step].leads_to(snapshot.stage)
            told = event(snapshot, line.step, to, at, details[line.step])
            sealed = SealedTexts(text=line.text or None, place=line.place or None, people=line.people or None)
            write_dispute(loading.session, actor or Actor(), case.id, told, sealed)
