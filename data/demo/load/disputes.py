"""Disputes of the demo: mediators, open ones at various stages, the course of the latest closed ones.

Every text and name is invented. Steps of open ones are taken by the services: their cases go along.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import select

from data.demo.history.clock import zone
from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
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
_PEOPLE: Final = "示例甲、示例乙"
_S: Final = DisputeStep
MEDIATED_IN: Final = tuple(state for state in RUNNING_STATES if state is not CaseState.REPORTED)
"""States of a case in which a mediator may be asked; what is merely reported stays a clue."""


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


def _open_ones(loading: Loading, head: str, mediators: list[str]) -> None:
    """One stays a clue, one is being mediated, one waits for its follow-up, which is overdue."""
    cases = [case for case in _cases(loading, is_open=True) if case.state in MEDIATED_IN]
    for case, mediator, is_settled in zip(cases, mediators, (False, True), strict=False):
        when = max(case.reported_at, loading.now - timedelta(days=20 if is_settled else 3))
        _work(loading, case, head, mediator, when=when, is_settled=is_settled)


def _work(
    loading: Loading, case: Case, head: str, mediator: str, *, when: datetime, is_settled: bool
) -> None:
    session = loading.session
    grade = Grade.COMPLEX if is_settled else Grade.MAJOR
    worker = session.get_one(Account, mediator).worker_id
    met = {"met_at": when, "place": "居委会调解室", "people": "双方当事人、网格员"}
    steps: list[tuple[str, DisputeStep, dict[str, Any]]] = [
        (head, _S.SORT, {"grade": grade, "people": _PEOPLE}),
        (head, _S.ASK, {"mediator": worker}),
        (mediator, _S.MEET, {**met, "text": "双方各说了经过,愿意再谈一次。"}),
    ]
    if is_settled:
        steps.append((mediator, _S.AGREE, {"text": "晚上十点以后不再装修,公共过道三日内清空。"}))
    for account, step, given in steps:
        view = _view(loading, account, when)
        take_dispute(view, case.id, step, DisputeStepInput(**given), now=when)


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
        worker = loading.session.get_one(Account, mediators[place % len(mediators)]).worker_id
        outcome = MediationOutcome.COURT if place % 4 == 3 else MediationOutcome.AGREED
        ended = case.closed_at or loading.now
        day = day_of(ended, zone())
        settled = {
            "outcome": outcome.value,
            "settled_on": day.isoformat(),
            "planned": [one.isoformat() for one in planned_days(DEFAULT[Grade.GENERAL], day)],
        }
        last = _S.AGREE if outcome is MediationOutcome.AGREED else _S.FAIL
        text = "各让一步,不再争执。" if outcome is MediationOutcome.AGREED else "一方坚持走法律程序。"
        lines: list[tuple[DisputeStep, dict[str, Any], SealedTexts]] = [
            (_S.SORT, {"grade": Grade.GENERAL.value}, SealedTexts(people=_PEOPLE)),
            (_S.ASK, {"mediator": worker}, SealedTexts()),
            (
                _S.MEET,
                {"met_at": ended.isoformat()},
                SealedTexts(text="当面谈了一次。", place="上门", people="双方"),
            ),
            (last, settled, SealedTexts(text=text)),
            (_S.VISIT, {"channel": "phone", "holds": True}, SealedTexts()),
            (_S.CLOSE, {}, SealedTexts()),
        ]
        for step, details, sealed in lines:
            at = case.reported_at if step is _S.SORT else ended
            snapshot = dispute_snapshot(loading.session.get(Dispute, case.id))
            to = STEPS[snapshot.stage, step].leads_to(snapshot.stage)
            told = event(snapshot, step, to, at, details)
            write_dispute(loading.session, actor or Actor(), case.id, told, sealed)
