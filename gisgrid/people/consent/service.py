"""Recording an answer to a purpose, and what follows for the household, its people and the asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound
from gisgrid.people.consent.texts import current_text
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import BY_DUTY, Purpose
from gisgrid.people.core.refusals import forget_refused
from gisgrid.people.core.request_progress import check_rest, running_request, take_step
from gisgrid.people.core.request_rules import RequestOutcome
from gisgrid.people.core.rules import NO_CONSENT, ConsentStatus
from gisgrid.people.core.scope import answerable_household
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id

_OUTCOMES: Final = {
    ConsentStatus.GRANTED: RequestOutcome.GRANTED,
    ConsentStatus.REFUSED: RequestOutcome.REFUSED,
    ConsentStatus.WITHDRAWN: RequestOutcome.WITHDRAWN,
}

_FOR_ALL: Final = NO_CONSENT | {ConsentStatus.STATUTORY_DUTY}
"""Answers of a household that leave a person's own one no room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInput:
    """An answer to a purpose, for the household or for one person of it.

    ``unasked``: the household came by itself, so that its time of rest does not matter.
    """

    purpose: str
    status: str
    resident: str | None = None
    unasked: bool = False


def record_answer(view: View, household_id: str, answer: AnswerInput, *, now: datetime) -> None:
    """Keep an answer with the text it was given to, when, and who asked; earlier answers stay.

    An answer about registration decides whether the people are shown and counted at all. A refusal starts
    the household's time of rest.

    Raises
    ------
    NotAllowed
        The role records no answers.
    NotFound
        No such household within what the actor may ask, or no such person in it.
    InvalidInput
        No such purpose or answer, or one that this purpose or this account can't give.
    Conflict
        The household rests after a refusal, or withdraws what it never granted.
    """
    require(view.actor, Action.CONSENT_RECORD)
    purpose, status = _checked(view, answer)
    household = answerable_household(view, household_id, lock=True)
    if answer.resident is not None:
        _person_of(view.session, household, answer.resident)
    unasked = answer.unasked or view.actor.role == Role.RESIDENT
    is_registration = purpose == Purpose.REGISTRATION and answer.resident is None
    if is_registration and status in {ConsentStatus.GRANTED, ConsentStatus.REFUSED} and not unasked:
        check_rest(view, household.id)
    if status == ConsentStatus.WITHDRAWN:
        _check_granted(view.session, household, purpose, answer.resident)
    keep_answer(view, household, purpose, status, resident_id=answer.resident, now=now)
    if is_registration:
        _move_request_on(view, household.id, status, now=now)


def _move_request_on(view: View, household_id: str, status: ConsentStatus, *, now: datetime) -> None:
    """A no begins the time of rest, even where nobody had asked; all else ends a running request."""
    request = running_request(view.session, household_id)
    if status in NO_CONSENT or (request is not None and status == ConsentStatus.GRANTED):
        take_step(view, household_id, _OUTCOMES[status], now=now)
    elif request is not None:
        request.closed_at = now
        view.session.flush()


def keep_answer(
    view: View,
    household: Household,
    purpose: Purpose,
    status: ConsentStatus,
    *,
    resident_id: str | None = None,
    now: datetime,
) -> None:
    """Add the answer to the history, let it take effect, and leave the audit entry. Asks no right."""
    row = Consent(
        id=new_id(),
        household_id=None if resident_id else household.id,
        resident_id=resident_id,
        purpose=purpose,
        status=status,
        text_version=current_text(view.session, purpose).version,
        asked_at=now,
        asked_by=view.actor.worker_id,
    )
    view.session.add(row)
    view.session.flush()
    if purpose == Purpose.REGISTRATION:
        _take_effect(view.session, household, status, resident_id)
    if status in NO_CONSENT:
        forget_refused(view.session, household, purpose, resident_id)
    record(
        view.session,
        view.actor,
        "consent:record",
        "resident" if resident_id else "household",
        now=now,
        object_id=resident_id or household.id,
        fields=(f"consent.{purpose}",),
    )
    touch(view.session, [household.community_id])
    view.session.flush()


def _checked(view: View, answer: AnswerInput) -> tuple[Purpose, ConsentStatus]:
    faults = []
    if answer.purpose not in set(Purpose):
        faults.append(Fault(message="no such purpose", field="purpose"))
    if answer.status not in set(ConsentStatus):
        faults.append(Fault(message="no such answer", field="status"))
    elif answer.status == ConsentStatus.STATUTORY_DUTY:
        if view.actor.role == Role.RESIDENT:
            faults.append(Fault(message="a duty by law is recorded by the community", field="status"))
        elif answer.purpose in set(Purpose) - BY_DUTY:
            faults.append(Fault(message="no law requires this purpose", field="status"))
    if faults:
        raise InvalidInput(faults)
    return Purpose(answer.purpose), ConsentStatus(answer.status)


def _person_of(session: Session, household: Household, resident_id: str) -> None:
    statement = select(Resident.id).where(
        Resident.id == resident_id, Resident.household_id == household.id, Resident.erased_at.is_(None)
    )
    if session.scalar(statement) is None:
        raise NotFound("no such person in this household")


def _check_granted(session: Session, household: Household, purpose: Purpose, resident_id: str | None) -> None:
    last = last_answer(session, purpose, household_id=household.id, resident_id=resident_id)
    if last is None and purpose == Purpose.REGISTRATION and resident_id is None:
        last = household.consent
    if last != ConsentStatus.GRANTED:
        raise Conflict("only a consent that was granted can be withdrawn")


def last_answer(
    session: Session, purpose: Purpose, *, household_id: str, resident_id: str | None = None
) -> str | None:
    """The answer that holds now; a person without an answer of one's own goes by the household's."""
    subjects = [Consent.resident_id == resident_id] if resident_id else []
    for subject in (*subjects, Consent.household_id == household_id):
        statement = select(Consent.status).where(subject, Consent.purpose == purpose)
        latest = statement.order_by(Consent.asked_at.desc(), Consent.id.desc()).limit(1)
        if (status := session.scalar(latest)) is not None:
            return status
    return None


def _take_effect(
    session: Session, household: Household, status: ConsentStatus, resident_id: str | None
) -> None:
    """Who refuses for the household speaks for all; who grants leaves each person's own answer as it is."""
    if resident_id is None:
        household.consent = status
    people = select(Resident).where(Resident.household_id == household.id, Resident.erased_at.is_(None))
    if resident_id is not None:
        people = people.where(Resident.id == resident_id)
    own = _own_answers(session, household.id)
    for person in session.scalars(people):
        holds_for_all = household.consent in _FOR_ALL and household.consent
        person.consent = holds_for_all or own.get(person.id) or status
    session.flush()


def _own_answers(session: Session, household_id: str) -> dict[str, str]:
    """The last answer about registration of each person of a household who has given one."""
    statement = (
        select(Consent.resident_id, Consent.status)
        .join(Resident, Resident.id == Consent.resident_id)
        .where(Resident.household_id == household_id, Consent.purpose == Purpose.REGISTRATION)
        .order_by(Consent.asked_at, Consent.id)
    )
    return {str(person): status for person, status in session.execute(statement)}
