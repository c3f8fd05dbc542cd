"""Photos that come to the interface as base64, with a report or for a case that is being handled."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from flask import Response
from pydantic import Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import ViewRequest
from gisgrid.cases.intake.receipts import community_of
from gisgrid.cases.photos.models import PhotoKind
from gisgrid.cases.photos.pictures import MOST_MB, Picture, read_picture
from gisgrid.cases.photos.service import MOST_IN_REPORT, PhotoRow, add_photo, photo_faults, photos_of
from gisgrid.errors import Fault, InvalidInput, say
from web.answer_models import Rows
from web.answers import json_answer, writing_view
from web.blueprints import Api
from web.context import current_actor, now, read_session
from web.idempotency import check_author
from web.request_models import Identified, PlaceQuery, Written

photos_api = Api("photos", __name__, part=ApiPart.CASES)


class SentPhoto(Written):
    """A photo of the handling of a case."""

    kind: PhotoKind = Field(description="before or after the handling")
    photo: str = Field(description=f"JPEG, PNG or WebP in base64, at most {MOST_MB} MB")


@photos_api.post("/cases/<id>/photos", right=Action.CASES_HELP, responses={"201": Rows[PhotoRow]})
def add(path: Identified, query: PlaceQuery, body: SentPhoto) -> Response:
    """Put a photo of the place before or after the handling to a case; the same one again changes nothing."""
    check_author(body.written_by)
    code = query.community or community_of(read_session(), current_actor(), path.id, now=now())
    picture = pictures_of([body.photo])[0]
    with writing_view(ViewRequest(community=code)) as view:
        add_photo(view, path.id, body.kind, picture, now=now())
        rows = photos_of(view, path.id)
    return json_answer({"rows": rows}, 201)


def pictures_of(sent: Sequence[str]) -> tuple[Picture, ...]:
    """Clean pictures from base64, read before anything is locked.

    Raises
    ------
    InvalidInput
        There are too many, or one can't be taken; ``row`` says which.
    """
    if len(sent) > MOST_IN_REPORT:
        raise InvalidInput(say("a report has at most {most} photos", most=MOST_IN_REPORT), field="photos")
    pictures, faults = [], list[Fault]()
    for row, text in enumerate(sent, start=1):
        try:
            pictures.append(read_picture(base64.b64decode(text, validate=True)))
        except InvalidInput as error:
            faults += [Fault(message=fault.message, row=row, field="photos") for fault in error.faults]
        except ValueError:  # letters that base64 hasn't, or none of the alphabet at all
            faults.append(
                Fault(message="this is no photo that can be read: JPEG, PNG or WebP", row=row, field="photos")
            )
    faults += photo_faults(pictures)
    if faults:
        raise InvalidInput(faults)
    return tuple(pictures)
