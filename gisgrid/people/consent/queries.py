"""What a household has answered, per purpose, and the whole history of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Worker
from gisgrid.areas.view import View
from gisgrid.people.consent.texts import KeptText, all_texts
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import BY_DUTY, Purpose, PurposeText
from gisgrid.people.core.rules import ConsentStatus
from gisgrid.people.core.scope import answerable_household


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One answer: to which purpose and text, when, who asked; ``of_person`` where it is a person's own."""

    purpose: Purpose
    status: ConsentStatus
    text_version: str
    asked_at: datetime
    asked_by: str | None
    of_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRow:
    """A purpose with its text of today and the household's answer that holds, if anybody has asked.

    ``answered``: the older text it was given to, where that is not the one of today.
    """

    purpose: Purpose
    text: PurposeText
    answered: PurposeText | None
    answer: AnswerRow | None
    status: ConsentStatus | None
    by_duty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A household with its answers: the present one per purpose, and all of them, the newest first.

    ``verified_at``: when somebody was at its door last, to verify it or with a question. ``building``: the id
    of the building it stands in, where one is known.
    """

    household: str
    address: str
    building: str | None
    verified_at: datetime | None
    purposes: list[PurposeRow]
    history: list[AnswerRow]


def answers_of(view: View, household_id: str, *, now: datetime) -> Answers:
    """What a household has answered. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role records no answers.
    NotFound
        No such household within what the actor may ask.
    """
    require(view.actor, Action.CONSENT_RECORD)
    household = answerable_household(view, household_id)
    people = select(Resident.id).where(Resident.household_id == household.id)
    statement = (
        select(Consent, Worker.name)
        .outerjoin(Worker, Worker.id == Consent.asked_by)
        .where(
            (Consent.household_id == household.id) | Consent.resident_id.in_(people),
            Consent.purpose.in_(list(Purpose)),
        )
        .order_by(Consent.asked_at.desc(), Consent.id.desc())
    )
    history = [_row(answer, name) for answer, name in view.session.execute(statement)]
    present: dict[Purpose, AnswerRow] = {}
    for row in reversed([answer for answer in history if not answer.of_person]):
        present[row.purpose] = row
    record(
        view.session,
        view.actor,
        "consent:view",
        "household",
        now=now,
        object_id=household.id,
        fields=("consent",),
    )
    texts = all_texts(view.session)
    moments = [household.last_verified_at, *(answer.asked_at for answer in history if not answer.of_person)]
    return Answers(
        household=household.id,
        address=household.std_address,
        building=household.building_id,
        verified_at=max((at for at in moments if at is not None), default=None),
        purposes=[
            PurposeRow(
                purpose=purpose,
                text=texts[purpose][0].text,
                answered=_answered(texts[purpose], present.get(purpose)),
                answer=present.get(purpose),
                status=_status(purpose, present.get(purpose), household.consent),
                by_duty=purpose in BY_DUTY,
            )
            for purpose in Purpose
        ],
        history=history,
    )


def _answered(versions: Sequence[KeptText], answer: AnswerRow | None) -> PurposeText | None:
    """The older text an answer was given to, where its version is known here."""
    if answer is None:
        return None
    older = (kept.text for kept in versions[1:])
    return next((text for text in older if text.version == answer.text_version), None)


def _status(purpose: Purpose, answer: AnswerRow | None, registered: str | None) -> ConsentStatus | None:
    """The answer that holds; registration may have been imported without a history."""
    if purpose == Purpose.REGISTRATION:
        return ConsentStatus(registered) if registered else None
    return answer.status if answer else None


def _row(answer: Consent, name: str | None) -> AnswerRow:
    return AnswerRow(
        purpose=Purpose(answer.purpose),
        status=ConsentStatus(answer.status),
        text_version=answer.text_version,
        asked_at=answer.asked_at,
        asked_by=name,
        of_person=answer.resident_id is not None,
    )
