"""Keeps what people answered, purpose by purpose, where it is not what they answered last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gisgrid.access.imports import ImportNotes
from gisgrid.people.core.edit_blanks import forget_edits, forget_edits_of_homes
from gisgrid.people.core.models import Consent
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.places.import_rows import batches, write
from gisgrid.storage.base import new_id

TEXT_UNKNOWN: Final = "imported"
"""In place of a text's version where a file doesn't say which text was read out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a household or a resident (an id) to one purpose."""

    subject: str
    purpose: str
    status: str
    asked_at: datetime
    text_version: str = TEXT_UNKNOWN


def add_household_answers(notes: ImportNotes, answers: Sequence[Answer]) -> int:
    """Add answers of households that differ from their last ones to the same purpose; gives how many."""
    return sum(_add(notes, batch, "household_id") for batch in batches(answers))


def add_resident_answers(notes: ImportNotes, answers: Sequence[Answer]) -> int:
    """Add answers of residents that differ from their last ones to the same purpose; gives how many."""
    return sum(_add(notes, batch, "resident_id") for batch in batches(answers))


def last_answers(
    session: Session, subject: InstrumentedAttribute[str | None], ids: Iterable[str]
) -> dict[tuple[str, str], str]:
    """The last answer of some households or residents, by their id and the purpose."""
    statement = (
        select(subject, Consent.purpose, Consent.status)
        .where(subject.in_(set(ids)))
        .order_by(Consent.asked_at, Consent.id)
    )
    return {(str(row[0]), row[1]): row[2] for row in session.execute(statement)}


def stays_refused(before: str | None, said: str | None) -> bool:
    """Whether a refusal that stands here outweighs what a file says: only asking again here lifts it."""
    return before in NO_CONSENT and said is not None and said not in NO_CONSENT


def _add(notes: ImportNotes, answers: Sequence[Answer], subject: str) -> int:
    last = last_answers(notes.session, getattr(Consent, subject), (answer.subject for answer in answers))
    rows: list[Mapping[str, Any]] = []
    for answer in answers:
        before = last.get((answer.subject, answer.purpose))
        if before == answer.status or stays_refused(before, answer.status):
            continue
        row = {"household_id": None, "resident_id": None, subject: answer.subject}
        rows.append(
            {
                "id": new_id(),
                **row,
                "purpose": answer.purpose,
                "status": answer.status,
                "text_version": answer.text_version,
                "asked_at": answer.asked_at,
                "asked_by": None,
            }
        )
    write(notes.session, Consent, key="id", fresh=rows, notes=notes)
    for said in rows:
        if said["status"] in NO_CONSENT:
            _forget(notes.session, said)
    return len(rows)


def _forget(session: Session, row: Mapping[str, Any]) -> None:
    if row["resident_id"] is not None:
        forget_edits(session, row["purpose"], residents=[row["resident_id"]])
    else:
        forget_edits_of_homes(session, row["purpose"], [row["household_id"]])
