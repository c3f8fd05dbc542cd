"""Photos of records: sent before their record, by digest, and kept with it once it is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session, undefer

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import View
from gisgrid.cases.photos.pictures import read_picture
from gisgrid.errors import Conflict, Fault, InvalidInput, say
from gisgrid.forms.answers.checks import AnsweredPhoto
from gisgrid.records.core.record_models import Record, RecordPhoto
from gisgrid.storage.base import new_id

_WAITS: Final = timedelta(days=7)
_MOST_WAITING: Final = 60


def put_photo(view: View, digest: str, sent: bytes, *, now: datetime) -> bool:
    """Keep a photo until its record comes; whether it is new. What waited for a week goes.

    Raises
    ------
    NotAllowed
        The role writes no records.
    InvalidInput
        It is no photo, or another one than its digest says.
    Conflict
        Too many wait already.
    """
    require(view.actor, Action.RECORDS_WRITE)
    picture = read_picture(sent)
    if picture.digest != digest:
        raise InvalidInput("the photo is another one than its digest says", field="digest")
    own = RecordPhoto.record_id.is_(None) & (RecordPhoto.author_account_id == view.actor.account_id)
    view.session.execute(
        delete(RecordPhoto)
        .where(RecordPhoto.record_id.is_(None), RecordPhoto.at < now - _WAITS)
        .execution_options(synchronize_session=False)
    )
    if view.session.scalar(select(RecordPhoto.id).where(own, RecordPhoto.digest == digest)):
        return False
    if (view.session.scalar(select(func.count()).select_from(RecordPhoto).where(own)) or 0) >= _MOST_WAITING:
        raise Conflict("too many photos wait for their records: send the records first")
    view.session.add(
        RecordPhoto(
            id=new_id(),
            author_account_id=view.actor.account_id,
            at=now,
            digest=digest,
            width=picture.width,
            height=picture.height,
            picture=picture.jpeg,
            thumbnail=picture.small,
        )
    )
    view.session.flush()
    return True


def photos_for(
    view: View, photos: Sequence[AnsweredPhoto], *, corrects: Record | None
) -> dict[str, RecordPhoto]:
    """The photos that answers name, by digest: those that wait, and those of the record that is corrected.

    Raises
    ------
    InvalidInput
        One has not come yet.
    """
    waits = RecordPhoto.record_id.is_(None) & (RecordPhoto.author_account_id == view.actor.account_id)
    of_former = RecordPhoto.record_id == (corrects.id if corrects else None)
    statement = select(RecordPhoto).where(
        RecordPhoto.digest.in_({photo.digest for photo in photos}), or_(waits, of_former)
    )
    loaded = statement.options(undefer(RecordPhoto.picture), undefer(RecordPhoto.thumbnail))
    there = {photo.digest: photo for photo in view.session.scalars(loaded) if photo.picture}
    missing = [
        Fault(message=say("this photo has not come yet"), field=f"answers.{photo.question}")
        for photo in photos
        if photo.digest not in there
    ]
    if missing:
        raise InvalidInput(missing)
    return there


def keep_photos(
    session: Session, record: Record, photos: Sequence[AnsweredPhoto], there: dict[str, RecordPhoto]
) -> None:
    """Put photos to their record; what waited goes."""
    for photo in photos:
        kept = there[photo.digest]
        session.add(
            RecordPhoto(
                id=new_id(),
                record_id=record.id,
                resident_id=record.resident_id,
                question=photo.question,
                author_account_id=record.author_account_id,
                at=kept.at,
                digest=kept.digest,
                width=kept.width,
                height=kept.height,
                picture=kept.picture,
                thumbnail=kept.thumbnail,
            )
        )
    for kept in there.values():
        if kept.record_id is None:
            session.delete(kept)
    session.flush()
