"""Disputes of the demo: mediators, open ones at various stages, the course of the latest closed ones.

Every text and name is invented. The services keep the mediators and take the steps of open ones: their cases
go along. The steps of closed ones are written below the service, which takes none on a case that has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import select

from data.demo.history.clock import zone
from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from data.demo.tables import read_records
from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.models import Account, Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.workflow import OPEN_STATES, RUNNING_STATES, CaseState
from gisgrid.cases.disputes.case_guard import is_dispute
from gisgrid.cases.disputes.grades import DEFAULT, planned_days
from gisgrid.cases.disputes.models import Dispute
from gisgrid.cases.disputes.pipeline import STEPS, DisputeStep, Grade, MediationOutcome
from gisgrid.cases.disputes.store import SealedTexts, dispute_snapshot, event, write_dispute
from gisgrid.cases.mediation.mediators import MediatorFields, keep_mediator
from gisgrid.cases.mediation.service import DisputeStepInput, take_dispute
from gisgrid.days import day_of
from gisgrid.places.models import FacilityType

_EVERY: Final = 4
"""Every which of the members mediates; every second of them is found at a station."""
_SPECIALTIES: Final = ("neighbour_dispute", "family_dispute")
"""What the first mediators are good at; the others mediate everything."""
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
    head = next(
        (loading.ids["account"][account.name] for account in demo.accounts if account.role == Role.HEAD), None
    )
    members = sorted(
        (account for account in demo.accounts if account.role == Role.MEMBER),
        key=lambda account: account.name,
    )
    mediators = [loading.ids["account"][member.name] for member in members[::_EVERY]]
    if not mediators or head is None:
        return
    view = loading.view_as(head, loading.now)
    stations = [facility.key for facility in demo.facilities if facility.kind == FacilityType.SERVICE_STATION]
    for place, mediator in enumerate(mediators):
        fields = MediatorFields(
            specialties=_SPECIALTIES[place : place + 1],
            facility=loading.ids["facility"][stations[place % len(stations)]] if place % 2 else None,
        )
        keep_mediator(view, _worker(loading, mediator), fields, now=loading.now)
    _open_ones(loading, head, mediators)
    _closed_ones(loading, head, mediators)


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
            view = loading.view_as(head if line.by == "head" else mediator, when)
            given = DisputeStepInput(
                grade=line.grade,
                text=line.text,
                place=line.place,
                people=line.people,
                mediator=_worker(loading, mediator) if line.step is _S.ASK else None,
                met_at=when if line.step is _S.MEET else None,
            )
            take_dispute(view, case.id, line.step, given, now=when)


def _worker(loading: Loading, account: str) -> str:
    return loading.session.get_one(Account, account).worker_id or ""


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
            "planned": [visit.isoformat() for visit in planned_days(DEFAULT[Grade.GENERAL], day)],
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
            entry = event(snapshot, line.step, to, at, details[line.step])
            sealed = SealedTexts(text=line.text or None, place=line.place or None, people=line.people or None)
            write_dispute(loading.session, actor or Actor(), case.id, entry, sealed)
