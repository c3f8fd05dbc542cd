"""Records as they are sent: written once for each id, corrected, taken out; photos before their record."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request
from pydantic import AwareDatetime, BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.erasures import list_beside
from gisgrid.access.tokens import ApiPart
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.entries.corrections import correct_record, redact_record
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.outcomes import WrittenRecord
from gisgrid.records.entries.photos import put_photo
from gisgrid.records.entries.service import write_record
from gisgrid.records.lists.places import RecordPlaces, record_places
from gisgrid.records.lists.queries import RecordFilter, RecordList, list_records
from gisgrid.records.publication.queries import version_id_of
from web.answers import audited_view, json_answer, writing_view
from web.blueprints import Api
from web.context import now, services
from web.i18n import current_language
from web.request_models import Identified, PeriodQuery, PlaceQuery, SentReason

records_api = Api("records", __name__, part=ApiPart.PEOPLE)
_WRITE = Action.RECORDS_WRITE


class SentSubject(BaseModel):
    """Whom or what a record is about; a community by its kind alone."""

    kind: SubjectKind
    id: str | None = Field(default=None, max_length=36)


class SentRecord(BaseModel):
    """A filled form with an id (UUID) made by the sender; `bases` are the digests of a prefilled form."""

    id: str = Field(max_length=36)
    form: str = Field(max_length=40)
    version: int = Field(ge=1, le=100_000)
    subject: SentSubject
    day: date
    filled_at: AwareDatetime
    answers: dict[str, Any]
    bases: dict[str, str] = Field(default_factory=dict)
    task: str | None = Field(default=None, max_length=160)
    round: str | None = Field(default=None, max_length=36)


class SentCorrection(SentRecord):
    """A record that takes the place of another, and why."""

    reason: str = Field(max_length=400)


class FieldRowOutcome(TypedDict):
    """What came of an answer that stands for a field of the register."""

    field: str
    became: str
    person: str | None


class RecordAnswer(TypedDict):
    """A record that is kept; `not_met` is how often running nobody was met."""

    id: str
    is_attempt: bool
    became: list[FieldRowOutcome]
    not_met: int


class PhotoAnswer(TypedDict):
    """A photo that waits for its record."""

    digest: str


class TakenOut(TypedDict):
    """How many records were taken out."""

    count: int


class PhotoPath(BaseModel):
    """A photo by the SHA-256 of its bytes, in hexadecimal digits."""

    digest: str = Field(max_length=64)


class RecordFilterQuery(PeriodQuery):
    """Which records are wanted; without days those of the last month."""

    form: str | None = Field(default=None, max_length=40)
    grid: str | None = Field(default=None, max_length=60)
    place: str | None = Field(default=None, max_length=36, description="id of a building or a facility")

    @property
    def filter(self) -> RecordFilter:
        """In the core's form."""
        return RecordFilter(
            form=self.form, grid=self.grid, place=self.place, first=self.first, last=self.last
        )


class RecordsQuery(RecordFilterQuery):
    """Which records are listed, and which page of them."""

    page: int = Field(default=1, ge=1, le=10_000)


@records_api.get("/records", right=Action.RECORDS_VIEW, responses={"200": RecordList})
def listing(query: RecordsQuery) -> Response:
    """The records that hold within one's scope, the newest first, 200 a page; to heads with masked names."""
    with audited_view(query.view_request) as view:
        answer = list_records(view, query.filter, page=query.page, now=now())
    return json_answer(answer)


@records_api.get("/records/places", right=Action.RECORDS_VIEW, responses={"200": RecordPlaces})
def places(query: RecordFilterQuery) -> Response:
    """The buildings and facilities of those records with how many there are, for a map; no names."""
    with audited_view(query.view_request) as view:
        answer = record_places(view, query.filter, now=now())
    return json_answer(answer)


@records_api.post("/records", right=_WRITE, responses={"201": RecordAnswer, "200": RecordAnswer})
def write(query: PlaceQuery, body: SentRecord) -> Response:
    """Keep a filled form: the same again is 200, anything else under its id 409, every fault at once 422."""
    with writing_view(query.view_request) as view:
        written = write_record(view, _input(version_id_of(view, body.form, body.version), body), now=now())
    return _answer(written)


@records_api.post(
    "/records/<id>/correct",
    right=Action.RECORDS_CORRECT,
    responses={"201": RecordAnswer, "200": RecordAnswer},
)
def correct(path: Identified, query: PlaceQuery, body: SentCorrection) -> Response:
    """Let another record take the place of one: by its author within a week, later by staff and heads."""
    with writing_view(query.view_request) as view:
        sent = _input(version_id_of(view, body.form, body.version), body)
        written = correct_record(view, path.id, sent, body.reason, now=now())
    return _answer(written)


@records_api.post("/records/<id>/redact", right=Action.RECORDS_REDACT, responses={"200": TakenOut})
def redact(path: Identified, query: PlaceQuery, body: SentReason) -> Response:
    """Take a record out for good with all that corrects it; a restore does it again."""
    erasures = list_beside(services().settings.keys)
    with writing_view(query.view_request) as view:
        count = redact_record(view, path.id, body.reason, erasures=erasures, now=now())
    return json_answer({"count": count})


@records_api.put(
    "/photos/<digest>", right=_WRITE, takes_file=True, responses={"201": PhotoAnswer, "200": PhotoAnswer}
)
def photo(path: PhotoPath, query: PlaceQuery) -> Response:
    """Keep a photo, sent as its bytes (`image/jpeg`), until its record comes; what waited for a week goes."""
    sent = request.get_data(cache=False)
    with writing_view(query.view_request) as view:
        is_new = put_photo(view, path.digest, sent, now=now())
    answer: PhotoAnswer = {"digest": path.digest}
    return json_answer(answer, 201 if is_new else 200)


def _input(version_id: str, body: SentRecord) -> RecordInput:
    return RecordInput(
        id=body.id,
        version_id=version_id,
        subject=body.subject.kind,
        subject_id=body.subject.id,
        day=body.day,
        filled_at=body.filled_at,
        answers=body.answers,
        task_key=body.task,
        round_id=body.round,
        bases=body.bases,
        language=current_language(),
    )


def _answer(written: WrittenRecord) -> Response:
    answer: RecordAnswer = {
        "id": written.id,
        "is_attempt": written.is_attempt,
        "became": [
            {"field": outcome.field, "became": outcome.became, "person": outcome.person}
            for outcome in written.became
        ],
        "not_met": written.not_met,
    }
    return json_answer(answer, 201 if written.is_new else 200)
