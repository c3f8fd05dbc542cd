"""What goes with a no: one rule, whether it was told by hand or stands in a file.

A no to being registered takes name and phone of those it is about, a no to being called takes the phone. A
household that says no speaks for all its people, and its own number goes too. What is gone is forgotten
wherever an import noted what was there before, and taking an import back does not bring it again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.imports import ImportNotes, forget_former
from gisgrid.people.core.answers import last_answers
from gisgrid.people.core.edit_blanks import forget_edits, forget_edits_of_homes
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.core.scope import forget_contact
from gisgrid.places.import_rows import Change, batches, differences, stored_rows, whole_rows, write
from gisgrid.places.models import Household

GONE: Final[Mapping[str, tuple[str, ...]]] = {
    Purpose.REGISTRATION: ("name", "phone", "phone_digest"),
    Purpose.CONTACT: ("phone", "phone_digest"),
}
"""Fields of a resident that a no to a purpose takes."""


def gone_with(answers: Mapping[str, str | None]) -> dict[str, None]:
    """The fields of a resident that are empty under some answers, by purpose."""
    return {
        name: None for purpose, names in GONE.items() if answers.get(purpose) in NO_CONSENT for name in names
    }


def forget_refused(
    session: Session, household: Household, purpose: Purpose, resident_id: str | None = None
) -> None:
    """Empty what a household, or one person of it, has just said no to.

    Who is registered by duty of law keeps name and phone when registration is refused. The history and the
    clashes of hand edits lose what was kept for the purpose, whichever it is.
    """
    people = select(Resident).where(Resident.household_id == household.id, Resident.erased_at.is_(None))
    if resident_id is not None:
        people = people.where(Resident.id == resident_id)
    if purpose == Purpose.REGISTRATION:
        people = people.where(Resident.consent.in_(NO_CONSENT))
    residents = session.scalars(people).all()
    homes = [household.id] if resident_id is None else []
    forget_edits(session, purpose, households=homes, residents=[person.id for person in residents])
    if purpose not in GONE:
        return
    if resident_id is None:
        forget_contact(session, household)
    for person in residents:
        for name in GONE[purpose]:
            setattr(person, name, None)
    session.flush()
    forget_former(session, [person.id for person in residents])


def refuse_for_all(notes: ImportNotes, refused: Mapping[str, str]) -> None:
    """Let the no to being registered that households gave in a file hold for all their people.

    ``refused``: the answer by the id of the household. Noted with the import, so that it can be taken back
    but for what is gone.
    """
    gone = frozenset(GONE[Purpose.REGISTRATION])
    forget_edits_of_homes(notes.session, Purpose.REGISTRATION, refused)
    for few in batches(sorted(refused)):
        statement = whole_rows(Resident).where(Resident.household_id.in_(few), Resident.erased_at.is_(None))
        changes = []
        for row in stored_rows(notes.session, statement):
            values = {"consent": refused[row["household_id"]], **dict.fromkeys(gone)}
            if different := differences(row, values):
                changes.append(Change(key=row["id"], id=row["id"], stored=row, fresh=different, forgets=gone))
        forget_former(notes.session, [change.id for change in changes])
        write(notes.session, Resident, key="id", changes=changes, notes=notes)


def not_to_be_called(session: Session, households: Collection[str]) -> set[str]:
    """Which of some households have last said no to being called."""
    said = last_answers(session, Consent.household_id, households)
    return {
        household
        for (household, purpose), status in said.items()
        if purpose == Purpose.CONTACT and status in NO_CONSENT
    }
