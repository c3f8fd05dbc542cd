"""A photo of a record, to whoever reads the answer that names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import undefer

from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.cases.photos.service import PhotoFile
from gisgrid.errors import NotFound
from gisgrid.records.core.record_models import RecordPhoto
from gisgrid.records.lists.answers import RecordAnswers
from gisgrid.records.lists.openings import is_told, opened_row

_SHORT: Final = 8


def open_record_photo(
    view: View, record_id: str, digest: str, *, small: bool, reason: str | None = None, now: datetime
) -> PhotoFile:
    """A photo of a record, whole or small. Opening a whole one leaves an audit entry, with the reason.

    Raises
    ------
    NotAllowed
        The role opens no records.
    NotFound
        No such record within the actor's scope, no such photo, or its answer isn't told: to heads before a
        reason, after a no to the question. Which of them is not said.
    """
    row = opened_row(view, record_id, reason=reason)
    answers = RecordAnswers(view, row)
    if not is_told(view, row, reason) or digest not in digests_in(answers.read()):
        raise NotFound("no such record")
    column = RecordPhoto.thumbnail if small else RecordPhoto.picture
    statement = select(RecordPhoto).where(
        RecordPhoto.record_id == row.record.id, RecordPhoto.digest == digest
    )
    photo = view.session.scalars(statement.options(undefer(column)).limit(1)).first()
    content = getattr(photo, column.key) if photo else None
    if not content:
        raise NotFound("no such record")
    if not small:
        why = (reason or "").strip() or None
        record(
            view.session,
            view.actor,
            "records:photo_view",
            "record",
            now=now,
            object_id=row.record.id,
            reason=why,
        )
    return PhotoFile(name=f"{row.record.form_code}-{row.record.day}-{digest[:_SHORT]}.jpg", jpeg=content)


def digests_in(answers: Mapping[str, Any]) -> frozenset[str]:
    """The texts among answers and rows of answers; a photo is told of where its digest is one of them."""
    return frozenset(_texts(answers.values()))


def _texts(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)
