"""Taking text and photos of a case out for good, where they tell of a person what nobody should keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.erasures import Erased, blank, note_erased
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import case_within
from gisgrid.cases.core.store import write_note
from gisgrid.cases.disputes.models import Dispute, DisputeEntry
from gisgrid.errors import InvalidInput

TEXTS: Final = {
    "description": ("case_errand.text", "case_file.description", "case_file.public_description"),
    "result": ("case_errand.result", "case_file.result"),
    "notes": (
        "case_log.text",
        "dispute.agreement",
        "dispute.parties",
        "dispute_entry.people",
        "dispute_entry.place",
        "dispute_entry.text",
        "evaluation_case.note",
    ),
    "photos": ("case_photo.picture", "case_photo.thumbnail"),
    "contact": ("case_file.reporter_contact",),
}
"""What can be taken out, and the columns that hold it; with the notes also what is sealed of a dispute."""
_STEP: Final = "redact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactable:
    """A case whose texts can be taken out: id, number and address."""

    id: str
    number: str
    address: str | None


def redactable(view: View, case_id: str) -> Redactable:
    """The case to confirm it for.

    Raises
    ------
    NotAllowed
        The role takes nothing out.
    NotFound
        No such case within what the actor may see.
    """
    case = _case(view, case_id, lock=False)
    return Redactable(id=case.id, number=case.number, address=case.address)


def redact(view: View, case_id: str, texts: Sequence[str], *, erasures: Path, now: datetime) -> None:
    """Take description, result (and its note), notes, photos or the reporter's phone of a case out for good.

    The case stays with its place, category and times; the list outside the backup remembers what was taken
    out, so that a restore does it again.

    Raises
    ------
    NotAllowed
        The role takes nothing out.
    NotFound
        No such case within what the actor may see.
    InvalidInput
        Nothing is named, or something that is no text of a case.
    """
    case = _case(view, case_id, lock=True)
    if not texts or set(texts) - TEXTS.keys():
        raise InvalidInput("say which texts: description, result, notes, photos, contact", field="texts")
    columns = tuple(sorted({column for text in texts for column in TEXTS[text]}))
    if "result" in texts:  # closing a case writes its result into the log too
        columns = tuple(sorted({*columns, "case_log.text"}))
    erased = Erased(table=Case.__tablename__, id=case.id, at=now, columns=columns)
    blank(view.session, erased)
    view.session.expire(case, ["description", "public_description", "result", "reporter_contact"])
    for kept in view.session:
        if isinstance(kept, (Dispute, DisputeEntry)):
            view.session.expire(kept)
    write_note(view.session, view.actor, case, _STEP, now=now)
    record(
        view.session,
        view.actor,
        "cases:redact",
        "case",
        now=now,
        object_id=case.id,
        fields=[column.partition(".")[2] for column in columns],
    )
    touch(view.session, [case.community_id])
    view.session.flush()
    note_erased(erasures, [erased])


def _case(view: View, case_id: str, *, lock: bool) -> Case:
    require(view.actor, Action.CASES_REDACT)
    return case_within(view, case_id, lock=lock)
