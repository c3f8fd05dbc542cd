"""Records as they are read: one with its answers, and the time line of a household."""

from __future__ import annotations

from typing import Literal

from flask import Response
from pydantic import Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.records.lists.card import RecordOpened, record_of
from gisgrid.records.lists.case_links import records_of_case
from gisgrid.records.lists.lines import RecordLine
from gisgrid.records.lists.pictures import open_record_photo
from gisgrid.records.lists.timeline import HouseholdRecords, records_of_household
from web.answer_models import Rows, file_response
from web.answers import audited_view, json_answer
from web.blueprints import Api
from web.context import now
from web.request_models import Identified, PlaceQuery, SentReason

record_lists_api = Api("record_lists", __name__, part=ApiPart.PEOPLE)
_VIEW = Action.RECORDS_VIEW
_OF_HOME = "/households/<id>/records"
_PHOTO = "/records/<id>/photos/<digest>"
_JPEG = file_response("image/jpeg", "JPEG without metadata")


class RecordPhotoPath(Identified):
    """A photo of a record by the digest that an answer names."""

    digest: str = Field(max_length=64)


class PhotoQuery(PlaceQuery):
    """Whole, or the small one."""

    size: Literal["small"] | None = None


@record_lists_api.get("/records/<id>", right=_VIEW, responses={"200": RecordOpened})
def opened(path: Identified, query: PlaceQuery) -> Response:
    """A record with its form and its answers; to heads without answers, where people are told of."""
    with audited_view(query.view_request) as view:
        answer = record_of(view, path.id, now=now())
    return json_answer(answer)


@record_lists_api.post("/records/<id>", right=_VIEW, reads=True, responses={"200": RecordOpened})
def opened_with_reason(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads the answers and is kept."""
    with audited_view(query.view_request) as view:
        answer = record_of(view, path.id, reason=body.reason, now=now())
    return json_answer(answer)


@record_lists_api.get(_PHOTO, right=_VIEW, responses=_JPEG)
def photo(path: RecordPhotoPath, query: PhotoQuery) -> Response:
    """A photo of a record as JPEG, `size=small` the one for lists; heads need a reason."""
    return _photo(path, query, None)


@record_lists_api.post(_PHOTO, right=_VIEW, reads=True, responses=_JPEG)
def photo_with_reason(path: RecordPhotoPath, query: PhotoQuery, body: SentReason) -> Response:
    """The same with a reason, which is kept."""
    return _photo(path, query, body.reason)


@record_lists_api.get(_OF_HOME, right=_VIEW, responses={"200": HouseholdRecords})
def of_household(path: Identified, query: PlaceQuery) -> Response:
    """The records of a household and its people, the newest first, and the last visit; heads learn the day.

    Residents learn form, day and who came, of their own household.
    """
    with audited_view(query.view_request) as view:
        answer = records_of_household(view, path.id, now=now())
    return json_answer(answer)


@record_lists_api.post(
    "/households/<id>/records", right=_VIEW, reads=True, responses={"200": HouseholdRecords}
)
def of_household_opened(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """The same with a reason, which shows heads the lines and is kept."""
    with audited_view(query.view_request) as view:
        answer = records_of_household(view, path.id, reason=body.reason, now=now())
    return json_answer(answer)


@record_lists_api.get("/cases/<id>/records", right=_VIEW, responses={"200": Rows[RecordLine]})
def of_case(path: Identified, query: PlaceQuery) -> Response:
    """The records that name a case, to members and staff of the grids of their subjects."""
    with audited_view(query.view_request) as view:
        rows = records_of_case(view, path.id, now=now())
    return json_answer({"rows": rows})


def _photo(path: RecordPhotoPath, query: PhotoQuery, reason: str | None) -> Response:
    with audited_view(query.view_request) as view:
        small = query.size == "small"
        shown = open_record_photo(view, path.id, path.digest, small=small, reason=reason, now=now())
    response = Response(shown.jpeg, content_type="image/jpeg")
    response.headers.set("Content-Disposition", "inline", filename=shown.name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
