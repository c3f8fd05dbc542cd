"""The demo holds an answer for everything it shows of people: phones, needs and who visits."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.people.core.purposes import BUILT_IN, FORMER, VISIT_NEEDS, Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.storage.engine import Database
from gisgrid.welfare.models import AssignedVisitor


def answers(session: Session) -> dict[tuple[str, str], str]:
    """The last answer by household or person and purpose."""
    statement = select(Consent).order_by(Consent.asked_at, Consent.id)
    return {
        (str(one.resident_id or one.household_id), one.purpose): one.status
        for one in session.scalars(statement)
    }


def without(session: Session, purpose: Purpose, people: Iterable[Resident]) -> int:
    """How many of some people stand there without a yes or a duty by law, own or the household's."""
    said = answers(session)
    status = [said.get((one.id, purpose)) or said.get((one.household_id, purpose)) for one in people]
    return sum(one is None or one in NO_CONSENT for one in status)


def test_every_phone_need_and_visit_has_its_answer(demo: Database) -> None:
    with demo.read() as session:
        phones = session.scalars(select(Resident).where(Resident.phone.is_not(None))).all()
        needs = session.execute(select(Resident, Need.kind).join(Need, Need.resident_id == Resident.id)).all()
        visited = session.scalars(
            select(Resident).join(AssignedVisitor, AssignedVisitor.resident_id == Resident.id)
        ).all()
        assert len(phones) == 9216
        assert without(session, Purpose.CONTACT, phones) == 0
        alone = [person for person, kind in needs if kind in VISIT_NEEDS]
        other = [person for person, kind in needs if kind not in VISIT_NEEDS]
        assert alone
        assert other
        assert visited
        assert without(session, Purpose.ELDER_VISITS, [*alone, *visited]) == 0
        assert without(session, Purpose.SENSITIVE_NEEDS, other) == 0


def test_the_answers_were_given_to_texts_that_can_still_be_read(demo: Database) -> None:
    known = {(purpose, text.version) for purpose, text in BUILT_IN.items()}
    known |= {(purpose, text.version) for purpose, texts in FORMER.items() for text in texts}
    with demo.read() as session:
        given = session.execute(select(Consent.purpose, Consent.text_version).distinct()).all()
        askers = session.scalars(select(Consent.id).where(Consent.asked_by.is_(None))).all()
    assert {(Purpose(purpose), version) for purpose, version in given} <= known
    assert askers == []
