"""Asking a household to register: each visit, who mediates, and rest after a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, Fault, InvalidInput
from gisgrid.people.consent.service import keep_answer
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.request_progress import check_rest, take_step
from gisgrid.people.core.request_rules import Mediator, RequestOutcome, RequestState
from gisgrid.people.core.rules import NO_CONSENT, ConsentStatus
from gisgrid.people.core.scope import answerable_household
from gisgrid.places.models import Household

_ANSWERS: Final = {
    RequestOutcome.GRANTED: ConsentStatus.GRANTED,
    RequestOutcome.REFUSED: ConsentStatus.REFUSED,
}
_STEPS: Final = frozenset(RequestOutcome) - {RequestOutcome.WITHDRAWN}
_LONGEST_NAME: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitInput:
    """What came of a visit or a mediation; ``mediator`` is a name and may be left out."""

    outcome: str
    mediator_kind: str | None = None
    mediator: str | None = None


def note_visit(view: View, household_id: str, visit: VisitInput, *, now: datetime) -> RequestState:
    """Note a step of asking a household to register, and say where the request stands then.

    The first one opens the request. ``granted`` and ``refused`` are the household's answer.

    Raises
    ------
    NotAllowed
        The role asks nobody.
    NotFound
        No such household within what the actor may ask.
    InvalidInput
        No such outcome, or a mediation without who mediates.
    Conflict
        The household rests after a refusal, has said no often enough, or is registered already.
    """
    require(view.actor, Action.REQUESTS_WORK)
    outcome, kind = _checked(visit)
    household = answerable_household(view, household_id, lock=True)
    _check_unregistered(household)
    check_rest(view, household.id)
    name = (visit.mediator or "").strip() or None
    request = take_step(view, household.id, outcome, mediator_kind=kind, mediator=name, now=now)
    if outcome in _ANSWERS:
        keep_answer(view, household, Purpose.REGISTRATION, _ANSWERS[outcome], now=now)
    record(
        view.session,
        view.actor,
        f"requests:{outcome}",
        "household",
        now=now,
        object_id=household.id,
        fields=("mediator_kind", "mediator") if kind else (),
    )
    return RequestState(request.state)


def _checked(visit: VisitInput) -> tuple[RequestOutcome, Mediator | None]:
    faults = []
    if visit.outcome not in _STEPS:
        faults.append(Fault(message="no such outcome of a visit", field="outcome"))
    if visit.mediator_kind and visit.mediator_kind not in set(Mediator):
        faults.append(Fault(message="no such kind of mediator", field="mediator_kind"))
    elif visit.outcome == RequestOutcome.MEDIATION and not visit.mediator_kind:
        faults.append(Fault(message="a mediation needs who mediates", field="mediator_kind"))
    if len((visit.mediator or "").strip()) > _LONGEST_NAME:
        faults.append(Fault(message="a name is at most 50 characters long", field="mediator"))
    if faults:
        raise InvalidInput(faults)
    return RequestOutcome(visit.outcome), Mediator(visit.mediator_kind) if visit.mediator_kind else None


def _check_unregistered(household: Household) -> None:
    if household.consent is not None and household.consent not in NO_CONSENT:
        raise Conflict("this household is registered already")
